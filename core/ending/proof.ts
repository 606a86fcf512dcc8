// Proving a key alive or dead: by asking the provider with the key itself. A provider's servers can disagree for a while, so
// one rejection is one sample: a row of them is needed, and a second look hours later (second-look.ts). It is asked few
// times: providers ban addresses that keep trying dead keys.

import { KeyturnError } from '../errors';
import type { SecretValue } from '../key/secret-value';
import type { Clock, FinalVerdict, Provider, Verdict } from '../provider';
import { secondMs } from '../time';

/** One answer of the provider to the key itself. Each is asked for on a connection that no other probe uses. */
export interface Probe {
  /** ISO 8601, UTC. */
  at: string;
  verdict: Verdict;
  /** What the provider said in the same moment to a credential that is known to live, where the verdict alone proves nothing. */
  control?: Verdict;
}

/** What asking came to. */
export interface ProofResult {
  /** `accepted` where the key was accepted last, `unknown` where the row could not be finished. */
  finding: FinalVerdict;
  probes: readonly Probe[];
  /** Whether the provider's list, which shows the current key, shows this one, too; asked where a key was only ever denied. */
  list?: 'shows the key' | 'does not show the key' | 'tells nothing';
  /** What the provider said after the row to the key that took this one's place. */
  live?: Verdict;
}

/** Rejections without an acceptance between them: of the look after the revocation, and of the second, hours later. */
export const rejectionsInRow = { first: 4, second: 2 } as const;
export type LookOrder = keyof typeof rejectionsInRow;
/** Probes a look, whatever is answered. */
export const probesAtMost = 6;
/** The least time from the first rejection of a row to its last, where the provider documents a shorter delay. */
export const leastSpreadMs = 10 * secondMs;

/** Pauses between the rejections of a row, as shares of its spread: most keys that still live show it early. */
const shares = [1, 3, 9];

/**
 * Asks until so many rejections came in a row; any acceptance starts the row again.
 * @param currentKeyId of a key in the same place that lives: the provider's list is believed where it shows that one
 * @param wasListed true where that list showed the key before it was revoked: then it is believed, too
 * @returns after twice the spread at the latest
 */
export async function proveRejected(
  provider: Provider,
  value: SecretValue,
  clock: Clock,
  {
    look,
    currentKeyId,
    wasListed = false,
  }: { look: LookOrder; currentKeyId: string | undefined; wasListed?: boolean },
): Promise<ProofResult> {
  const spreadMs = Math.max(provider.propagation.revokeMs, leastSpreadMs);
  const needed = rejectionsInRow[look];
  const probes: Probe[] = [];
  let row: Date[] = [];
  for (;;) {
    const probe = await probeOnce(provider, value, clock);
    const now = new Date(probe.at);
    const said = findingOf(probe);
    probes.push(probe);
    if (said === 'accepted') row = [];
    if (said === 'rejected') row.push(now);
    const [began] = row;
    const spentMs = began ? now.getTime() - began.getTime() : 0;
    if (row.length >= needed && spentMs >= spreadMs)
      return withList(provider, value, probes, { currentKeyId, wasListed });
    const missing = Math.max(1, needed - row.length);
    if (probes.length + missing > probesAtMost) return { finding: lastKnown(probes), probes };
    await clock.sleep(pauseMs(said, row.length, needed, spreadMs, spentMs));
  }
}

async function probeOnce(provider: Provider, value: SecretValue, clock: Clock): Promise<Probe> {
  const verdict = await provider.verify(value);
  const at = clock.now().toISOString();
  if (verdict !== 'denied' || !('control' in provider) || !provider.control) return { at, verdict };
  return { at, verdict, control: await provider.control().catch((): Verdict => 'unknown') };
}

/** To be denied counts only while a credential that lives is accepted. */
function findingOf({ verdict, control }: Probe): FinalVerdict {
  if (verdict !== 'denied') return verdict;
  return control === 'accepted' ? 'rejected' : 'unknown';
}

/** Of a full row. Denials alone are no proof: the key must be gone from the provider's list, too. */
async function withList(
  provider: Provider,
  { keyId }: SecretValue,
  probes: readonly Probe[],
  { currentKeyId, wasListed }: { currentKeyId: string | undefined; wasListed: boolean },
): Promise<ProofResult> {
  if (!probes.some(({ verdict }) => verdict === 'denied')) return { finding: 'rejected', probes };
  const listed = 'list' in provider ? await provider.list().catch(() => undefined) : undefined;
  const shows = (id: string | undefined) => listed?.some(key => key.id === id);
  if (shows(keyId)) return { finding: 'unknown', probes, list: 'shows the key' };
  if (!listed || !(wasListed || shows(currentKeyId)))
    return { finding: 'unknown', probes, list: 'tells nothing' };
  return { finding: 'rejected', probes, list: 'does not show the key' };
}

/** A timer may fire a millisecond early: then the row would be too short by that. */
const timerErrorMs = 2;

function pauseMs(
  said: FinalVerdict,
  inRow: number,
  needed: number,
  spreadMs: number,
  spentMs: number,
): number {
  // A delay that the provider documents is waited out before the row must be begun.
  if (said === 'accepted') return spreadMs / 2;
  if (said === 'unknown') return spreadMs / 4;
  const used = shares.slice(0, needed - 1);
  const sum = (parts: readonly number[]) => parts.reduce((total, share) => total + share, 0);
  const offsetMs = (spreadMs * sum(used.slice(0, inRow))) / sum(used);
  return Math.max(offsetMs - spentMs, spreadMs / sum(shares)) + timerErrorMs;
}

/** A row that was not finished proves nothing; an acceptance with no rejection after it proves that the key lives. */
function lastKnown(probes: readonly Probe[]): 'accepted' | 'unknown' {
  const last = probes.map(findingOf).findLast(said => said !== 'unknown');
  return last === 'accepted' ? 'accepted' : 'unknown';
}

/** Time for one passing fault, where the provider documents no delay. */
const leastWaitMs = 6 * secondMs;
/**
 * One acceptance is enough: a rotation asks in two of its steps, and in an emergency a slow replica of the provider must not
 * keep the compromised key alive.
 */
export function proveAccepted(provider: Provider, value: SecretValue, clock: Clock): Promise<FinalVerdict> {
  return askUntil('accepted', provider.propagation.createMs, () => find(provider, value), clock);
}

/**
 * One answer, and what else can be asked where it proves nothing alone: a key that is denied while a credential that lives
 * is accepted, and that no list shows, is gone.
 */
export async function find(provider: Provider, value: SecretValue): Promise<FinalVerdict> {
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
  const ask = async (): Promise<FinalVerdict> => {
    listed = await list();
    return listed.length ? 'accepted' : 'rejected';
  };
  await askUntil('rejected', propagation.revokeMs, ask, clock);
  return listed;
}

/** @returns the last verdict: the one hoped for, or what the provider still said at the end */
async function askUntil(
  hoped: FinalVerdict,
  delayMs: number,
  ask: () => Promise<FinalVerdict>,
  clock: Clock,
): Promise<FinalVerdict> {
  const waited = Math.max(delayMs, leastWaitMs);
  const all = shares.reduce((sum, share) => sum + share);
  let verdict = await ask();
  for (const share of shares) {
    if (verdict === hoped) break;
    await clock.sleep((waited * share) / all);
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
