// What an order to revoke keys would do, shown before anyone confirms it: every key if they are few, else their counts.

import { handStepsOf, keyturnEnds } from '../../connectors/contract/made-by';
import { groupedBy } from '../../core/grouped-by';
import { shortName } from '../../core/key/key-address';
import type { Environment, Key } from '../../lib/config/config';
import { type ProviderName, providers } from '../../lib/config/providers';
import { count, table } from '../terminal/table';

/** More lines than that are not read in an emergency. */
export const longestList = 20;

/** How keys are to be ended. */
export interface RevocationPlan {
  graceSeconds: number;
  revokeFirst: boolean;
  /** Everything happens, except that no key changes. */
  drill: boolean;
}

export function blastRadius(
  environment: Environment,
  keys: Key[],
  plan: RevocationPlan,
  width: number,
): string {
  const where = `${environment.name} (account ${environment.account}, ${environment.region})`;
  const whom = `${count(keys.length, 'key')} of ${count(serversOf(keys).size, 'server')} of ${count(teamsOf(keys).size, 'team')}`;
  const rows =
    keys.length > longestList
      ? `${byProvider(keys, plan, width)}\`npx keyturn plan --env ${environment.name}\` lists every key\n`
      : each(keys, plan, width);
  return `${where}: ${whom}${plan.drill ? '; a drill, no key changes' : ''}\n${rows}`;
}

/** Restates what it is about: the environment, and the key, or how many of which providers. */
export function question(environment: Environment, keys: Key[]): string {
  const [only, ...others] = keys;
  const what =
    only && !others.length
      ? `the key of ${shortName(only.address)}`
      : `${count(keys.length, 'key')} of ${environment.name} (${[...groupedBy(keys, ({ address }) => address.provider)].map(([provider, { length }]) => `${length} of ${provider}`).join(', ')})`;
  return `Revoke ${what}, in account ${environment.account}?`;
}

function each(keys: Key[], plan: RevocationPlan, width: number): string {
  const rows = keys.map(({ address, spec }) => [
    shortName(address),
    spec.team,
    spec.tier,
    whatHappens({ address, spec }, plan),
  ]);
  return table(['KEY', 'TEAM', 'TIER', 'WHAT HAPPENS'], rows, width);
}

function byProvider(keys: Key[], plan: RevocationPlan, width: number): string {
  const rows = [...groupedBy(keys, ({ address }) => address.provider)].map(([provider, theirs]) => [
    provider,
    String(theirs.length),
    String(serversOf(theirs).size),
    String(teamsOf(theirs).size),
    String(theirs.filter(({ spec }) => spec.tier === 'high').length),
    [...new Set(theirs.map(key => whatHappens(key, plan)))].join('; or '),
  ]);
  return table(['PROVIDER', 'KEYS', 'SERVERS', 'TEAMS', 'HIGH TIER', 'WHAT HAPPENS'], rows, width);
}

const serversOf = (keys: Key[]) => new Set(keys.map(({ address }) => address.server));
const teamsOf = (keys: Key[]) => new Set(keys.map(({ spec }) => spec.team));

function whatHappens(
  { address, spec }: Pick<Key, 'address' | 'spec'>,
  { graceSeconds, revokeFirst }: RevocationPlan,
): string {
  const metadata = providers[address.provider as ProviderName];
  const { kind } = metadata;
  if (handStepsOf(metadata, spec)) {
    const ends = keyturnEnds(metadata, spec)
      ? 'REVOKED AT ONCE'
      : 'you end it at the provider, and Keyturn proves it';
    const instead = spec.rotatedBy === 'aws' ? '; `npx keyturn rotate` first lets AWS make one' : '';
    return `${ends}; NOTHING replaces it: its server has no key until you adopt another${instead}`;
  }
  if (kind === 'roll')
    return 'the old key stops working when the new one is installed: this provider allows only one';
  if (revokeFirst) return 'REVOKED AT ONCE; calls of its server fail until the new key is current';
  return `replaced; the old key is revoked ${graceSeconds} s after the new one is current`;
}
