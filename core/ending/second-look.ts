// The second look at a key that was rejected in a row: hours later, when every server of the provider has had its time. Only
// after it is a key called dead.
import { secretName } from '../key/key-address';
import type { SecretValue } from '../key/secret-value';
import { holderOf, type SecretState } from '../rotation/secret-store';
import type { Certificate } from './certificate';
import type { KeyTools } from './ending';
import { type ProofResult, proveRejected } from './proof';

export type SecondLook =
  | 'dead'
  /** Accepted, and revoked again. */
  | 'alive'
  /** The provider could not be asked. */
  | 'unknown'
  /** Its version has a label again, whose holder ends it, or AWS holds its value no more: there is nothing to look at. */
  | 'over';

/** @throws {KeyturnError} where it could not be looked at, or not be revoked again */
export async function lookAgain(
  { store, certificates, clock }: Pick<KeyTools, 'store' | 'certificates' | 'clock'>,
  providerOf: (state: SecretState) => Promise<KeyTools['provider']>,
  certificate: Certificate,
): Promise<SecondLook> {
  const { address, versionId, keyId, of } = certificate;
  const state = await store.describe(secretName(address));
  const value = (await store.readVersion(state, versionId))?.value;
  if (!value || value.keyId !== keyId || state.versions[versionId]) return 'over';
  const labelled = await Promise.all(Object.keys(state.versions).map(id => store.readVersion(state, id)));
  // Somebody has stored the same key once more: it may be in use, also where another has superseded it since.
  if (labelled.some(version => version?.value?.keyId === keyId)) return 'over';
  const currentId = holderOf(state, 'AWSCURRENT');
  const current = labelled.find(version => version?.versionId === currentId)?.value;
  const provider = await providerOf(state);
  const revokedAt = certificate.looks.at(-1)?.revokedAt ?? clock.now().toISOString();
  const wasListed = certificate.looks.some(({ list }) => list === 'does not show the key');
  const currentKeyId = current?.keyId;
  const row = await proveRejected(provider, value, clock, { look: 'second', currentKeyId, wasListed });
  const asked = await withControl(provider, row, current);
  const isAlive = asked.finding === 'accepted';
  // Before the note of it: if we stop here, the look is due as before.
  if (isAlive && 'revoke' in provider) await provider.revoke(value.keyId, value);
  const look = { look: 'second', by: 'second look', revokedAt, ...asked } as const;
  await certificates.add({ address, versionId, keyId, of }, look);
  if (isAlive) return 'alive';
  return asked.finding === 'rejected' ? 'dead' : 'unknown';
}

/**
 * A provider that refuses every key at the moment says nothing of this one: the key that took its place has to be accepted, by the
 * same call. Where none did, as at the end of the last one, there is nobody to ask about.
 */
async function withControl(
  provider: KeyTools['provider'],
  row: ProofResult,
  current: SecretValue | undefined,
): Promise<ProofResult> {
  if (row.finding !== 'rejected' || !current || provider.kind === 'self-issued') return row;
  const live = await provider.verify(current);
  return { ...row, live, ...(live !== 'accepted' && { finding: 'unknown' }) };
}
