// Orphans: live keys at the provider that no labelled version holds, left by an attempt whose answer got lost.
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { parseProviderKeyName, secretTag, versionTag } from '../key/provider-key-name';
import type { ListedKey, Provider } from '../provider';
import type { SecretState } from '../rotation/secret-store';
import { hourMs } from '../time';

/** A containment may have made a key and not yet stored it: an unlabelled key is nobody's only after this time. */
const strandedAfterMs = hourMs;

/** The keys that an earlier attempt of the rotation to `versionId` made. */
export function keysOfVersion(listed: ListedKey[], state: SecretState, versionId: string): ListedKey[] {
  return listed.filter(key => {
    const name = parseProviderKeyName(key.name);
    return name?.secretTag === secretTag(state.arn) && name.versionTag === versionTag(versionId);
  });
}

/** Named keys of this secret whose version has no label any more. */
export function strandedKeys(listed: ListedKey[], state: SecretState, now: Date): ListedKey[] {
  const labelled = new Set(Object.keys(state.versions).map(versionTag));
  return listed.filter(key => {
    const name = parseProviderKeyName(key.name);
    if (name?.secretTag !== secretTag(state.arn) || labelled.has(name.versionTag)) return false;
    return now.getTime() - name.madeAt.getTime() >= strandedAfterMs;
  });
}

/**
 * Nameless keys in a place that belongs to this secret alone: whatever no version holds is left over.
 * @param heldIds key ids in labelled versions
 * @throws {KeyturnError} refused, where a key is older than the secret: somebody else's, and perhaps in use
 */
export function unheldKeys(
  listed: ListedKey[],
  state: SecretState,
  provider: Provider,
  heldIds: Set<string>,
): ListedKey[] {
  const unheld = listed.filter(key => !heldIds.has(key.id));
  const foreign = unheld.find(key => key.createdAt && key.createdAt < state.createdAt);
  if (foreign) {
    throw new KeyturnError(
      'refused',
      `${provider.id} holds the key ${foreign.id}, which is older than ${shortName(state.address)}; take it over with \`keyturn adopt\`, or delete it there`,
    );
  }
  return unheld;
}
