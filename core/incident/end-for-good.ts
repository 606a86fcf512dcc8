// The end of a key that nobody needs any more: every key of its secret is revoked and proven dead, and the secret says so from
// then on. Any step may be stopped at any call and run again.
import { endVersions, type KeyTools, keyToEnd } from '../ending/ending';
import { endOrphans, endUnstored } from '../ending/orphans';
import { endedLabel, holderOf, isEnded, type SecretState } from '../rotation/secret-store';
import { minuteMs } from '../time';
import type { ContainmentStep } from './containment';
import { abandonRotation, labelsToRelease, markDisplaced } from './marks';
import { endedVersion } from './replacement-version';

export interface EndJob extends KeyTools {
  incidentId: string;
  arn: string;
  /** Must not fail. */
  note(step: ContainmentStep): Promise<unknown>;
  /** True where this or an earlier run has noted that the provider listed the key. */
  wasListed(keyId: string): boolean;
}

/** A step of a rotation that is under way by then has stored its key, or left it to be found by its name. */
export const stepTakesAtMostMs = 5 * minuteMs;

/** @throws {KeyturnError} key-still-alive or provider-down, where a key was not seen dead: it has to be run again */
export async function endForGood(job: EndJob): Promise<void> {
  const { store, clock, arn, provider } = job;
  const begun = await store.describe(arn);
  if (isEnded(begun)) return;
  const pending = holderOf(begun, 'AWSPENDING');
  if (pending && pending !== holderOf(begun, 'AWSCURRENT')) {
    await abandonRotation(store, arn);
    await clock.sleep(stepTakesAtMostMs);
  }
  const state = await abandonRotation(store, arn);
  // A server of the team's own accepts a key by its label, which goes once the secret holds no key.
  if (provider.kind !== 'self-issued') await endAll(job, state);
  await sweepLost(job, state);
  await markDisplaced(store, state, []);
  await store.end(state, endedVersion(job));
  const after = await store.describe(arn);
  if (provider.kind === 'self-issued') await endAll(job, after);
  await release(job, after);
}

async function endAll(job: EndJob, state: SecretState): Promise<void> {
  const { store, provider, incidentId, note, wasListed } = job;
  const versions = await Promise.all(
    Object.keys(state.versions)
      .filter(versionId => !holdsNoKey(state, versionId))
      .map(async versionId => {
        const key = keyToEnd(provider, await store.readVersion(state, versionId), []);
        return { versionId, key, labels: [] };
      }),
  );
  // Afterwards no key is left that shows whether the list can be believed.
  const listed = 'list' in provider ? await provider.list() : [];
  for (const { versionId, key } of versions)
    if (typeof key === 'object' && listed.some(({ id }) => id === key.keyId))
      await note({ what: 'listed', versionId, keyId: key.keyId });
  // It accepts one key at a time: one that nobody ever holds takes the place of the last.
  if (provider.kind === 'roll') await provider.install(await provider.make('keyturn-ended', job.clock.now()));
  await endVersions(job, state, versions, {
    of: 'ended',
    by: incidentId,
    currentKeyId: undefined,
    wasListed,
    note,
  });
}

function holdsNoKey({ versions }: SecretState, versionId: string): boolean {
  return versions[versionId]?.includes(endedLabel) ?? false;
}

/** What attempts made and lost. */
async function sweepLost(job: EndJob, state: SecretState): Promise<void> {
  const { provider } = job;
  if (!('list' in provider)) return;
  if (provider.kind === 'issue') await endUnstored(job, state, Object.keys(state.versions));
  await endOrphans(job, state, await provider.list(), endedVersion(job));
}

async function release({ store }: EndJob, state: SecretState): Promise<void> {
  const current = holderOf(state, 'AWSCURRENT');
  for (const versionId of Object.keys(state.versions)) {
    if (versionId === current) continue;
    for (const label of labelsToRelease(state, versionId))
      await store.moveLabel(state, label, { from: versionId });
  }
}
