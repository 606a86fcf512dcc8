// What the rules may ask of a provider. A connector is bound to this shape in connectors/contract/bind.ts.
import type { SecretValue } from './key/secret-value';

/** What a provider says of a key. `unknown` covers outages and every unlisted answer: nobody promotes, revokes or alarms on it. */
export type Verdict = 'accepted' | 'rejected' | 'unknown';

/** A key as the provider lists it: never with its secret. */
export interface ListedKey {
  id: string;
  /** Absent where the provider's keys have no names. */
  name?: string;
  createdAt?: Date;
  lastUsedAt?: Date;
  scopes?: string[];
}

/**
 * What ends a superseded key:
 * - `call`: `revoke` does.
 * - `replacement`: the provider holds one key at a time, so installing the new one has already ended it.
 * - `label`: consumers accept whatever carries a staging label, so taking the label away ends it (self-issued keys).
 */
export type EndedBy = 'call' | 'replacement' | 'label';

/** One key's provider, with issuer credential and settings already bound. Every call may throw a KeyturnError. */
export interface Provider {
  readonly id: string;
  /**
   * - `issue`: the provider makes the key, so an answer that gets lost leaves an orphan to sweep.
   * - `install`: Keyturn makes the key, stores it first and then tells the provider: nothing can get lost.
   */
  readonly kind: 'issue' | 'install';
  readonly endedBy: EndedBy;
  /** True where listed keys have no names: the place that holds them belongs to this key alone. */
  readonly exclusive: boolean;
  /** The provider's limit on the length of a key's name, in characters. */
  readonly nameMaxLength: number;
  /** How long a fresh key may be rejected, and a revoked one accepted. Milliseconds. */
  readonly propagation: { createMs: number; revokeMs: number };
  /** `issue`: creates the key at the provider, once, never resent. `install`: generates it locally. */
  make(keyName: string, now: Date): Promise<SecretValue>;
  /** Tells the provider of a key that Keyturn made; safe to repeat. Nothing to do for `issue`. */
  install(value: SecretValue): Promise<void>;
  /** Every key that the issuer can see in this key's place; empty where the provider keeps no list. */
  list(): Promise<ListedKey[]>;
  /**
   * Already gone is success; so is a key that `endedBy` ends in another way.
   * @param held the key itself, where the caller has it: some providers end a key only on its own word
   */
  revoke(keyId: string, held?: SecretValue): Promise<void>;
  verify(value: SecretValue): Promise<Verdict>;
}

/** The clock that is handed in, so that tests and the rehearsal do not wait. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
