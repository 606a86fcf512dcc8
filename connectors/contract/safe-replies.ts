// What a provider tells, before anybody else sees it: nothing of it holds a secret that is known here, can be more than text
// where it is shown, or is longer than real answers are.
import { KeyturnError } from '../../core/errors';
import type { ListedKey } from '../../core/provider';
import { createRedaction, type Redaction, secretsIn } from '../../core/text/redaction';
import { plainText } from '../../core/text/safe-text';
import type { IssuerToken } from '../http/issuer-tokens';
import type { IssuedKey, MintedToken } from './connector';

/** Visible ASCII. */
const idShape = /^[\x21-\x7e]{1,300}$/;
const tokenShape = /^[\x21-\x7e]{1,16384}$/;
const secretMaxLength = 16_384;
const scopesAtMost = 1_000;
const longest = { name: 500, scope: 200, message: 2_000, date: 40, kind: 40 };

/** Knows the secrets that one key's calls have to do with. */
export interface SafeReplies {
  /** Issuer credentials, values of keys, tokens. */
  learn(...secrets: unknown[]): void;
  /** Its errors are told without secrets; whatever else is thrown is a bad reply. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** @throws {KeyturnError} bad-reply, as the others: where an id is none, or is made of a secret */
  issuedKey(key: IssuedKey): IssuedKey;
  listedKeys(keys: ListedKey[]): ListedKey[];
  scopes(scopes: string[]): string[];
  signedIn(signedIn: IssuerToken): IssuerToken;
  mintedToken<T extends MintedToken>(minted: T): T;
}

/** @param title as the provider writes itself */
export function safeRepliesOf(title: string): SafeReplies {
  const known = new Set<string>();
  /** Made when it is needed, of what is known by then. */
  let made: Redaction | undefined;

  function learn(...secrets: unknown[]): void {
    const before = known.size;
    for (const secret of secrets.flatMap(secretsIn)) known.add(secret);
    if (known.size > before) made = undefined;
  }

  function redaction(): Redaction {
    made ??= createRedaction(known);
    return made;
  }

  return {
    learn,

    async during(work) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof KeyturnError) {
          const { code, message, retryAt } = error;
          throw new KeyturnError(code, text(message, longest.message), { retryAt });
        }
        // Neither its text nor its cause: both can quote an answer.
        const kind = error instanceof Error ? error.constructor.name : typeof error;
        throw bad(`an answer that cannot be read (${text(kind, longest.kind)})`);
      }
    },

    issuedKey(key) {
      learn(key.secret, key.fields);
      if (!key.secret || key.secret.length > secretMaxLength)
        throw bad(`a new key that is empty or has more than ${secretMaxLength} characters`);
      const { keyId, expiresAt, scopes } = key;
      if (expiresAt !== undefined && !isDate(new Date(expiresAt)))
        throw bad('a new key whose expiry is not a date');
      return { ...key, keyId: id(keyId), ...(scopes && { scopes: scopesOf(scopes) }) };
    },

    listedKeys: keys =>
      keys.map(key => {
        const { name, scopes, createdAt, lastUsedAt, expiresAt } = key;
        for (const date of [createdAt, lastUsedAt, expiresAt])
          if (date && date !== 'never' && !isDate(date)) throw bad('a key with a time that is not a date');
        return {
          ...key,
          id: id(key.id),
          ...(name !== undefined && { name: text(name, longest.name) }),
          ...(scopes && { scopes: scopesOf(scopes) }),
        };
      }),

    scopes: scopesOf,

    signedIn(signedIn) {
      learnToken(signedIn.token);
      if (!(signedIn.seconds > 0 && Number.isFinite(signedIn.seconds)))
        throw bad('a token whose lifetime is not a number');
      return signedIn;
    },

    mintedToken(minted) {
      const { token, expiresAt, scopes } = minted;
      learnToken(token);
      const told = { expiresAt: text(expiresAt, longest.date), ...(scopes && { scopes: scopesOf(scopes) }) };
      return { ...minted, ...told };
    },
  };

  function text(told: string, longest: number): string {
    return plainText(redaction().redact(told), longest);
  }

  function learnToken(token: string): void {
    learn(token);
    if (!tokenShape.test(token)) throw bad('a token with characters or a length that tokens do not have');
  }

  function id(told: string): string {
    if (!idShape.test(told)) throw bad('an id that is not visible ASCII of 1 to 300 characters');
    if (redaction().holds(told)) throw bad('a secret as the id of a key');
    return told;
  }

  function scopesOf(told: string[]): string[] {
    if (told.length > scopesAtMost) throw bad(`more than ${scopesAtMost} scopes of one key`);
    return told.map(scope => text(scope, longest.scope));
  }

  function bad(what: string): KeyturnError {
    return new KeyturnError(
      'bad-reply',
      `${title} sent ${what}; check that the key's settings name its own host, and look for a newer Keyturn`,
    );
  }
}

function isDate(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}
