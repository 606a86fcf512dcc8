// Reads of versions. One that holds something else than a key, because somebody stored it there, keeps no other key from its end.
import { hasCode, KeyturnError } from '../errors';
import type { SecretState, SecretStore, StoredVersion } from '../rotation/secret-store';

export interface ReadVersion {
  versionId: string;
  /** `undefined` where nothing was stored yet. */
  held: StoredVersion | undefined;
}

export interface ReadVersions {
  read: ReadVersion[];
  /** Of the first that holds something else; to be thrown once the others have ended. */
  failure?: KeyturnError;
}

/**
 * Side by side.
 * @param versionIds those that have a label no more are left out
 * @throws where one could not be asked for: the next try can
 */
export async function readVersions(
  store: SecretStore,
  state: SecretState,
  versionIds: readonly string[],
): Promise<ReadVersions> {
  const all = await Promise.all(
    versionIds
      .filter(versionId => state.versions[versionId])
      .map(async versionId => ({
        versionId,
        held: await keyOrFailure(() => store.readVersion(state, versionId)),
      })),
  );
  const read = all.flatMap(({ versionId, held }) =>
    held instanceof KeyturnError ? [] : [{ versionId, held }],
  );
  const [failure] = all.flatMap(({ held }) => (held instanceof KeyturnError ? [held] : []));
  return { read, ...(failure && { failure }) };
}

/** @returns the failure, where something else than a key was stored */
export async function keyOrFailure(
  read: () => Promise<StoredVersion | undefined>,
): Promise<StoredVersion | KeyturnError | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KeyturnError && hasCode(error, 'bad-secret')) return error;
    throw error;
  }
}
