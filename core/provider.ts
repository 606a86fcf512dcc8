// What the rules may ask of a provider. A connector is bound to this shape in connectors/contract/bind.ts.
import type { SecretValue } from './key/secret-value';

/**
 * What one answer of a provider to one call with a key says of that key.
 * - `accepted`: the provider knows the key, also where it says that the key may not do this.
 * - `rejected`: it says in its own words that this key is not valid (any more), in an answer that no live key gets.
 * - `denied`: it turned the key away by an answer that dead keys get and live ones can get too (a bare 401: wrong host,
 *   suspended account). Alone it proves nothing, just as `unknown`. A proof of death may count it only of a key that the
 *   provider's list showed before and shows no more, and only while `KeepsKeys.control` is `accepted`.
 * - `unknown`: every other answer, and none: nobody promotes, revokes, replaces or alarms on it.
 */
export type Verdict = 'accepted' | 'rejected' | 'denied' | 'unknown';

/** A verdict after all that can be asked has been asked: here a key that was `denied` is proven dead, or `unknown`. */
export type Finding = Exclude<Verdict, 'denied'>;

/** A key as the provider lists it: never with its secret. */
export interface ListedKey {
  id: string;
  /** Absent where the provider's keys have no names. */
  name?: string;
  createdAt?: Date;
  /** `never`: the provider says that it was not used. Absent where it does not tell. */
  lastUsedAt?: Date | 'never';
  /** `never`: it has no end, and could have one. Absent where the provider does not tell, or offers none. */
  expiresAt?: Date | 'never';
  scopes?: string[];
}

interface ProviderBase {
  readonly id: string;
  /** The provider's limit on the length of a key's name, in characters. */
  readonly nameMaxLength: number;
  /** How long a fresh key may be rejected, and a revoked one accepted. Milliseconds. */
  readonly propagation: { createMs: number; revokeMs: number };
  /** At the provider: once, and never resent. By Keyturn: no call. @param now the key's `issuedAt` */
  make(keyName: string, now: Date): Promise<SecretValue>;
  verify(value: SecretValue): Promise<Verdict>;
}

/** Keeps keys beside each other, each until it is revoked. */
interface KeepsKeys {
  /** Every key that the issuer can see in this key's place; empty where the provider keeps no list. */
  list(): Promise<ListedKey[]>;
  /**
   * Already gone is success.
   * @param held the key itself, where the caller has it: some providers end a key only on its own word
   */
  revoke(keyId: string, held?: SecretValue): Promise<void>;
  /**
   * `verify`, asked with the issuer credential, which is known to be live: unless it is `accepted`, being `denied` proves
   * nothing. Absent where keys of this provider are never `denied`.
   */
  control?(): Promise<Verdict>;
  /** What the issuer credential may do, and Keyturn does not need for itself; absent where the provider does not tell. */
  issuerExcess?(): Promise<string[]>;
}

/** Is told of a key that Keyturn made and has stored before, so that nothing can get lost. */
interface TakesKeys {
  /** Safe to repeat. */
  install(value: SecretValue): Promise<void>;
}

/** Makes keys that bear names: one whose answer got lost is found by its name. */
export interface IssueProvider extends ProviderBase, KeepsKeys {
  readonly kind: 'issue';
}

/** Makes keys without names, in a place that belongs to this key alone. */
export interface ExclusiveProvider extends ProviderBase, KeepsKeys {
  readonly kind: 'exclusive';
}

/** Takes keys that Keyturn makes, in a place that belongs to this key alone. */
export interface InstallProvider extends ProviderBase, KeepsKeys, TakesKeys {
  readonly kind: 'install';
}

/** Holds one key at a time: taking the new one ends the one before. */
export interface RollProvider extends ProviderBase, TakesKeys {
  readonly kind: 'roll';
}

/** A server of the team's own, which accepts whatever carries AWSCURRENT or AWSPREVIOUS: taking the label away ends a key. */
export interface SelfIssuedProvider extends ProviderBase {
  readonly kind: 'self-issued';
}

/** One key's provider, with issuer credential and settings already bound. Every call may throw a KeyturnError. */
export type Provider =
  | IssueProvider
  | ExclusiveProvider
  | InstallProvider
  | RollProvider
  | SelfIssuedProvider;

/** True where the provider makes the keys: an answer that gets lost leaves one behind. */
export function makesKeys(provider: Provider): provider is IssueProvider | ExclusiveProvider {
  return provider.kind === 'issue' || provider.kind === 'exclusive';
}

/** The clock that is handed in, so that tests and the rehearsal do not wait. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
