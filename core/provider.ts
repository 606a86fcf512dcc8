// What the rules may ask of a provider. A connector is bound to this shape in connectors/contract/bind.ts.
import { KeyturnError } from './errors';
import { type KeyAddress, shortName } from './key/key-address';
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
export type FinalVerdict = Exclude<Verdict, 'denied'>;

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
  /** How long a fresh key may be rejected, and a revoked one accepted. Milliseconds. */
  readonly propagation: { createMs: number; revokeMs: number };
  verify(value: SecretValue): Promise<Verdict>;
}

interface MakesKeys {
  /** The provider's limit on the length of a key's name, in characters. */
  readonly nameMaxLength: number;
  /** At the provider: once, and never resent. By Keyturn: no call. @param now the key's `issuedAt` */
  make(keyName: string, now: Date): Promise<SecretValue>;
}

/** What a person does where no API does it: each completes "a person has to ...", without a full stop. */
export interface HandSteps {
  readonly make: string;
  readonly end: string;
}

/** Only a person makes its keys: they come in by `keyturn adopt`, and nothing replaces one by itself. */
interface MadeByHand {
  readonly steps: HandSteps;
  /** When the provider ends this key by itself; `never`: it does not. `undefined` where it does not tell. */
  expiry(value: SecretValue): Promise<Date | 'never' | undefined>;
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
export interface IssueProvider extends ProviderBase, MakesKeys, KeepsKeys {
  readonly kind: 'issue';
}

/** Makes keys without names, in a place that belongs to this key alone. */
export interface ExclusiveProvider extends ProviderBase, MakesKeys, KeepsKeys {
  readonly kind: 'exclusive';
}

/** Takes keys that Keyturn makes, in a place that belongs to this key alone. */
export interface InstallProvider extends ProviderBase, MakesKeys, KeepsKeys, TakesKeys {
  readonly kind: 'install';
}

/** Holds one key at a time: taking the new one ends the one before. */
export interface RollProvider extends ProviderBase, MakesKeys, TakesKeys {
  readonly kind: 'roll';
}

/** A server of the team's own, which accepts whatever carries AWSCURRENT or AWSPREVIOUS: taking the label away ends a key. */
export interface SelfIssuedProvider extends ProviderBase, MakesKeys {
  readonly kind: 'self-issued';
}

/** A person makes its keys, and it ends a key on the word of whoever holds it. */
export interface HolderRevokedProvider extends ProviderBase, MadeByHand, Pick<KeepsKeys, 'revoke'> {
  readonly kind: 'revoke-only';
}

/** A person makes its keys, and the issuer credential lists and ends them. */
export interface RevokeOnlyProvider extends ProviderBase, MadeByHand, KeepsKeys {
  readonly kind: 'revoke-only';
}

/** A person makes its keys, and a person ends them: all that can be asked is whether it accepts one. */
export interface ManualProvider extends ProviderBase, MadeByHand {
  readonly kind: 'manual';
}

export type MakingProvider =
  | IssueProvider
  | ExclusiveProvider
  | InstallProvider
  | RollProvider
  | SelfIssuedProvider;

export type HandMadeProvider = HolderRevokedProvider | RevokeOnlyProvider | ManualProvider;

/** One key's provider, with issuer credential and settings already bound. Every call may throw a KeyturnError. */
export type Provider = MakingProvider | HandMadeProvider;

/** True where nothing but a person makes a key. */
export function isHandMade(provider: Provider): provider is HandMadeProvider {
  return 'steps' in provider;
}

/** @throws {KeyturnError} refused, where only a person makes such a key */
export function requireMaker(provider: Provider, address: KeyAddress): MakingProvider {
  if (!isHandMade(provider)) return provider;
  const key = shortName(address);
  throw new KeyturnError(
    'refused',
    `no API of ${provider.id} makes a key for ${key}; a person has to ${provider.steps.make}, and store it with \`npx keyturn adopt ${key} --replace\``,
  );
}

/** True where the provider makes the keys: an answer that gets lost leaves one behind. */
export function makesKeys(provider: Provider): provider is IssueProvider | ExclusiveProvider {
  return provider.kind === 'issue' || provider.kind === 'exclusive';
}

/** The clock that is handed in, so that tests and the rehearsal do not wait. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
