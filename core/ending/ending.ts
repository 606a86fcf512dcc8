// How a key ends, whatever ends it (a rotation, the hourly retirement, a containment): revoked, seen rejected, certified, and
// only then forgotten. As long as a label is on its version, the next run finds the key and ends it; after that the
// certificate leads to it, until a second look has found it dead (second-look.ts).

import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import type { SecretValue } from '../key/secret-value';
import type { Clock, ManualProvider, Provider } from '../provider';
import type { Attempts } from '../rotation/attempts';
import type { SecretState, SecretStore, StoredVersion } from '../rotation/secret-store';
import type { Certificates, CertifiedKey, Look } from './certificate';
import { keysOfVersion, lostKeys } from './orphans';
import { proveRejected, proveUnlisted } from './proof';

/** What there is to work with on one key. */
export interface KeyTools {
  store: SecretStore;
  provider: Provider;
  /** What is known of calls that made keys; only keys with names need it. */
  attempts: Attempts;
  certificates: Certificates;
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

/** How a key is known to have ended: the provider rejects it; lists it no more, where its secret was never stored; or nobody accepts it. */
export type EndProof = 'rejected' | 'unlisted' | 'label-removed';

export interface EndedKey {
  versionId: string;
  /** Absent where the key was made by an attempt that never stored it. */
  keyId?: string;
  proof: EndProof;
}

export type EndingStep =
  | { what: 'revoked'; versionId: string; keyId?: string }
  /** Rejected in a row, or gone otherwise, and certified. */
  | ({
      what: 'rejected' /** The first of the row; absent where nobody was asked. ISO 8601, UTC. */;
      firstAt?: string;
    } & EndedKey);

export interface EndingReason {
  /** For people: `the compromised key ...`. */
  of: CertifiedKey['of'];
  /** Who ends it: `rotation`, `retirement`, or the id of an incident. */
  by: string;
  /** Of the key that stays in its place, if there is one. */
  currentKeyId: string | undefined;
  /** True of a key that the provider listed before it was revoked, or whose list is believed anyway; needed where none stays. */
  wasListed?(keyId: string): boolean;
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

/**
 * A key that is not seen rejected keeps no other from its end.
 * @throws {KeyturnError} key-still-alive or provider-down, where a key was not seen rejected: its labels then stay
 */
export async function endVersions(
  tools: KeyTools,
  state: SecretState,
  versions: readonly EndingVersion[],
  reason: EndingReason,
): Promise<EndedKey[]> {
  // All are revoked before any is proven: a proof can take minutes. Proofs wait side by side.
  await revokeVersions(tools, state, versions, reason);
  const proofs = await Promise.allSettled(
    versions.map(async ({ versionId, key, labels }) => {
      const ended = key === 'none' ? [] : [await proveEnded(tools, state, versionId, key, reason)];
      // Last: if we stop here, the label still leads to the key.
      for (const label of labels) await tools.store.moveLabel(state, label, { from: versionId });
      return ended;
    }),
  );
  // Proofs take a while: a rotation may have stored the key of a version that held none, and it would be forgotten alive.
  for (const { versionId, key } of versions) {
    if (key !== 'lost' || !(await tools.store.readVersion(state, versionId))?.value) continue;
    throw new KeyturnError(
      'no-answer',
      `a rotation stored a key of ${shortName(state.address)} while older keys were being revoked; Keyturn tries again by itself, and then revokes that key`,
    );
  }
  return proofs.flatMap(proof => {
    if (proof.status === 'rejected') throw proof.reason;
    return proof.value;
  });
}

/** The first half of their end. */
export async function revokeVersions(
  tools: KeyTools,
  state: SecretState,
  versions: readonly EndingVersion[],
  { note }: Pick<EndingReason, 'note'>,
): Promise<void> {
  const { provider } = tools;
  for (const { versionId, key } of versions) {
    if (key === 'none') continue;
    // Revoked it is by whoever does it, which the proof shows.
    if (provider.kind === 'manual') await requireEndedByHand(provider, state, key);
    else {
      await revokeVersion(tools, state, versionId, key);
      await note?.({ what: 'revoked', versionId, ...idOf(key) });
    }
  }
}

async function revokeVersion(
  tools: KeyTools,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
): Promise<void> {
  const { provider } = tools;
  if (!('revoke' in provider)) return;
  if (key !== 'lost') return provider.revoke(key.keyId, key);
  for (const id of await lostIds(tools, state, versionId)) await provider.revoke(id);
}

/** @throws {KeyturnError} refused, where a person has yet to end it */
async function requireEndedByHand(
  provider: ManualProvider,
  { address }: SecretState,
  key: SecretValue | 'lost',
): Promise<void> {
  if (key === 'lost' || (await provider.verify(key)) === 'rejected') return;
  throw new KeyturnError(
    'refused',
    `no API of ${provider.id} can revoke the key ${key.keyId} of ${shortName(address)}; a person has to ${provider.steps.end}; Keyturn then checks by itself that it is dead`,
  );
}

/** Certified before it is told: whatever is said to be rejected can be looked up. */
async function proveEnded(
  tools: KeyTools,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
  reason: EndingReason,
): Promise<EndedKey> {
  const { certificates, clock, provider } = tools;
  const revokedAt = clock.now().toISOString();
  const { aliveId, ...seen } = await lookAt(tools, state, versionId, key, reason);
  const look: Look = { look: 'first', by: reason.by, revokedAt, ...seen };
  await certificates.add({ address: state.address, versionId, ...idOf(key), of: reason.of }, look);
  const theKey = `the ${reason.of} key ${aliveId ?? idOf(key).keyId} of ${shortName(state.address)}`;
  if (look.finding === 'accepted') {
    throw new KeyturnError(
      'key-still-alive',
      `${theKey} is still accepted after it was revoked; Keyturn revokes and checks it again by itself. If it is still accepted in an hour, delete it in the provider's console`,
    );
  }
  if (look.finding === 'unknown') {
    throw new KeyturnError(
      'provider-down',
      `${theKey} was revoked, but ${provider.id} could not be asked for proof; Keyturn tries again by itself, at least every hour`,
    );
  }
  const ended: EndedKey = { versionId, ...idOf(key), proof: look.finding };
  const firstAt = look.probes.find(({ verdict }) => verdict === 'rejected' || verdict === 'denied')?.at;
  await reason.note?.({ what: 'rejected', ...ended, ...(firstAt && { firstAt }) });
  return ended;
}

/** @returns with the id of a key that was found alive */
async function lookAt(
  tools: KeyTools,
  state: SecretState,
  versionId: string,
  key: SecretValue | 'lost',
  { currentKeyId, wasListed }: EndingReason,
): Promise<Pick<Look, 'finding' | 'probes' | 'list'> & { aliveId?: string }> {
  const { provider, clock } = tools;
  if (provider.kind === 'self-issued') return { finding: 'label-removed', probes: [] };
  if (key !== 'lost') {
    const before = wasListed?.(key.keyId);
    return proveRejected(provider, key, clock, { look: 'first', currentKeyId, wasListed: before });
  }
  const [aliveId] = await proveUnlisted(provider, () => lostIds(tools, state, versionId), clock);
  return aliveId ? { finding: 'accepted', probes: [], aliveId } : { finding: 'unlisted', probes: [] };
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
