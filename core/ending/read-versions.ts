// Versions read side by side. One that cannot be read, because somebody stored something else in it or because its key of AWS is
// closed, keeps no other key from its end.
import type { SecretState, SecretStore, StoredVersion } from '../rotation/secret-store';

export interface ReadVersion {
  versionId: string;
  /** `undefined` where nothing was stored yet. */
  held: StoredVersion | undefined;
}

export interface ReadVersions {
  read: ReadVersion[];
  /** Of the first that could not be read; to be thrown once the others have ended. */
  failure?: { error: unknown };
}

/** @param versionIds those that have a label no more are left out */
export async function readVersions(
  store: SecretStore,
  state: SecretState,
  versionIds: readonly string[],
): Promise<ReadVersions> {
  const labelled = versionIds.filter(versionId => state.versions[versionId]);
  const all = await Promise.allSettled(labelled.map(versionId => store.readVersion(state, versionId)));
  const read = all.flatMap((one, n) => {
    const versionId = labelled[n];
    return one.status === 'fulfilled' && versionId ? [{ versionId, held: one.value }] : [];
  });
  const failed = all.find(one => one.status === 'rejected');
  return { read, ...(failed && { failure: { error: failed.reason } }) };
}
