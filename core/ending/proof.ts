// Proving a key alive or dead: by asking the provider with the key itself, for as long as its documented delay explains
// a wrong answer, and few times: providers ban addresses that keep trying dead keys.

import { KeyturnError } from '../errors';
import type { SecretValue } from '../key/secret-value';
import type { Clock, Finding, Provider } from '../provider';

/** Pauses between tries, as shares of the time that is waited: most providers know long before they promise to. */
const shares = [1, 3, 9];
const allShares = shares.reduce((sum, share) => sum + share);
/** Time for one passing fault, where the provider documents no delay. */
const leastWaitMs = 6_000;

export function proveAccepted(provider: Provider, value: SecretValue, clock: Clock): Promise<Finding> {
  return askUntil('accepted', provider.propagation.createMs, () => find(provider, value), clock);
}

export function proveRejected(provider: Provider, value: SecretValue, clock: Clock): Promise<Finding> {
  return askUntil('rejected', provider.propagation.revokeMs, () => find(provider, value), clock);
}

/**
 * One answer, and what else can be asked where it proves nothing alone: a key that is denied while a credential that lives
 * is accepted, and that no list shows, is gone.
 */
export async function find(provider: Provider, value: SecretValue): Promise<Finding> {
  const verdict = await provider.verify(value);
  if (verdict !== 'denied') return verdict;
  return (await isGone(provider, value)) ? 'rejected' : 'unknown';
}

async function isGone(provider: Provider, { keyId }: SecretValue): Promise<boolean> {
  if (!('list' in provider) || (await provider.control?.()) !== 'accepted') return false;
  return !(await provider.list()).some(({ id }) => id === keyId);
}

/** Of keys whose secret nobody has: a list can lag like a verdict. @returns what is listed at the end */
export async function proveUnlisted(
  { propagation }: Provider,
  list: () => Promise<string[]>,
  clock: Clock,
): Promise<string[]> {
  let listed: string[] = [];
  const ask = async (): Promise<Finding> => {
    listed = await list();
    return listed.length ? 'accepted' : 'rejected';
  };
  await askUntil('rejected', propagation.revokeMs, ask, clock);
  return listed;
}

/** @returns the last verdict: the one hoped for, or what the provider still said at the end */
async function askUntil(
  hoped: Finding,
  delayMs: number,
  ask: () => Promise<Finding>,
  clock: Clock,
): Promise<Finding> {
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
