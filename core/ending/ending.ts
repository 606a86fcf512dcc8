// How a key ends, whatever ends it (a rotation, the hourly retirement, a containment): revoked, seen dead, and only then
// forgotten. As long as a label is on its version, the next run finds the key and ends it.

import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import type { SecretValue } from '../key/secret-value';
import type { Clock, Provider } from '../provider';
import type { Attempts } from '../rotation/attempts';
import type { SecretState, SecretStore, StoredVersion } from '../rotation/secret-store';
import { keysOfVersion, lostKeys } from './orphans';
import { proveRejected, proveUnlisted } from './proof';

/** What there is to work with on one key. */
export interface KeyTools {
  store: SecretStore;
  provider: Provider;
  /** What is known of calls that made keys; only keys with names need it. */
  attempts: Attempts;
  clock: Clock;
}

/** A version that is to be forgotten. */
export interface EndingVersion {
  versionId: string;
  /** What there is to end: the stored key, whatever an attempt made and lost, or nothing. */
  key: SecretValue | 'lost' | 'none';
  /** What is taken away at the end. */
  labels: readonly string[];
}

/** How a key is known to be dead: the provider rejects it; lists it no more, where its secret was never stored; or nobody accepts it. */
export type EndProof = 'rejected' | 'unlisted' | 'label-removed';

export interface EndedKey {
  versionId: string;
  /** Absent where the key was made by an attempt that never stored it. */
  keyId?: string;
  proof: EndProof;
}

export type EndingStep =
  | { what: 'revoked'; versionId: string; keyId?: string }
  | ({ what: 'proven-dead' } & EndedKey);

export interface EndingReason {
  /** For people: `the compromised key ...`. */
  of: 'superseded' | 'dropped' | 'compromised';
  /** Must not fail. */
  note?(step: EndingStep): Promise<unknown>;
}

/**
 * What of a version's key there is to end.
 * @param held what the version holds; `undefined` where nothing was stored yet
 * @param keptKeys ids of keys that stay: the same one can stand in two versions, after an adopt or a copy by hand
 */
export function keyToEnd(
  { kind }: Provider,
  held: StoredVersion | undefined,
  keptKeys: readonly (string | undefined)[],
): EndingVersion['key'] {
  // Only a name tells which attempt made a key; without names, nobody can say of a lost one that it is dead.
  if (!held) return kind === 'issue' ? 'lost' : 'none';
  return held.value && !keptKeys.includes(held.value.keyId) ? held.value : 'none';
}

/** @throws {KeyturnError} key-still-alive or provider-down, where a key was not seen dead: its labels then stay */
export async function endVersions(
  tools: KeyTools,
  state: SecretState,
  versions: readonly EndingVersion[],
  reason: EndingReason,
): Promise<EndedKey[]> {
  // All are revoked before any is proven: a proof can take minutes.
  await revokeVersions(tools, state, versions, reason);
  const ended: EndedKey[] = [];
  for (const { versionId, key, labels } of versions) {
    if (key !== 'none') {
      const proof = await proveEnded(tools, state, versionId, key, reason);
      ended.push({ versionId, ...idOf(key), proof });
      await reason.note?.({ what: 'proven-dead', versionId, ...idOf(key), proof });
    }
    // Last: if we stop here, the label still leads to the key.
    for (const label of labels) await tools.store.moveLabel(state, label, { from: versionId });
  }
  return ended;
}

/** The first half of their end. */
export async function revokeVersions(
  tools: KeyTools,
  state: SecretState,
  versions: readonly EndingVersion[],
  { note }: EndingReason,
): Promise<void> {
  const { provider } = tools;
  for (const { versionId, key } of versions) {
    if (key === 'none') continue;
    if ('revoke' in provider) {
      const held = key === 'lost' ? undefined : key;
      const ids = held ? [held.keyId] : await lostIds(tools, state, versionId);
      for (const id of ids) await provider.revoke(id, held);
    }
    await note?.({ what: 'revoked', versionId, ...idOf(key) });
  }
}

async function proveEnded(
  tools: KeyTools,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
  { of }: EndingReason,
): Promise<EndProof> {
  const { provider, clock } = tools;
  const theKey = (id: string) => `the ${of} key ${id} of ${shortName(state.address)}`;
  const stillAlive = (id: string) =>
    new KeyturnError(
      'key-still-alive',
      `${theKey(id)} is still accepted after it was revoked; delete it in the provider's console now`,
    );
  if (provider.kind === 'self-issued') return 'label-removed';
  if (key === 'lost') {
    const [left] = await proveUnlisted(provider, () => lostIds(tools, state, versionId), clock);
    if (left) throw stillAlive(left);
    return 'unlisted';
  }
  const verdict = await proveRejected(provider, key, clock);
  if (verdict === 'rejected') return 'rejected';
  if (verdict === 'accepted') throw stillAlive(key.keyId);
  throw new KeyturnError(
    'provider-down',
    `${theKey(key.keyId)} was revoked, but ${provider.id} cannot be asked for proof; it is tried again by itself, at least every hour`,
  );
}

/** Ids of what attempts made for this version, where it never stored it. */
async function lostIds(tools: KeyTools, state: SecretState, versionId: string): Promise<string[]> {
  if (tools.provider.kind !== 'issue') return [];
  const listed = await tools.provider.list();
  const lost = await lostKeys(tools, state, listed, keysOfVersion(listed, state, versionId));
  return lost.map(({ id }) => id);
}

function idOf(key: EndingVersion['key']): { keyId?: string } {
  return typeof key === 'string' ? {} : { keyId: key.keyId };
}
