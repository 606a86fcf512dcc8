// What an order to end keys would do, before anybody says yes: every key where they are few, else their counts.
import { shortName } from '../../core/key/key-address';
import type { Environment, Key } from '../../lib/config/config';
import { type ProviderName, providers } from '../../lib/config/providers';
import { count, table } from '../terminal/table';

/** More lines than that are not read in an emergency. */
export const listedAtMost = 20;

export interface Blow {
  graceSeconds: number;
  revokeFirst: boolean;
  dryRun: boolean;
}

export function blastRadius(environment: Environment, keys: Key[], blow: Blow): string {
  const where = `${environment.name} (account ${environment.account}, ${environment.region})`;
  const whom = `${count(keys.length, 'key')} of ${count(serversOf(keys).size, 'server')} of ${count(teamsOf(keys).size, 'team')}`;
  const rows =
    keys.length > listedAtMost
      ? `${byProvider(keys, blow)}\`keyturn plan --env ${environment.name}\` lists every key\n`
      : each(keys, blow);
  return `${where}: ${whom}${blow.dryRun ? '; a dry run, nothing is changed' : ''}\n${rows}`;
}

/** Restates what it is about: the environment, and the key, or how many of which providers. */
export function question(environment: Environment, keys: Key[]): string {
  const [only] = keys;
  const what =
    keys.length === 1
      ? `the key of ${shortName(only!.address)}`
      : `${count(keys.length, 'key')} of ${environment.name} (${[...groups(keys)].map(([provider, { length }]) => `${length} of ${provider}`).join(', ')})`;
  return `Revoke ${what}, in account ${environment.account}?`;
}

function each(keys: Key[], blow: Blow): string {
  const rows = keys.map(({ address, spec }) => [
    address.provider,
    address.server,
    shortName(address),
    spec.team,
    spec.tier,
    whatHappens(address.provider, blow),
  ]);
  return table(['PROVIDER', 'SERVER', 'KEY', 'TEAM', 'TIER', 'WHAT HAPPENS'], rows);
}

function byProvider(keys: Key[], blow: Blow): string {
  const rows = [...groups(keys)].map(([provider, theirs]) => [
    provider,
    String(theirs.length),
    String(serversOf(theirs).size),
    String(teamsOf(theirs).size),
    String(theirs.filter(({ spec }) => spec.tier === 'high').length),
    whatHappens(provider, blow),
  ]);
  return table(['PROVIDER', 'KEYS', 'SERVERS', 'TEAMS', 'HIGH TIER', 'WHAT HAPPENS'], rows);
}

function groups(keys: Key[]): Map<string, Key[]> {
  const found = new Map<string, Key[]>();
  for (const key of keys) found.set(key.address.provider, [...(found.get(key.address.provider) ?? []), key]);
  return found;
}

const serversOf = (keys: Key[]) => new Set(keys.map(({ address }) => address.server));
const teamsOf = (keys: Key[]) => new Set(keys.map(({ spec }) => spec.team));

function whatHappens(provider: string, { graceSeconds, revokeFirst }: Blow): string {
  const { kind } = providers[provider as ProviderName];
  if (kind === 'roll')
    return 'it ends the moment its replacement is installed, as this provider knows one key only';
  if (revokeFirst) return 'it ENDS AT ONCE; its server fails until the replacement is current';
  return `replaced; it ends ${graceSeconds} s after its replacement is current`;
}
