// One key in two secrets: a rotation of the one would end the other's. So would an id that is another key's.
import { randomBytes } from 'node:crypto';
import { type Holder, keyAtProvider, type Print } from '../../core/audit/finding';
import { pagesOf } from '../../core/audit/parts';
import { printOf } from '../../core/audit/same-key';
import { KeyturnError } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import type { Aws } from '../aws/aws';
import { auditFunction } from '../aws/functions/audit-function';
import type { Terminal } from '../terminal/terminal';

/**
 * Where the audit function cannot be asked, that is said, and nothing is refused.
 * @param name of the key that the value is for
 * @throws {KeyturnError} refused
 */
export async function refuseHeldElsewhere(
  aws: Aws,
  name: string,
  value: SecretValue,
  { err }: Pick<Terminal, 'err'>,
): Promise<void> {
  const salt = randomBytes(32).toString('hex');
  const print = printOf(value.secret, salt);
  try {
    const what = heldElsewhere(name, value, print, await printsOf(aws, salt));
    if (what === undefined) return;
    throw new HeldElsewhere(name, what);
  } catch (error) {
    if (error instanceof HeldElsewhere || !(error instanceof KeyturnError)) throw error;
    err(`Not checked whether another secret of ${aws.environment.name} holds this key: ${error.message}\n`);
  }
}

class HeldElsewhere extends KeyturnError {
  constructor(name: string, what: string) {
    super(
      'refused',
      `${what}, so nothing was stored; give each server a key of its own, such as \`npx keyturn issue ${name}\` makes`,
    );
  }
}

/** Of the keys and issuer credentials of the environment. */
async function printsOf(aws: Aws, salt: string): Promise<Print[]> {
  const prints: Print[] = [];
  for await (const page of pagesOf(auditFunction(aws), { part: 'keys', salt })) prints.push(...page.prints);
  return prints;
}

/** @returns what it is; `undefined` where nothing else holds it */
export function heldElsewhere(
  name: string,
  { provider, keyId }: Pick<SecretValue, 'provider' | 'keyId'>,
  print: string,
  held: readonly Print[],
): string | undefined {
  const others = held.filter(({ holder }) => holder.kind !== 'key' || holder.key !== name);
  const same = others.find(each => each.print === print);
  if (same) return holderInWords(same.holder);
  const atProvider = keyAtProvider(provider, keyId);
  const owner = others.find(({ holder }) => holder.kind === 'key' && holder.atProvider === atProvider);
  return owner?.holder.kind === 'key'
    ? `the id ${keyId} is that of the key of ${owner.holder.key}`
    : undefined;
}

function holderInWords(holder: Holder): string {
  if (holder.kind === 'key') return `this is the key of ${holder.key} already`;
  return 'this is an issuer credential, which no server may have';
}
