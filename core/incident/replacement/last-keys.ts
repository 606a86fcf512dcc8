// Keys after whose end none is left in their place that would show whether the provider's list can be believed. So it is asked
// before, and what it shows is noted: a run that is taken up again knows it, too.
import { type EndingVersion, type KeyTools, keyToEnd } from '../../ending/ending';
import { type ReadVersions, readVersions } from '../../ending/read-versions';
import type { SecretState } from '../../rotation/secret-store';

export interface LastKeysJob extends KeyTools {
  /** Must not fail. */
  note(step: { what: 'listed'; versionId: string; keyId: string }): Promise<unknown>;
  /** True where this or an earlier run has noted that the provider listed the key. */
  wasListed(keyId: string): boolean;
}

export interface LastVersion extends EndingVersion {
  /** False of a rotation's version in which nothing was stored yet. */
  isFilled: boolean;
}

/** @returns with the failure of the first that cannot be read, to be thrown once the others have ended */
export async function readLastKeys(
  { store, provider, note }: LastKeysJob,
  state: SecretState,
  versionIds: readonly string[],
): Promise<{ versions: LastVersion[] } & Pick<ReadVersions, 'failure'>> {
  const { read, failure } = await readVersions(store, state, versionIds);
  const versions = read.map(({ versionId, held }) => ({
    versionId,
    isFilled: held !== undefined,
    key: keyToEnd(provider, held, []),
    labels: [],
  }));
  const listed = 'list' in provider ? await provider.list() : [];
  for (const { versionId, key } of versions)
    if (typeof key === 'object' && listed.some(({ id }) => id === key.keyId))
      await note({ what: 'listed', versionId, keyId: key.keyId });
  return { versions, ...(failure && { failure }) };
}
