// Versions read side by side. One that holds something else than a key, because somebody stored it there, keeps no other from its end.
import { hasCode } from '../errors';
import type { SecretState, SecretStore, StoredVersion } from '../rotation/secret-store';

export interface ReadVersion {
  versionId: string;
  /** `undefined` where nothing was stored yet. */
  held: StoredVersion | undefined;
}

export interface ReadVersions {
  read: ReadVersion[];
  /** Of the first that holds something else; to be thrown once the others have ended. */
  failure?: { error: unknown };
}

/**
 * @param versionIds those that have a label no more are left out
 * @throws where one could not be asked for: the next try can
 */
export async function readVersions(
  store: SecretStore,
  state: SecretState,
  versionIds: readonly string[],
): Promise<ReadVersions> {
  const labelled = versionIds.filter(versionId => state.versions[versionId]);
  const all = await Promise.allSettled(labelled.map(versionId => store.readVersion(state, versionId)));
  const failures = all.flatMap(one => (one.status === 'rejected' ? [one.reason] : []));
  for (const error of failures) if (!hasCode(error, 'bad-secret')) throw error;
  const read = all.flatMap((one, n) => {
    const versionId = labelled[n];
    return one.status === 'fulfilled' && versionId ? [{ versionId, held: one.value }] : [];
  });
  return { read, ...(failures.length && { failure: { error: failures[0] } }) };
}

/** @returns `unreadable` for what holds something else than a key */
export async function readable(
  read: () => Promise<StoredVersion | undefined>,
): Promise<StoredVersion | 'unreadable' | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, 'bad-secret')) return 'unreadable';
    throw error;
  }
}
