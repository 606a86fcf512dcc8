// The end of every key that a compromised secret held besides its replacement: revoked, seen dead, and only then forgotten.

import { KeyturnError } from '../errors';
import { isMarked, labelsToRelease } from '../incident/emergency-store';
import { type ContainmentJob, ownVersions } from '../incident/replacement';
import { shortName } from '../key/key-address';
import type { SecretValue } from '../key/secret-value';
import { holderOf, type SecretState, type StoredVersion, stagedLabel } from '../rotation/secret-store';
import { keysOfVersion } from './orphans';
import { proveRejected } from './proof';

/** How a key is known to be dead: the provider rejects it; lists it no more, where its secret was never stored; or nobody accepts it. */
export type Proof = 'rejected' | 'unlisted' | 'label-removed';

export interface EndedKey {
  versionId: string;
  /** Absent where the key was made by an attempt that never stored it. */
  keyId?: string;
  proof: Proof;
}

export interface Ending {
  ended: EndedKey[];
  /** What stood in AWSCURRENT meanwhile, and was not touched. */
  current: StoredVersion;
}

type Note = (
  step: { what: 'revoked'; versionId: string; keyId?: string } | ({ what: 'proven-dead' } & EndedKey),
) => Promise<void>;

/** A version whose key must end. */
interface Doomed {
  versionId: string;
  /** What there is to end: the stored key, whatever an attempt made and lost, or nothing. */
  key: SecretValue | 'lost' | 'none';
}

/** @throws {KeyturnError} key-still-alive or provider-down, where a key was not seen dead: its label then stays */
export async function endSuperseded(job: ContainmentJob, note: Note): Promise<Ending> {
  const { provider, store } = job;
  const state = await store.describe(job.arn);
  const current = (await store.readVersion(state, holderOf(state, 'AWSCURRENT')!))!;
  const doomed = await findDoomed(job, state, current);
  // All are revoked before any is proven: a proof can take minutes.
  for (const { versionId, key } of doomed) {
    if (key === 'none') continue;
    if (provider.endedBy === 'call') {
      for (const id of await keyIds(job, state, versionId, key)) {
        await provider.revoke(id, key === 'lost' ? undefined : key);
      }
    }
    await note({ what: 'revoked', versionId, ...idOf(key) });
  }
  const ended: EndedKey[] = [];
  for (const { versionId, key } of doomed) {
    if (key !== 'none') {
      const proof = await proveEnded(job, state, versionId, key);
      ended.push({ versionId, ...idOf(key), proof });
      await note({ what: 'proven-dead', versionId, ...idOf(key), proof });
    }
    // Last: as long as a label is there, whoever comes next finds the key, and reports it.
    for (const label of labelsToRelease(state, versionId))
      await store.moveLabel(state, label, { from: versionId });
  }
  if (job.resumed) await sweepLost(job, state);
  return { ended, current };
}

/** Keys that earlier tries made and never stored. Not before a replacement is current: it could be another run's to store. */
async function sweepLost({ provider, store, ...job }: ContainmentJob, state: SecretState): Promise<void> {
  if (provider.exclusive || provider.kind !== 'issue') return;
  const listed = await provider.list();
  for (const versionId of ownVersions(job)) {
    const made = keysOfVersion(listed, state, versionId);
    const stored = made.length ? (await store.readVersion(state, versionId))?.value?.keyId : undefined;
    for (const { id } of made) if (id !== stored) await provider.revoke(id);
  }
}

async function findDoomed(
  job: ContainmentJob,
  state: SecretState,
  current: StoredVersion,
): Promise<Doomed[]> {
  const others = await Promise.all(
    Object.keys(state.versions)
      .filter(versionId => versionId !== current.versionId && labelsToRelease(state, versionId).length)
      .map(async versionId => ({ versionId, held: await job.store.readVersion(state, versionId) })),
  );
  // A replacement that a rotation has superseded since is in its normal overlap: the retire function ends it.
  const isKept = (versionId: string) => ownVersions(job).includes(versionId) && !isMarked(state, versionId);
  const kept = others.filter(({ versionId }) => isKept(versionId));
  const keptKeys = [current, ...kept.map(({ held }) => held)].map(held => held?.value?.keyId);
  return others
    .filter(other => !kept.includes(other))
    .filter(({ versionId, held }) => mustGo(job, state, versionId, held))
    .map(({ versionId, held }) => ({ versionId, key: keyToEnd(job, held, keptKeys) }));
}

/** Older than the incident, marked, or staged and not promoted: a rotation that began since is left alone. */
function mustGo(
  { openedAt }: ContainmentJob,
  state: SecretState,
  versionId: string,
  held: StoredVersion | undefined,
): boolean {
  const isOlder = held !== undefined && held.createdAt <= openedAt;
  return isOlder || isMarked(state, versionId) || state.versions[versionId]!.includes(stagedLabel);
}

function keyToEnd(
  { provider }: ContainmentJob,
  held: StoredVersion | undefined,
  keptKeys: (string | undefined)[],
): Doomed['key'] {
  // Only a name tells which attempt made a key; without names, nobody can say of a lost one that it is dead.
  if (!held) return provider.kind === 'issue' && !provider.exclusive ? 'lost' : 'none';
  // The same key can stand in two versions, staged and promoted, or after an adopt: then there is nothing to end.
  return held.value && !keptKeys.includes(held.value.keyId) ? held.value : 'none';
}

async function keyIds(
  job: ContainmentJob,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
): Promise<string[]> {
  if (key !== 'lost') return [key.keyId];
  return keysOfVersion(await job.provider.list(), state, versionId).map(({ id }) => id);
}

async function proveEnded(
  job: ContainmentJob,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
): Promise<Proof> {
  const { provider, clock } = job;
  if (provider.endedBy === 'label') return 'label-removed';
  if (key === 'lost') {
    const [left] = await keyIds(job, state, versionId, key);
    if (left) throw stillAlive(state, left);
    return 'unlisted';
  }
  const verdict = await proveRejected(provider, key, clock);
  if (verdict === 'rejected') return 'rejected';
  if (verdict === 'accepted') throw stillAlive(state, key.keyId);
  throw new KeyturnError(
    'provider-down',
    `the compromised key ${key.keyId} of ${shortName(state.address)} was revoked, but ${provider.id} cannot be asked for proof; it is tried again every minute, later every hour`,
  );
}

function stillAlive(state: SecretState, keyId: string): KeyturnError {
  return new KeyturnError(
    'key-still-alive',
    `the compromised key ${keyId} of ${shortName(state.address)} is still accepted after it was revoked; delete it in the provider's console now`,
  );
}

function idOf(key: Doomed['key']): { keyId?: string } {
  return typeof key === 'string' ? {} : { keyId: key.keyId };
}
