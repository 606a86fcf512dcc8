// A fresh key in the place of a compromised one, whatever state its rotation is in. Version ids follow from the incident,
// so every run of the same containment finds what an earlier one did. A key made and lost is swept once another is current.
import { createHash } from 'node:crypto';
import { proveAccepted } from '../ending/proof';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { providerKeyName } from '../key/provider-key-name';
import type { SecretValue } from '../key/secret-value';
import type { Clock, ListedKey, Provider } from '../provider';
import { holderOf, type SecretState, type StoredVersion, stagedLabel } from '../rotation/secret-store';
import { abandonRotation, type EmergencyStore, isMarked, markDisplaced } from './emergency-store';

/** One key's containment under way. */
export interface ContainmentJob {
  store: EmergencyStore;
  provider: Provider;
  clock: Clock;
  incidentId: string;
  arn: string;
  /** Keys stored later are not the compromised ones. */
  openedAt: Date;
  /** False on the very first try: then nothing of it can lie about at the provider. */
  resumed: boolean;
}

export interface Replacement extends StoredVersion {
  state: SecretState;
  value: SecretValue;
}

/** How many fresh keys a containment may use up, in all its runs and in one, where something keeps killing them. */
const freshKeysAtMost = 24;
const freshKeysARun = 3;
/** How often, and how far apart, a read may lag behind a write. */
const staleReadsAtMost = 6;
const staleReadPauseMs = 1_000;

/**
 * The version that holds the n-th replacement of an incident; 48 characters, where AWS takes 32 to 64.
 * @param staged which try at staging it; left out for the version that becomes current
 */
export function replacementVersion(
  job: Pick<ContainmentJob, 'incidentId' | 'arn'>,
  n: number,
  staged?: number,
): string {
  const hash = createHash('sha256').update([job.incidentId, job.arn, n, staged].join('\n')).digest('hex');
  return `contain-${hash.slice(0, 40)}`;
}

export function ownVersions(job: Pick<ContainmentJob, 'incidentId' | 'arn'>): string[] {
  return Array.from({ length: freshKeysAtMost }, (_, n) => replacementVersion(job, n));
}

/**
 * Sees to it that AWSCURRENT holds an accepted key that is not the compromised one.
 * @throws {KeyturnError} provider-down or key-rejected, where no fresh key could be made to work; nothing was revoked then
 */
export async function replaceKey(job: ContainmentJob): Promise<Replacement> {
  const own = ownVersions(job);
  let state = await job.store.describe(job.arn);
  let tried = own.findLastIndex(versionId => state.versions[versionId]);
  // A rotation may have replaced it since, or a person, where no API makes this key.
  let shows = tried >= 0 || (await isNewer(job, state));
  for (let promoted = 0; ; promoted++) {
    if (shows) {
      // By id: a read by label may still answer with the version before.
      const current = await job.store.readVersion(state, holderOf(state, 'AWSCURRENT')!);
      const usable = current?.value && !isMarked(state, current.versionId);
      const verdict = usable ? await proveAccepted(job.provider, current.value!, job.clock) : 'rejected';
      if (verdict === 'accepted') return { ...current!, value: current!.value!, state };
      if (verdict === 'unknown') throw cannotTell(job, state);
    }
    const versionId = own[++tried];
    if (!versionId || promoted === freshKeysARun) throw allRejected(job, state);
    await promoteFresh(job, state, versionId, tried);
    ({ state, shows } = await seePromoted(job, versionId));
  }
}

async function isNewer({ store, openedAt }: ContainmentJob, state: SecretState): Promise<boolean> {
  const current = await store.readVersion(state, holderOf(state, 'AWSCURRENT')!);
  return current !== undefined && current.createdAt > openedAt;
}

async function promoteFresh(
  job: ContainmentJob,
  state: SecretState,
  versionId: string,
  n: number,
): Promise<void> {
  const { provider, store, clock } = job;
  const { value, stagedAs } = await prepareFresh(job, state, versionId, n);
  const verdict = await proveAccepted(provider, value, clock);
  if (verdict !== 'accepted') {
    // Nobody shall ever hold it; where Keyturn made the key, the next try installs it once more.
    if (provider.kind === 'issue') await provider.revoke(value.keyId, value);
    if (provider.kind === 'issue' && stagedAs) await store.moveLabel(state, stagedLabel, { from: stagedAs });
    throw verdict === 'unknown' ? cannotTell(job, state) : allRejected(job, state);
  }
  // Asked again, so that what a rotation did meanwhile is seen.
  await markDisplaced(store, await store.describe(job.arn), ownVersions(job));
  const outcome = await store.putCurrent(state, versionId, value);
  if (outcome === 'taken' && provider.kind === 'issue') await provider.revoke(value.keyId, value);
}

interface Prepared {
  value: SecretValue;
  /** The version in which it was stored before it was promoted. */
  stagedAs?: string;
}

/** A fresh key that the provider knows of. */
async function prepareFresh(
  job: ContainmentJob,
  state: SecretState,
  versionId: string,
  n: number,
): Promise<Prepared> {
  const { provider } = job;
  const isTold = provider.kind === 'install' && provider.endedBy !== 'label';
  if (!isTold && !provider.exclusive) return { value: await makeFresh(job, state, versionId) };
  const prepared = await stageFresh(job, state, versionId, n);
  if (isTold) {
    await makeRoom(job, prepared.value.keyId);
    await provider.install(prepared.value);
  }
  return prepared;
}

/**
 * Stores a fresh key before anybody is told of it, where the provider has to be told, and where keys have no names: there,
 * what no label holds is swept by the next rotation.
 */
async function stageFresh(
  job: ContainmentJob,
  state: SecretState,
  versionId: string,
  n: number,
): Promise<Prepared> {
  const { provider, store } = job;
  for (let k = 0; ; k++) {
    const stagedAs = replacementVersion(job, n, k);
    const before = (await store.readVersion(state, stagedAs))?.value;
    if (before && state.versions[stagedAs]?.includes(stagedLabel)) return { value: before, stagedAs };
    // Without its label it was given up by an earlier try.
    if (before) continue;
    if (provider.kind === 'issue') await makeRoom(job);
    const value = await makeFresh(job, state, versionId);
    if ((await store.putStaged(state, stagedAs, value)) === 'stored') return { value, stagedAs };
    // Another run of this containment was faster: its key is taken.
    if (provider.kind === 'issue') await provider.revoke(value.keyId, value);
    return stageFresh(job, await store.describe(job.arn), versionId, n);
  }
}

async function makeFresh(
  { provider, clock }: ContainmentJob,
  state: SecretState,
  versionId: string,
): Promise<SecretValue> {
  const { environment, server } = state.address;
  const readable = `keyturn-${environment}-${server}`;
  const name = providerKeyName(readable, state.arn, versionId, clock.now(), provider.nameMaxLength);
  return provider.make(name, clock.now());
}

/**
 * Places without names hold two keys at most: every key but one goes before a fresh one comes. The one is the current key,
 * or, where that is dead, the newest: some providers never let the last one go.
 */
async function makeRoom({ provider, store, arn }: ContainmentJob, stagedKey?: string): Promise<void> {
  if (!provider.exclusive) return;
  const listed = (await provider.list()).filter(({ id }) => id !== stagedKey);
  // After the list: so none of these can become current any more.
  const state = await abandonRotation(store, arn);
  const current = holderOf(state, 'AWSCURRENT')!;
  const values = await Promise.all(
    Object.keys(state.versions).map(versionId => store.readVersion(state, versionId)),
  );
  const held = new Set(values.map(version => version?.value?.keyId));
  const currentKey = values.find(version => version?.versionId === current)?.value?.keyId;
  const ageOf = ({ createdAt }: ListedKey) => createdAt?.getTime() ?? 0;
  const [newest] = [...listed].sort((one, other) => ageOf(other) - ageOf(one));
  const spared = listed.find(({ id }) => id === currentKey) ?? newest;
  for (const { id, createdAt } of listed) {
    // A key older than the secret that no version holds is somebody else's, and perhaps in use.
    const isForeign = !held.has(id) && createdAt !== undefined && createdAt < state.createdAt;
    if (id !== spared?.id && !isForeign) await provider.revoke(id);
  }
}

/**
 * Waits until the promotion shows, or shows to have been superseded since. Where neither does, a rotation has pushed it
 * out with a key that may be as old as the incident, and the next one is tried.
 */
async function seePromoted({ store, clock, arn }: ContainmentJob, versionId: string) {
  for (let asked = 1; ; asked++) {
    const state = await store.describe(arn);
    if (state.versions[versionId]) return { state, shows: true };
    const own = await store.readVersion(state, versionId);
    const current = await store.read(state, 'AWSCURRENT');
    if (own && current && current.createdAt > own.createdAt) return { state, shows: true };
    if (asked === staleReadsAtMost) return { state, shows: false };
    await clock.sleep(staleReadPauseMs);
  }
}

function cannotTell({ provider }: ContainmentJob, state: SecretState): KeyturnError {
  return new KeyturnError(
    'provider-down',
    `${provider.id} cannot say whether it accepts the replacement of ${shortName(state.address)}; it is tried again every minute, later every hour`,
  );
}

function allRejected({ provider }: ContainmentJob, state: SecretState): KeyturnError {
  return new KeyturnError(
    'key-rejected',
    `${provider.id} rejects every fresh key of ${shortName(state.address)}; look at its status page, or end the key with \`keyturn revoke ${shortName(state.address)} --revoke-first\``,
  );
}
