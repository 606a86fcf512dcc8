// Where keys are read from, for code that does not store them itself.
import type { KeyAddress } from '../../../core/key/key-address';
import type { KeyVersion } from '../secrets/secret-reader';

/**
 * What is to be done about a version that somebody uses:
 * - `current`: nothing.
 * - `superseded`: another is to be used now, and this one still works.
 * - `expiring`: it has ended, or may end within seconds.
 */
export type VersionStatus = 'current' | 'superseded' | 'expiring';

export interface KeySource {
  /** True where it gives tokens of minutes, of which the next one is got before the end of each. */
  givesTokens(address: KeyAddress): Promise<boolean>;
  read(address: KeyAddress): Promise<KeyVersion>;
  /** At most one question to AWS. */
  statusOf(address: KeyAddress, versionId: string): Promise<VersionStatus>;
  /** The provider does not accept that version: a token is not to be handed out again, nor a key while there is another. */
  reject(address: KeyAddress, versionId: string): void;
}
