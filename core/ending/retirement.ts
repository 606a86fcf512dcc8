// When a superseded key ends: after its overlap, once it is no longer used, or at the hard limit. Also ends the key of
// a rotation that a person dropped.
import { KeyturnError } from '../errors';
import { secretName } from '../key/key-address';
import { overlapsAtMost } from '../key/key-spec';
import { deadLabel, droppedLabel, holderOf, type SecretState } from '../rotation/secret-store';
import { hourMs, minuteMs } from '../time';
import { endVersions, type KeyTools, keyToEnd } from './ending';

/** If a superseded key was used within this time, a server still uses it. */
const quietMs = hourMs;

/** When the superseded key has to go. */
export interface RetirementTimes {
  /** When the key that replaced it was promoted. */
  supersededAt: Date;
  overlapHours: number;
  /** The last sign of use of the superseded key; absent if there is none, or if it is not known. */
  lastUsedAt?: Date;
}

/** The later of two dates: AWS records completed rotations, but an emergency promotion shows only in the version's date. */
export function supersededAt(rotatedAt: Date | undefined, currentStoredAt: Date): Date {
  return new Date(Math.max(rotatedAt?.getTime() ?? 0, currentStoredAt.getTime()));
}

/** The superseded key works until `end`, or until `hardLimit` if it is still used. */
export function overlapOf({ supersededAt: from, overlapHours }: RetirementTimes): {
  end: Date;
  hardLimit: Date;
} {
  const after = (overlaps: number) => new Date(from.getTime() + overlaps * overlapHours * hourMs);
  return { end: after(1), hardLimit: after(overlapsAtMost) };
}

/**
 * How far a function's clock may be from the ones that date versions, rotations and uses: a key is retired this much later,
 * so that a clock that is ahead takes nothing from an overlap. Lambda keeps its hosts' clocks within milliseconds.
 */
export const clocksDifferMs = minuteMs;

/** Servers learn of a new key, providers tell of a use, and reports arrive within less: GitLab notes a use every ten minutes. */
const useIsToldWithinMs = hourMs;

/** What is known of the last use of a superseded key. */
export interface LastUse {
  /** As its provider tells. */
  atProvider?: Date;
  /** As its server reports. */
  reported?: Date;
}

/** True where the provider saw it used and no server reported that: somebody else may have the key. */
export function isUnreportedUse(use: LastUse, since: Date): use is LastUse & { atProvider: Date } {
  const { atProvider, reported } = use;
  if (!atProvider) return false;
  const reportedSince = atProvider.getTime() - useIsToldWithinMs;
  return reportedSince > since.getTime() && !(reported && reported.getTime() >= reportedSince);
}

/** Past its overlap, and no longer used or past the hard limit. */
export function isDueForRetirement(times: RetirementTimes, now: Date): boolean {
  const { end, hardLimit } = overlapOf(times);
  if (now < end) return false;
  if (now >= hardLimit) return true;
  return !times.lastUsedAt || now.getTime() - times.lastUsedAt.getTime() >= quietMs;
}

/**
 * Servers in another region read a replica there: until it has the new key, they need the one before, though not past its hard limit.
 * @throws {KeyturnError} replica-behind
 */
export function requireReplicas(state: SecretState, times: RetirementTimes, now: Date): void {
  const { address, replicasBehind = [] } = state;
  const { hardLimit } = overlapOf(times);
  if (!replicasBehind.length || isPastHardLimit(times, now)) return;
  const behind = replicasBehind.join(' and ');
  throw new KeyturnError(
    'replica-behind',
    `the replica of ${secretName(address)} in ${behind} is not in sync, so servers there may still need the superseded key, which Keyturn keeps until ${hardLimit.toISOString()}; see ReplicationStatus in \`aws secretsmanager describe-secret --secret-id ${secretName(address)}\``,
  );
}

/** The hard limit holds here, too: a place that never gets the new key cannot keep the old one alive for ever. */
export function isPastHardLimit(times: RetirementTimes, now: Date): boolean {
  return now >= overlapOf(times).hardLimit;
}

/** What ends a key in its normal course. */
type EndedBy = 'retirement' | 'rotation';

/**
 * Ends the key that carries AWSPREVIOUS, if there is one. Safe to repeat.
 * @throws {KeyturnError} key-still-alive or provider-down, where the key was not seen rejected: the label then stays
 */
export function endPrevious(tools: KeyTools, state: SecretState, by: EndedBy): Promise<void> {
  return endLabelled(tools, state, 'AWSPREVIOUS', { of: 'superseded', by });
}

/** Ends the key of a rotation that a person dropped: no server has seen it, so it needs no overlap. */
export function endDropped(tools: KeyTools, state: SecretState, by: EndedBy): Promise<void> {
  return endLabelled(tools, state, droppedLabel, { of: 'dropped', by });
}

async function endLabelled(
  tools: KeyTools,
  state: SecretState,
  label: 'AWSPREVIOUS' | typeof droppedLabel,
  reason: { of: 'superseded' | 'dropped'; by: EndedBy },
): Promise<void> {
  const versionId = holderOf(state, label);
  if (!versionId) return;
  const { store, provider } = tools;
  const held = await store.readVersion(state, versionId);
  const current = await store.read(state, 'AWSCURRENT');
  // The key of a dropped roll may be the only one that works, until the next takes its place.
  const isOnlyKey = reason.of === 'dropped' && provider.kind === 'roll';
  const currentKeyId = current?.value?.keyId;
  const key = isOnlyKey ? 'none' : keyToEnd(provider, held, [currentKeyId]);
  const labels = holderOf(state, deadLabel) === versionId ? [deadLabel, label] : [label];
  // Nothing lives beside the key of a first rotation that was dropped, so no list could show that it tells anything. No server has
  // seen that key: the list is believed as it is, until the second look, at which a key lives.
  const isFirst = reason.of === 'dropped' && currentKeyId === undefined;
  await endVersions(tools, state, [{ versionId, key, labels }], {
    ...reason,
    currentKeyId,
    ...(isFirst && { wasListed: () => true }),
  });
}
