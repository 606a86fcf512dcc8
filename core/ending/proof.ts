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
  return askUntil('accepted', provider.propagation.createMs, provider, value, clock);
}

export function proveRejected(provider: Provider, value: SecretValue, clock: Clock): Promise<Verdict> {
  return askUntil('rejected', provider.propagation.revokeMs, provider, value, clock);
}

/** @returns the last verdict: the one hoped for, or what the provider still said at the end */
async function askUntil(
  hoped: Verdict,
  delayMs: number,
  provider: Provider,
  value: SecretValue,
  clock: Clock,
): Promise<Verdict> {
  const waited = Math.max(delayMs, leastWaitMs);
  let verdict = await provider.verify(value);
  for (const share of shares) {
    if (verdict === hoped) break;
    await clock.sleep((waited * share) / allShares);
    verdict = await provider.verify(value);
  }
  return verdict;
}

/** Of a verdict `unknown`: nothing is done on that. @param key for people: `the new key ... of prod/acme/bot` */
export function cannotTell({ id }: Provider, key: string): KeyturnError {
  return new KeyturnError(
    'provider-down',
    `${id} cannot say whether it accepts ${key}; the next try asks again`,
  );
}
