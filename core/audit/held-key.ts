// What the rules know of a key of Keyturn's: what its secret says, without any value.
import type { KeyAddress } from '../key/key-address';
import type { KeySpec } from '../key/key-spec';
import { holderOf } from '../rotation/secret-store';

export interface AuditedVersion {
  versionId: string;
  storedAt: Date;
  /** The provider's id of its key. */
  keyId: string;
  issuedAt: Date;
  /** Absent where the key does not expire at the provider. */
  expiresAt?: Date;
  /** What the provider said that it granted; absent where it did not say. */
  scopes?: readonly string[];
}

export interface HeldKey {
  /** Short name. */
  key: string;
  address: KeyAddress;
  spec: KeySpec;
  /** As AWS completed its last rotation. */
  rotatedAt?: Date;
  /** True where something rotates it. */
  rotates: boolean;
  /** Version -> labels. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** Those with a label that hold a key. */
  versions: readonly AuditedVersion[];
}

export function versionLabelled({ labels, versions }: HeldKey, label: string): AuditedVersion | undefined {
  const holder = holderOf({ versions: labels }, label);
  return versions.find(({ versionId }) => versionId === holder);
}
