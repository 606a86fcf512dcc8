// The keys that providers list and Keyturn does not hold, as its audit function finds them with the issuer credentials.
import { randomBytes } from 'node:crypto';
import type { NotCovered, PartAnswer, Print } from '../../core/audit/finding';
import { type AskPage, pagesOf } from '../../core/audit/parts';
import { isProvider, type ProviderName, providers } from '../../lib/config/providers';
import { shownName } from '../hosts/host-texts';
import type { Terminal } from '../terminal/terminal';
import type { FoundKey } from './proposal';

export interface ProviderKeys {
  keys: FoundKey[];
  notCovered: NotCovered[];
  /** Of what Keyturn holds, so that its own keys are known wherever they are found. */
  prints: Print[];
  salt: string;
}

export async function foundAtProviders(
  ask: AskPage,
  asked: readonly ProviderName[],
  terminal: Pick<Terminal, 'overwrite' | 'redraws'>,
): Promise<ProviderKeys> {
  const salt = randomBytes(32).toString('hex');
  const answers: PartAnswer[] = [];
  for (const part of ['keys', ...asked.map(provider => `provider:${provider}`)]) {
    terminal.overwrite(`asking for the part ${part}${terminal.redraws ? '' : '\n'}`);
    for await (const answer of pagesOf(ask, { part, salt })) answers.push(answer);
  }
  if (terminal.redraws) terminal.overwrite('');
  return {
    keys: answers.flatMap(({ findings }) =>
      findings.flatMap(({ listed }) => (listed ? foundKey(listed) : [])),
    ),
    notCovered: answers.flatMap(({ notCovered }) => notCovered),
    prints: answers.flatMap(({ prints }) => prints),
    salt,
  };
}

function foundKey({
  provider,
  id,
  name,
  scopes,
  lastUsedAt,
  settings,
}: NonNullable<PartAnswer['findings'][number]['listed']>): FoundKey[] {
  if (!isProvider(provider)) return [];
  const { title } = providers[provider];
  const shown = name === undefined ? undefined : shownName(name);
  const called = shown === undefined ? '' : `, called ${JSON.stringify(shown)}`;
  return [
    {
      provider,
      calledAfter: shown ?? provider,
      keyId: id,
      settings,
      places: [`the key ${id} at ${title}${called}`],
      ...(scopes && { scopes }),
      ...(lastUsedAt !== undefined && { lastUsedAt }),
    },
  ];
}

/** One entry for a key that stands in a file and in a list: its provider tells more of it, and the file its server. */
export function mergeFound(onHosts: readonly FoundKey[], atProviders: readonly FoundKey[]): FoundKey[] {
  const isSame = (one: FoundKey, other: FoundKey) =>
    one.provider === other.provider && one.keyId !== undefined && one.keyId === other.keyId;
  return [
    ...onHosts.map(key => {
      const listed = atProviders.find(other => isSame(key, other));
      return listed ? { ...listed, ...key, places: [...key.places, ...listed.places] } : key;
    }),
    ...atProviders.filter(key => !onHosts.some(other => isSame(key, other))),
  ];
}
