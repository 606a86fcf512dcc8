// What is written down before a named key is made. If the answer gets lost, that record tells the key from all others at
// the provider: a name alone proves nothing, since whoever may rename keys there can copy it.
import type { KeyTools } from '../ending/ending';
import { providerKeyName } from '../key/provider-key-name';
import type { SecretValue } from '../key/secret-value';
import type { ListedKey, MakingProvider } from '../provider';
import type { SecretState } from './secret-store';

/** One call that makes a key. */
export interface Attempt {
  /** The exact name that the key gets; no other attempt for the same secret has it. */
  name: string;
  /** Which version is to hold the key. */
  versionId: string;
  /** To the millisecond; the key has it as `issuedAt`, once it is stored. */
  at: Date;
}

export interface RecordedAttempt extends Attempt {
  /** True of a key that the provider listed before the attempt: somebody else's, whatever its name is now. */
  wasListed(keyId: string): boolean;
}

export interface Attempts {
  /** @returns false where the secret has one of that name already */
  begin(state: SecretState, attempt: Attempt, listed: readonly ListedKey[]): Promise<boolean>;
  /** `undefined` where there is none, or it is too old to prove anything. */
  find(state: SecretState, name: string): Promise<RecordedAttempt | undefined>;
  /**
   * Writes down which key an attempt made. It made one: no other can be taken for it later.
   * @returns false where it is another one
   */
  claim(state: SecretState, name: string, keyId: string): Promise<boolean>;
  /** Tells people, once, of a key that looks like this secret's and that nothing proves to be. Must not fail. */
  tellUnproven(state: SecretState, key: ListedKey): Promise<void>;
}

/**
 * A fresh key, in the name of the version that will hold it.
 * @param listed what the provider lists: asked before, so that all that lived by then can be told from this key
 */
export async function makeKey(
  { provider, attempts, clock }: Pick<KeyTools, 'attempts' | 'clock'> & { provider: MakingProvider },
  state: SecretState,
  versionId: string,
  listed: readonly ListedKey[],
): Promise<SecretValue> {
  const { environment, server } = state.address;
  const readable = `keyturn-${environment}-${server}`;
  const nameAt = (at: Date) => providerKeyName(readable, state.arn, versionId, at, provider.nameMaxLength);
  let at = clock.now();
  if (provider.kind === 'issue') {
    // Two runs can begin in the same millisecond, and an answer that got lost leaves a record of its own.
    while (!(await attempts.begin(state, { name: nameAt(at), versionId, at }, listed)))
      at = new Date(at.getTime() + 1);
  }
  return provider.make(nameAt(at), at);
}
