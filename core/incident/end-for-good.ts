// The end of a key that nobody needs any more: every key of its secret is revoked and proven dead, and the secret says so from
// then on. Any step may be stopped at any call and run again.

import { endVersions } from '../ending/ending';
import { endOrphans, endUnstored } from '../ending/orphans';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { stepTakesAtMostMs } from '../rotation/rotation';
import { endedLabel, holderOf, isEnded, type SecretState } from '../rotation/secret-store';
import type { ContainmentStep } from './containment';
import { abandonRotation, displacedVersions, markAll, releaseVersions } from './marks';
import { type LastKeysJob, type LastVersion, readLastKeys } from './replacement/last-keys';
import { endedVersion } from './replacement/replacement-version';

export interface EndJob extends LastKeysJob {
  incidentId: string;
  arn: string;
  note(step: ContainmentStep): Promise<unknown>;
  /** When this or an earlier run has noted that a rotation was abandoned. */
  abandonedAt(): Date[];
}

/** Whoever stores values while the key ends must not keep one run for ever: the next one goes on. */
const passesARun = 3;

/** @throws {KeyturnError} key-still-alive or provider-down, where a key was not seen dead: it has to be run again */
export async function endForGood(job: EndJob): Promise<void> {
  const { store, arn } = job;
  for (let pass = 0; pass < passesARun; pass++) {
    if (isEnded(await store.describe(arn))) return;
    await endOnce(job);
  }
  const state = await store.describe(arn);
  if (isEnded(state)) return;
  const key = shortName(state.address);
  throw new KeyturnError(
    'refused',
    `values of ${key} were stored while it was ended; stop what stores them, and Keyturn goes on by itself`,
  );
}

/**
 * Ends rotations under way, and waits until their steps are over and have stored their keys, or left them to be found by their names;
 * for each once, whichever run has abandoned it.
 * @returns the secret as it is then
 */
async function abandonRotations(job: EndJob): Promise<SecretState> {
  const { store, arn, note } = job;
  const state = await abandonRotation(store, arn, versionId => note({ what: 'abandoned', versionId }));
  const now = job.clock.now().getTime();
  const left = Math.max(0, ...job.abandonedAt().map(at => at.getTime() + stepTakesAtMostMs - now));
  if (!left) return state;
  await job.clock.sleep(left);
  // Another may have begun.
  return abandonRotations(job);
}

/** Leaves labelled what was stored meanwhile: the next pass ends it. */
async function endOnce(job: EndJob): Promise<void> {
  const { store, arn, provider } = job;
  const state = await abandonRotations(job);
  // A server of the team's own accepts a key by its label, which goes once the secret holds no key.
  const proven = provider.kind === 'self-issued' ? [] : await endAll(job, state);
  await sweepLost(job, state);
  // A rotation that has begun since keeps its label: the next pass waits for it.
  const displaced = displacedVersions(state).filter(versionId => !holdsNoKey(state, versionId));
  await markAll(store, state, displaced);
  await storeEnd(job, state);
  const after = await store.describe(arn);
  const ended = provider.kind === 'self-issued' ? await endAll(job, after) : proven;
  await releaseVersions(store, after, new Map(ended.map(one => [one.versionId, one.isFilled])));
}

/** Another version each time: AWS moves no label for a value that it has already. */
async function storeEnd(job: EndJob, state: SecretState): Promise<void> {
  const current = holderOf(state, 'AWSCURRENT');
  if (current && holdsNoKey(state, current)) return;
  for (let n = 0; ; n++) {
    const versionId = endedVersion(job, n);
    if (!(await job.store.readVersion(state, versionId))) return job.store.end(state, versionId);
  }
}

/** @returns the versions whose keys it ended */
async function endAll(job: EndJob, state: SecretState): Promise<LastVersion[]> {
  const { provider, incidentId, note, wasListed } = job;
  const holding = Object.keys(state.versions).filter(versionId => !holdsNoKey(state, versionId));
  const { versions, failure } = await readLastKeys(job, state, holding);
  // It accepts one key at a time: one that nobody ever holds takes the place of the last.
  if (provider.kind === 'roll' && versions.some(({ key }) => typeof key === 'object'))
    await provider.install(await provider.make('keyturn-ended', job.clock.now()));
  await endVersions(job, state, versions, {
    of: 'ended',
    by: incidentId,
    currentKeyId: undefined,
    wasListed,
    note,
  });
  if (failure) throw failure;
  return versions;
}

function holdsNoKey({ versions }: SecretState, versionId: string): boolean {
  return versions[versionId]?.includes(endedLabel) ?? false;
}

/** What attempts made and lost. */
async function sweepLost(job: EndJob, state: SecretState): Promise<void> {
  const { provider } = job;
  if (!('list' in provider)) return;
  if (provider.kind === 'issue') await endUnstored(job, state, Object.keys(state.versions));
  await endOrphans(job, state, await provider.list(), endedVersion(job, 0));
}
