// Orphans: live keys at the provider that no version holds, left by an attempt whose answer got lost. A name only tells which
// keys to look at: revoked is what the record of its attempt proves to be lost, and people are told of everything else.
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { parseProviderKeyName, secretTag, versionTag } from '../key/provider-key-name';
import type { ListedKey, Provider } from '../provider';
import { holderOf, type SecretState, type SecretStore, stagedLabel } from '../rotation/secret-store';
import { hourMs } from '../time';
import type { KeyTools } from './ending';
import { isProvenLost } from './lost-key';
import { readVersions } from './read-versions';

/** A containment may have made a key and not yet stored it: an unlabelled key is nobody's only after this time. */
export const strandedAfterMs = hourMs;

/** Keys that look as if an attempt to fill this version had made them. */
export function keysOfVersion(listed: ListedKey[], state: SecretState, versionId: string): ListedKey[] {
  return listed.filter(key => {
    const name = parseProviderKeyName(key.name);
    return name?.secretTag === secretTag(state.arn) && name.versionTag === versionTag(versionId);
  });
}

/** Keys that look like this secret's, of a version that has no label any more. */
export function strandedKeys(listed: ListedKey[], state: SecretState, now: Date): ListedKey[] {
  const labelled = new Set(Object.keys(state.versions).map(versionTag));
  return listed.filter(key => {
    const name = parseProviderKeyName(key.name);
    if (name?.secretTag !== secretTag(state.arn) || labelled.has(name.versionTag)) return false;
    return now.getTime() - name.madeAt.getTime() >= strandedAfterMs;
  });
}

/** True of a key that may have been there before the secret, also where nobody tells: somebody else's, and perhaps in use. */
export function isOlderThanSecret({ createdAt }: ListedKey, state: SecretState): boolean {
  return !(createdAt && createdAt >= state.createdAt);
}

/**
 * Revokes what lost attempts left behind, before a rotation makes the key of a version that holds none yet.
 * @param listed what the provider lists, asked before it was seen that the version holds none
 * @throws {KeyturnError} refused, where a place without names holds a key that is older than the secret
 */
export async function endOrphans(
  tools: KeyTools,
  state: SecretState,
  listed: ListedKey[],
  versionId: string,
): Promise<void> {
  const { store, provider, clock } = tools;
  if (!('revoke' in provider)) return;
  const orphans =
    provider.kind === 'issue'
      ? await lostKeys(tools, state, listed, [
          ...keysOfVersion(listed, state, versionId),
          ...strandedKeys(listed, state, clock.now()),
          ...(await lateKeys(store, state, listed)),
        ])
      : unheldKeys(listed, state, provider, await heldIds(store, state));
  for (const { id } of orphans) await provider.revoke(id);
}

/**
 * Of keys that look lost: those that are proven to be. People are told of the others.
 * @param listed everything that the provider lists
 */
export async function lostKeys(
  { store, attempts }: KeyTools,
  state: SecretState,
  listed: readonly ListedKey[],
  looksLost: readonly ListedKey[],
): Promise<ListedKey[]> {
  const lost: ListedKey[] = [];
  for (const key of looksLost) {
    const attempt = key.name === undefined ? undefined : await attempts.find(state, key.name);
    const held = attempt && (await store.readVersion(state, attempt.versionId));
    if (held?.value?.keyId === key.id) {
      if (await isForgotten(store, state, held.versionId, key.id)) lost.push(key);
    } else if (
      attempt &&
      isProvenLost(key, attempt, listed, held) &&
      (await attempts.claim(state, attempt.name, key.id))
    )
      lost.push(key);
    else await attempts.tellUnproven(state, key);
  }
  return lost;
}

/** True where the version that holds a key has lost its labels, and no other one has the same key. */
async function isForgotten(
  store: SecretStore,
  { arn }: SecretState,
  versionId: string,
  keyId: string,
): Promise<boolean> {
  // Asked again: it may have been made current since.
  const state = await store.describe(arn);
  if (state.versions[versionId]) return false;
  for (const labelled of Object.keys(state.versions))
    if ((await store.readVersion(state, labelled))?.value?.keyId === keyId) return false;
  return true;
}

/** In the name of the current version, which holds another key: a provider can be slower than AWS's next try. */
async function lateKeys(store: SecretStore, state: SecretState, listed: ListedKey[]): Promise<ListedKey[]> {
  const versionId = holderOf(state, 'AWSCURRENT');
  const made = versionId ? keysOfVersion(listed, state, versionId) : [];
  // One is the current key itself.
  if (made.length < 2) return [];
  const current = await store.read(state, 'AWSCURRENT');
  if (current?.versionId !== versionId) return [];
  return made.filter(({ id }) => id !== current?.value?.keyId);
}

/** Revokes what was made for these versions and lost. */
export async function endUnstored(
  tools: KeyTools,
  state: SecretState,
  versionIds: readonly string[],
): Promise<void> {
  const { provider, store } = tools;
  if (provider.kind !== 'issue') return;
  const listed = await provider.list();
  for (const versionId of versionIds) {
    const made = keysOfVersion(listed, state, versionId);
    const stored = made.length ? (await store.readVersion(state, versionId))?.value?.keyId : undefined;
    const unstored = made.filter(({ id }) => id !== stored);
    for (const { id } of await lostKeys(tools, state, listed, unstored)) await provider.revoke(id);
  }
}

/** Nameless keys in a place that belongs to this secret alone: whatever no version holds is left over. */
function unheldKeys(
  listed: ListedKey[],
  state: SecretState,
  provider: Provider,
  held: Set<string>,
): ListedKey[] {
  const unheld = listed.filter(({ id }) => !held.has(id));
  const foreign = unheld.find(key => isOlderThanSecret(key, state));
  if (foreign) {
    throw new KeyturnError(
      'refused',
      `${provider.id} holds the key ${foreign.id}, which is older than ${shortName(state.address)}; take it over with \`npx keyturn adopt\`, or delete it there`,
    );
  }
  return unheld;
}

async function heldIds(store: SecretStore, state: SecretState): Promise<Set<string>> {
  const labels = ['AWSCURRENT', 'AWSPREVIOUS', stagedLabel] as const;
  const held = await Promise.all(labels.map(label => store.read(state, label)));
  return new Set(held.flatMap(version => version?.value?.keyId ?? []));
}

/**
 * Makes room in a place without names, which holds two keys at most: every key but one goes. The one is the current key, or,
 * where that is dead, the newest: some providers never let the last one go.
 * @param state described after the listing, so that nothing listed can become current any more
 */
export async function endAllButOne(
  { store, provider }: KeyTools,
  state: SecretState,
  listed: ListedKey[],
): Promise<void> {
  if (!('revoke' in provider)) return;
  const { read } = await readVersions(store, state, Object.keys(state.versions));
  const values = read.map(version => version.held);
  const held = new Set(values.map(version => version?.value?.keyId));
  const current = holderOf(state, 'AWSCURRENT');
  const currentKey = values.find(version => version?.versionId === current)?.value?.keyId;
  const ageOf = ({ createdAt }: ListedKey) => createdAt?.getTime() ?? 0;
  const [newest] = [...listed].sort((one, other) => ageOf(other) - ageOf(one));
  const spared = listed.find(({ id }) => id === currentKey) ?? newest;
  for (const key of listed) {
    const isForeign = !held.has(key.id) && isOlderThanSecret(key, state);
    if (key !== spared && !isForeign) await provider.revoke(key.id);
  }
}
