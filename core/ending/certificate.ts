// A death certificate: what was seen of one key's end, look by look. Nobody says that a key is rejected or dead before it is
// written. It says nothing of the key's secret.
import type { KeyAddress } from '../key/key-address';
import { hourMs } from '../time';
import type { LookOrder, Probe, ProofResult } from './proof';

/** Whose end it is about. */
export interface CertifiedKey {
  address: KeyAddress;
  versionId: string;
  /** The provider's id; absent where the key was made by an attempt that never stored it. */
  keyId?: string;
  of: 'superseded' | 'dropped' | 'compromised' | 'ended';
}

/** One proof that was tried. */
export interface Look {
  look: LookOrder;
  /** Who asked: `rotation`, `retirement`, `second look`, or the id of an incident. */
  by: string;
  /** When the provider had taken the revocation, or the key that ended this one. ISO 8601, UTC. */
  revokedAt: string;
  finding: ProofResult['finding'] | 'unlisted' | 'label-removed';
  probes: readonly Probe[];
  list?: ProofResult['list'];
  live?: ProofResult['live'];
}

export interface Certificate extends CertifiedKey {
  /** At least one. */
  looks: readonly Look[];
}

/**
 * How far the proof is.
 * - `alive`: accepted when it was asked last. `unproven`: the provider could not be asked.
 * - `rejected`: a row of rejections, and the second look is to come.
 * - `dead`: rejected at the second look, too; or nobody but Keyturn ever accepted it, or had it.
 */
export type DeathState = 'alive' | 'unproven' | 'rejected' | 'dead';

/**
 * From the row of rejections to the second look. Twice the longest time for which gateways may remember a verdict (one hour
 * at AWS's API Gateway), and more than seven times the median of 16 minutes at Google.
 */
export const secondLookAfterMs = 2 * hourMs;

export function deathState({ looks }: Pick<Certificate, 'looks'>): DeathState {
  const told = looks.findLast(({ finding }) => finding !== 'unknown');
  switch (told?.finding) {
    case undefined:
    case 'unknown':
      return 'unproven';
    case 'accepted':
      return 'alive';
    case 'rejected':
      return told.look === 'second' ? 'dead' : 'rejected';
    case 'unlisted':
    case 'label-removed':
      return 'dead';
  }
}

/** When the second look is due, of a look that found the key rejected. */
export function secondLookDue({ probes, revokedAt }: Look): Date {
  const last = probes.at(-1)?.at ?? revokedAt;
  return new Date(Date.parse(last) + secondLookAfterMs);
}

/** What was measured of the time that a provider takes to end a key. ISO 8601, UTC. */
export interface DeathTimes {
  revokedAt?: string;
  firstRejectedAt?: string;
  lastRejectedAt?: string;
  firstAcceptedAt?: string;
  lastAcceptedAt?: string;
  probes: number;
}

export function deathTimes({ looks }: Pick<Certificate, 'looks'>): DeathTimes {
  const probes = looks.flatMap(look => look.probes).sort((a, b) => a.at.localeCompare(b.at));
  const rejected = probes.filter(({ verdict }) => verdict === 'rejected' || verdict === 'denied');
  const accepted = probes.filter(({ verdict }) => verdict === 'accepted');
  const at = (name: keyof DeathTimes, value: string | undefined) => (value ? { [name]: value } : {});
  return {
    ...at('revokedAt', looks.map(({ revokedAt }) => revokedAt).sort()[0]),
    ...at('firstRejectedAt', rejected[0]?.at),
    ...at('lastRejectedAt', rejected.at(-1)?.at),
    ...at('firstAcceptedAt', accepted[0]?.at),
    ...at('lastAcceptedAt', accepted.at(-1)?.at),
    probes: probes.length,
  };
}

/** Where certificates are kept. lambda/aws/table/certificates.ts implements it on DynamoDB. */
export interface Certificates {
  /**
   * Adds a look, beginning the certificate with the first; one that found the key rejected is looked at a second time.
   * @throws where it could not be written: the key's label then stays, and it is asked again
   */
  add(key: CertifiedKey, look: Look): Promise<void>;
}
