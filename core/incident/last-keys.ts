// Keys after whose end none is left in their place that would show whether the provider's list can be believed. So it is asked
// before, and what it shows is noted: a run that is taken up again knows it, too.
import { type EndingVersion, type KeyTools, keyToEnd } from '../ending/ending';
import type { SecretState } from '../rotation/secret-store';

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

export async function readLastKeys(
  { store, provider, note }: LastKeysJob,
  state: SecretState,
  versionIds: readonly string[],
): Promise<LastVersion[]> {
  const versions = await Promise.all(
    versionIds.map(async versionId => {
      const held = await store.readVersion(state, versionId);
      return { versionId, isFilled: held !== undefined, key: keyToEnd(provider, held, []), labels: [] };
    }),
  );
  const listed = 'list' in provider ? await provider.list() : [];
  for (const { versionId, key } of versions)
    if (typeof key === 'object' && listed.some(({ id }) => id === key.keyId))
      await note({ what: 'listed', versionId, keyId: key.keyId });
  return versions;
}
