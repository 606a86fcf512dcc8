// Version ids of what a containment stores. They follow from the incident, so every run of it finds what an earlier one did.
import { createHash } from 'node:crypto';

const prefix = 'contain-';
/** How many fresh keys a containment may use up, in all its runs, where something keeps killing them. */
const freshKeysAtMost = 24;

export interface ReplacedSecret {
  incidentId: string;
  arn: string;
}

/**
 * The version that holds the n-th replacement of an incident; 48 characters, where AWS takes 32 to 64.
 * @param staged which try at staging it; left out for the version that becomes current
 */
export function replacementVersion({ incidentId, arn }: ReplacedSecret, n: number, staged?: number): string {
  const hash = createHash('sha256').update([incidentId, arn, n, staged].join('\n')).digest('hex');
  return prefix + hash.slice(0, 40);
}

/** The version that says that a key has ended for good. */
export function endedVersion(secret: ReplacedSecret, n: number): string {
  return `ended-${replacementVersion(secret, n).slice(prefix.length)}`;
}

/** Every version that a containment of this incident can make current. */
export function ownVersions(secret: ReplacedSecret): string[] {
  return Array.from({ length: freshKeysAtMost }, (_, n) => replacementVersion(secret, n));
}

/** True of a version that some containment stored. */
export function isReplacement(versionId: string): boolean {
  return versionId.startsWith(prefix);
}
