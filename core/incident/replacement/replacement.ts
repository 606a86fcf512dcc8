// A fresh key in the place of a compromised one, whatever state its rotation is in. Every run of the same containment finds
// what an earlier one did. A key made and lost is swept once another is current.
import type { KeyTools } from '../../ending/ending';
import { endAllButOne } from '../../ending/orphans';
import { cannotTell, proveAccepted } from '../../ending/proof';
import { keyOrFailure } from '../../ending/read-versions';
import { KeyturnError } from '../../errors';
import { shortName } from '../../key/key-address';
import type { SecretValue } from '../../key/secret-value';
import { makesKeys, requireMaker } from '../../provider';
import { makeKey } from '../../rotation/attempts';
import { holderOf, type SecretState, type StoredVersion, stagedLabel } from '../../rotation/secret-store';
import { secondMs } from '../../time';
import { abandonRotation, displacedVersions, isMarked, markAll } from '../marks';
import { ownVersions, replacementVersion } from './replacement-version';
import type { SharedListing } from './shared-listing';

/** What a replacement must know of the containment that it is for. */
export interface ReplacementJob extends KeyTools {
  incidentId: string;
  arn: string;
  /** Versions whose keys are compromised: those that the secret had when the incident was first looked at. */
  compromised: readonly string[];
  /** True of a version that this or an earlier run has noted to be left to its rotation. */
  wasLeft(versionId: string): boolean;
  /** True where this or an earlier run has noted that the version's key was revoked: no label brings it back. */
  wasEnded(versionId: string): boolean;
  /** What the key's provider lists, or listed a moment ago for another key that is replaced at the same time. */
  listed: SharedListing;
}

export interface Replacement extends StoredVersion {
  state: SecretState;
  value: SecretValue;
}

/** How many fresh keys one run may use up, where something keeps killing them. */
const freshKeysARun = 3;
/** How often, and how far apart, a read may lag behind a write. */
const staleReadsAtMost = 6;
const staleReadPauseMs = secondMs;

/**
 * Sees to it that AWSCURRENT holds an accepted key that is not the compromised one.
 * @throws {KeyturnError} provider-down or key-rejected, where no fresh key could be made to work; nothing was revoked then
 */
export async function replaceKey(job: ReplacementJob): Promise<Replacement> {
  const own = ownVersions(job);
  let state = await job.store.describe(job.arn);
  let current = holderOf(state, 'AWSCURRENT');
  let tried = own.findLastIndex(versionId => state.versions[versionId]);
  // A rotation may have replaced it since, or a person, where no API makes this key.
  let shows = tried >= 0 || isReplaced(job, current);
  for (let promoted = 0; ; promoted++) {
    const working = shows && current ? await workingKey(job, state, current) : undefined;
    if (working) {
      // A rotation or a person has replaced it, and marked none.
      if (!own.includes(working.versionId) && !isCompromised(job, working.versionId))
        await markAll(
          job.store,
          state,
          job.compromised.filter(versionId => isCompromised(job, versionId)),
        );
      return working;
    }
    const versionId = own[++tried];
    if (!versionId) throw usedUp(state);
    if (promoted === freshKeysARun) throw allRejected(job, state);
    await promoteFresh(job, state, versionId, tried);
    ({ state, shows } = await seePromoted(job, versionId, current));
    current = holderOf(state, 'AWSCURRENT');
  }
}

function isReplaced(job: ReplacementJob, current: string | undefined): boolean {
  return current !== undefined && !isCompromised(job, current);
}

/** @returns `undefined` where the version holds no key, or one that its provider rejects */
async function workingKey(
  job: ReplacementJob,
  state: SecretState,
  versionId: string,
): Promise<Replacement | undefined> {
  // By id: a read by label may still answer with the version before.
  const held = await keyOrFailure(() => job.store.readVersion(state, versionId));
  if (held instanceof KeyturnError || !held?.value || mustEnd(job, state, versionId)) return undefined;
  const verdict = await proveAccepted(job.provider, held.value, job.clock);
  if (verdict === 'unknown') throw cannotTell(job.provider, theReplacement(state));
  return verdict === 'accepted' ? { ...held, value: held.value, state } : undefined;
}

/**
 * Also where somebody has made it current again: AWS's labels are no word of a person. Whoever decides that a compromised key
 * stays has the emergency function take its mark away.
 */
export function mustEnd(
  { wasEnded }: Pick<ReplacementJob, 'wasEnded'>,
  state: SecretState,
  versionId: string,
): boolean {
  return isMarked(state, versionId) || wasEnded(versionId);
}

/** Held when the incident was first looked at; not of what a rotation has stored since in a version that was empty. */
export function isCompromised(
  { compromised, wasLeft }: Pick<ReplacementJob, 'compromised' | 'wasLeft'>,
  versionId: string,
): boolean {
  return compromised.includes(versionId) && !wasLeft(versionId);
}

async function promoteFresh(
  job: ReplacementJob,
  state: SecretState,
  versionId: string,
  n: number,
): Promise<void> {
  const { provider, store, clock } = job;
  const { value, stagedAs } = await prepareFresh(job, state, versionId, n);
  const verdict = await proveAccepted(provider, value, clock);
  if (verdict !== 'accepted') {
    // Nobody shall ever hold it; where Keyturn made the key, the next try installs it once more.
    if (makesKeys(provider)) await provider.revoke(value.keyId, value);
    if (makesKeys(provider) && stagedAs) await store.moveLabel(state, stagedLabel, { from: stagedAs });
    throw verdict === 'unknown' ? cannotTell(provider, theReplacement(state)) : allRejected(job, state);
  }
  // Asked again, so that what a rotation did meanwhile is seen.
  const first = async () => markReplaced(job, await store.describe(job.arn));
  const stored = await store.put(state, versionId, value, 'AWSCURRENT', first);
  if (stored === 'taken' && makesKeys(provider)) await provider.revoke(value.keyId, value);
}

/** But for what is current by this very containment, since another run of it has promoted that meanwhile. */
async function markReplaced(job: ReplacementJob, state: SecretState): Promise<void> {
  const replaced = new Set([...job.compromised, ...displacedVersions(state)]);
  const current = holderOf(state, 'AWSCURRENT');
  if (current && ownVersions(job).includes(current)) replaced.delete(current);
  await markAll(job.store, state, [...replaced]);
}

interface PreparedKey {
  value: SecretValue;
  /** The version in which it was stored before it was promoted. */
  stagedAs?: string;
}

/** A fresh key that the provider knows of. */
async function prepareFresh(
  job: ReplacementJob,
  state: SecretState,
  versionId: string,
  n: number,
): Promise<PreparedKey> {
  const provider = requireMaker(job.provider, state.address);
  const make = async () => {
    if (provider.kind !== 'issue') return makeKey({ ...job, provider }, state, versionId, []);
    const { keys, noteMade } = await job.listed(provider, state);
    const value = await makeKey({ ...job, provider }, state, versionId, keys);
    noteMade(value.keyId);
    return value;
  };
  if (provider.kind === 'issue' || provider.kind === 'self-issued') return { value: await make() };
  const prepared = await stageFresh(job, state, n, make);
  if ('install' in provider) {
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
  job: ReplacementJob,
  state: SecretState,
  n: number,
  make: () => Promise<SecretValue>,
): Promise<PreparedKey> {
  const { provider, store } = job;
  for (let k = 0; ; k++) {
    const stagedAs = replacementVersion(job, n, k);
    const before = (await store.readVersion(state, stagedAs))?.value;
    if (before && state.versions[stagedAs]?.includes(stagedLabel)) return { value: before, stagedAs };
    // Without its label it was given up by an earlier try.
    if (before) continue;
    if (makesKeys(provider)) await makeRoom(job);
    const value = await make();
    if ((await store.put(state, stagedAs, value, stagedLabel)) === 'stored') return { value, stagedAs };
    // Another run of this containment was faster: its key is taken.
    if (makesKeys(provider)) await provider.revoke(value.keyId, value);
    return stageFresh(job, await store.describe(job.arn), n, make);
  }
}

/** @param stagedKey not to be counted: it is to be told of next */
async function makeRoom(job: ReplacementJob, stagedKey?: string): Promise<void> {
  const { provider, store, arn } = job;
  if (provider.kind !== 'exclusive' && provider.kind !== 'install') return;
  const listed = (await provider.list()).filter(({ id }) => id !== stagedKey);
  await endAllButOne(job, await abandonRotation(store, arn), listed);
}

/**
 * Waits until the promotion shows, or shows to have been superseded since. Where neither does, a rotation has pushed it
 * out with a compromised key, and the next one is tried.
 * @param replaced what was current before
 */
async function seePromoted(job: ReplacementJob, versionId: string, replaced: string | undefined) {
  const { store, clock, arn } = job;
  for (let asked = 1; ; asked++) {
    const state = await store.describe(arn);
    const current = holderOf(state, 'AWSCURRENT');
    const isSuperseded = current !== replaced && isReplaced(job, current);
    if (state.versions[versionId] || isSuperseded) return { state, shows: true };
    if (asked === staleReadsAtMost) return { state, shows: false };
    await clock.sleep(staleReadPauseMs);
  }
}

function theReplacement({ address }: SecretState): string {
  return `the replacement of ${shortName(address)}`;
}

function usedUp({ address }: SecretState): KeyturnError {
  const key = shortName(address);
  return new KeyturnError(
    'refused',
    `every new key of ${key} was rejected, or was replaced by another one; check in CloudTrail who moves its labels, then run \`npx keyturn revoke ${key}\` again`,
  );
}

function allRejected({ provider }: ReplacementJob, state: SecretState): KeyturnError {
  return new KeyturnError(
    'key-rejected',
    `${provider.id} rejects every new key of ${shortName(state.address)}; look at its status page, or end the key with \`npx keyturn revoke ${shortName(state.address)} --revoke-first\``,
  );
}
