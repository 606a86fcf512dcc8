// Proving a key alive or dead: by asking the provider with the key itself, for as long as its documented delay explains
// a wrong answer, and few times: providers ban addresses that keep trying dead keys.

import { KeyturnError } from '../errors';
import type { SecretValue } from '../key/secret-value';
import type { Clock, Provider, Verdict } from '../provider';

/** Pauses between tries, as shares of the time that is waited: most providers know long before they promise to. */
const shares = [1, 3, 9];
const allShares = shares.reduce((sum, share) => sum + share);
/** Time for one passing fault, where the provider documents no delay. */
const leastWaitMs = 6_000;

export function proveAccepted(provider: Provider, value: SecretValue, clock: Clock): Promise<Verdict> {
  return askUntil('accepted', provider.propagation.createMs, () => provider.verify(value), clock);
}

export function proveRejected(provider: Provider, value: SecretValue, clock: Clock): Promise<Verdict> {
  return askUntil('rejected', provider.propagation.revokeMs, () => provider.verify(value), clock);
}

/** Of keys whose secret nobody has: a list can lag like a verdict. @returns what is listed at the end */
export async function proveUnlisted(
  { propagation }: Provider,
  list: () => Promise<string[]>,
  clock: Clock,
): Promise<string[]> {
  let listed: string[] = [];
  const ask = async (): Promise<Verdict> => {
    listed = await list();
    return listed.length ? 'accepted' : 'rejected';
  };
  await askUntil('rejected', propagation.revokeMs, ask, clock);
  return listed;
}

/** @returns the last verdict: the one hoped for, or what the provider still said at the end */
async function askUntil(
  hoped: Verdict,
  delayMs: number,
  ask: () => Promise<Verdict>,
  clock: Clock,
): Promise<Verdict> {
  const waited = Math.max(delayMs, leastWaitMs);
  let verdict = await ask();
  for (const share of shares) {
    if (verdict === hoped) break;
    await clock.sleep((waited * share) / allShares);
    verdict = await ask();
  }
  return verdict;
}

/** Of a verdict `unknown`: nothing is done on that. @param key for people: `the new key ... of prod/acme/bot` */
export function cannotTell({ id }: Provider, key: string): KeyturnError {
  return new KeyturnError(
    'provider-down',
    `${id} cannot say whether it accepts ${key}; the next attempt asks again`,
  );
}
