// What the provider itself says of a key that a person brings in, asked with the issuer credential: whether it is there, whose it is,
// and what it may do.
import { randomBytes } from 'node:crypto';
import type { Connector } from '../../connectors/contract/connector';
import type { ListedThere } from '../../core/audit/finding';
import { scopesBeyond } from '../../core/audit/scopes';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import { quoted } from '../../lib/config/problems/problem';
import type { Aws } from '../aws/aws';
import { auditFunction } from '../aws/functions/audit-function';
import type { Terminal } from '../terminal/terminal';

/**
 * Where the provider cannot be asked, that is said, and nothing is refused.
 * @throws {KeyturnError} refused, where its list says that this is no key for this place
 */
export async function refuseUnlisted(
  aws: Aws,
  key: Key,
  { connector, keyId }: { connector: Connector; keyId: string },
  { err }: Pick<Terminal, 'err'>,
): Promise<void> {
  if (!keepsList(connector)) return;
  const answer = await askFor(aws, shortName(key.address), keyId);
  if ('why' in answer) {
    err(`Not checked whether ${connector.title} lists the key ${keyId}: ${answer.why}\n`);
    return;
  }
  const wrong = reasonUnfit(answer.listed, key, connector.title, keyId);
  if (wrong !== undefined) throw new KeyturnError('refused', wrong);
}

function keepsList(connector: Connector): boolean {
  return connector.kind === 'revoke-only' ? connector.revoker.by === 'issuer' : 'list' in connector;
}

async function askFor(
  aws: Aws,
  name: string,
  keyId: string,
): Promise<{ listed: ListedThere } | { why: string }> {
  try {
    const salt = randomBytes(32).toString('hex');
    const { listed, notCovered } = await auditFunction(aws)({ part: `place:${name}`, salt, keyId });
    return listed ? { listed } : { why: notCovered.map(({ why }) => why).join('; ') };
  } catch (error) {
    if (error instanceof KeyturnError) return { why: error.message };
    throw error;
  }
}

/** @returns why not, and what to do; `undefined` where it fits */
export function reasonUnfit(
  { isListed, madeFor, scopes }: ListedThere,
  { address, spec }: Pick<Key, 'address' | 'spec'>,
  title: string,
  keyId: string,
): string | undefined {
  const name = shortName(address);
  if (!isListed)
    return `${title} lists no key ${keyId} in the place that the settings of ${name} name, so Keyturn could not end it, and nothing was stored; check the id, the settings, and that the issuer credential is of the same account. Where it was made just now, try again in some minutes`;
  if (madeFor !== undefined && madeFor !== name)
    return `the key ${keyId} is named at ${title} like one that Keyturn made for ${madeFor}, so nothing was stored; create one for ${name} alone`;
  const missing = scopes && scopesBeyond(spec.scopes, scopes);
  return missing?.length
    ? `${title} says that the key ${keyId} lacks ${quoted(missing)}, which the configuration asks for, so nothing was stored; create one with ${quoted(spec.scopes)}`
    : undefined;
}
