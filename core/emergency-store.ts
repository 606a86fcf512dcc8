// What a containment asks of the place that keeps secrets, beyond a rotation's needs; and the labels of its own, which
// keep a key findable when moving AWSCURRENT takes AWSPREVIOUS or AWSPENDING from it.
import {
  droppedLabel,
  holderOf,
  type SecretState,
  type SecretStore,
  type StoredVersion,
} from './secret-store';
import type { SecretValue } from './secret-value';

export interface EmergencyStore extends SecretStore {
  /** By its id, labelled or not. `undefined` where it holds nothing yet. */
  readVersion(state: SecretState, versionId: string): Promise<StoredVersion | undefined>;
  /** Stores straight to AWSCURRENT: the key before becomes AWSPREVIOUS, and a pending rotation is abandoned. */
  putCurrent(state: SecretState, versionId: string, value: SecretValue): Promise<'stored' | 'taken'>;
  /** Stores under `stagedLabel` alone. */
  putStaged(state: SecretState, versionId: string, value: SecretValue): Promise<'stored' | 'taken'>;
}

/** On a key that Keyturn made and has not promoted yet, while it tells the provider of it. */
export const stagedLabel = 'KEYTURN-NEXT';
/** Ours, and that of a rotation which a person dropped. */
const mustEnd = new RegExp(`^(KEYTURN-REVOKE-\\d+|${droppedLabel})$`);

/** True for a version whose key must end, whatever else becomes of its labels. */
export function isMarked(state: SecretState, versionId: string): boolean {
  return state.versions[versionId]?.some(label => mustEnd.test(label)) ?? false;
}

/** The labels that a containment takes away once a version's key has ended; a team's own labels stay. */
export function labelsToRelease(state: SecretState, versionId: string): string[] {
  const ofAws = ['AWSPREVIOUS', 'AWSPENDING'];
  return (state.versions[versionId] ?? []).filter(
    label => ofAws.includes(label) || label === stagedLabel || mustEnd.test(label),
  );
}

/**
 * Marks what the next value would push out of its label, so that whoever comes next still finds it.
 * @param own the replacements of this containment: another run of it may have made one current meanwhile
 */
export async function markDisplaced(store: EmergencyStore, state: SecretState, own: string[]): Promise<void> {
  const current = holderOf(state, 'AWSCURRENT');
  const pending = holderOf(state, 'AWSPENDING');
  const rotating = pending !== undefined && pending !== current;
  // The current one only while a rotation runs: it could promote its key in between and push this one out, too.
  const displaced = [holderOf(state, 'AWSPREVIOUS')];
  if (rotating) displaced.push(pending);
  if (rotating && current && !own.includes(current)) displaced.push(current);
  const free = freeMarks(state);
  for (const versionId of displaced) {
    if (versionId && !isMarked(state, versionId)) {
      await store.moveLabel(state, free.next().value, { to: versionId });
    }
  }
}

function* freeMarks(state: SecretState): Generator<string, never> {
  for (let n = 1; ; n++) {
    const label = `KEYTURN-REVOKE-${n}`;
    if (!holderOf(state, label)) yield label;
  }
}
