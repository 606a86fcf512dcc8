// Marks of a containment: they keep a key findable when moving AWSCURRENT takes AWSPREVIOUS or AWSPENDING from it. They show
// among a version's labels; unlike a label of AWS, any number of versions can have one.

import {
  deadLabel,
  droppedLabel,
  holderOf,
  type SecretState,
  type SecretStore,
  stagedLabel,
} from '../rotation/secret-store';

export const markLabel = 'KEYTURN-REVOKE';

/** In the place of a mark, where only labels of AWS can be written. */
export const labelInPlaceOfMark = (versionId: string) => `${markLabel}-${versionId}`;

/** Ours, and that of a rotation which a person dropped. */
const mustEnd = new RegExp(`^(${markLabel}(-.+)?|${droppedLabel})$`);

type Versions = Pick<SecretState, 'versions'>;

/** True for a version whose key must end, whatever else becomes of its labels. */
export function isMarked(state: Versions, versionId: string): boolean {
  return marksOf(state.versions[versionId] ?? []).length > 0;
}

/** What marks it so. */
export function marksOf(labels: readonly string[]): string[] {
  return labels.filter(label => mustEnd.test(label));
}

/** What a containment takes away once a version's key has ended, its marks last; a team's own labels stay. */
export function labelsToRelease(state: Versions, versionId: string): string[] {
  const ofStages = ['AWSPREVIOUS', 'AWSPENDING', stagedLabel, deadLabel];
  const labels = state.versions[versionId] ?? [];
  return [...labels.filter(label => ofStages.includes(label)), ...marksOf(labels)];
}

/** Those that have such a label; a label of a team's own makes no version one of them. */
export function versionsToRelease(state: Versions): string[] {
  return Object.keys(state.versions).filter(versionId => labelsToRelease(state, versionId).length);
}

/** Whose keys have ended. Version id -> whether it held one: false of a rotation's version in which nothing was stored by then. */
export type OverVersions = ReadonlyMap<string, boolean>;

/**
 * Lets go of versions whose keys have ended. A call that was under way may have stored a key in an empty one since, and so given it
 * AWSPENDING again: that key was seen dead by nobody, and keeps its label.
 * @param state as it is now
 */
export async function releaseVersions(
  store: SecretStore,
  state: SecretState,
  over: OverVersions,
): Promise<void> {
  for (const [versionId, wasFilled] of over) {
    const labels = wasFilled ? labelsToRelease(state, versionId) : marksOf(state.versions[versionId] ?? []);
    for (const label of labels) await store.moveLabel(state, label, { from: versionId });
  }
}

/**
 * What the next value pushes out of its label. The current one, too: a rotation could promote its own key in between, and push it out
 * after all.
 */
export function displacedVersions(state: Versions): string[] {
  return ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'].flatMap(label => holderOf(state, label) ?? []);
}

/** Those that have a label, so that the next run finds them whatever becomes of it. */
export async function markAll(
  store: SecretStore,
  state: SecretState,
  versionIds: readonly string[],
): Promise<void> {
  for (const versionId of versionIds) if (state.versions[versionId]) await mark(store, state, versionId);
}

/**
 * Ends a rotation under way: its key can be promoted no more, and is found by its mark.
 * @param first what has to be done just before, where there is one
 * @returns the secret as it is then
 */
export async function abandonRotation(
  store: SecretStore,
  arn: string,
  first?: (versionId: string) => Promise<unknown>,
): Promise<SecretState> {
  const state = await store.describe(arn);
  const pending = holderOf(state, 'AWSPENDING');
  if (!pending || pending === holderOf(state, 'AWSCURRENT')) return state;
  await first?.(pending);
  await mark(store, state, pending);
  await store.moveLabel(state, 'AWSPENDING', { from: pending });
  return store.describe(arn);
}

async function mark(store: SecretStore, state: SecretState, versionId: string): Promise<void> {
  if (!isMarked(state, versionId)) await store.moveLabel(state, markLabel, { to: versionId });
}
