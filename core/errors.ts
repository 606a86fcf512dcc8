/** What went wrong, for code that must tell failures apart. A message is two sentences: what happened, and the fix. */
export type ErrorCode =
  | 'bad-config' // config/keys.ts breaks a rule
  | 'bad-event' // a function was called with an event that it cannot act on
  | 'bad-issuer' // the issuer credential is absent or not of the connector's shape
  | 'bad-reply' // a provider answered outside its documented shape
  | 'bad-secret' // a secret's value is not of Keyturn's shape
  | 'issuer-rejected' // the provider does not accept the issuer credential
  | 'key-rejected' // the provider does not accept a key that should be alive
  | 'key-still-alive' // the provider accepts a key that was revoked
  | 'no-answer' // connection failed, dropped, or timed out: the call may or may not have been carried out
  | 'not-allowed' // AWS does not permit it, or the account that is logged in is another one
  | 'not-deployed' // what Keyturn's stacks make is absent, or is not proven to be theirs
  | 'not-found' // somebody named what is not there
  | 'provider-down' // the provider answered 5xx, or cannot tell
  | 'rate-limited'
  | 'refused' // understood and not allowed, or not possible now
  | 'replica-behind' // the replica of a secret has not got its new key
  | 'rotation-abandoned' // AWSPENDING was taken from this rotation's version
  | 'unissued' // the secret has never had a key
  | 'usage'; // a command was given something that it cannot act on

/** The same in every copy of this file: a connector that is bundled by itself has one of its own. */
const mark = Symbol.for('keyturn.error');

/** The one error class. Its message never holds a secret; `cause` is dropped wherever it could quote one. */
export class KeyturnError extends Error {
  override readonly name = 'KeyturnError';
  readonly [mark] = true;
  /** Of `rate-limited`: the provider wants no call before this; absent where it did not say. */
  readonly retryAt?: Date;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAt?: Date | undefined } = {},
  ) {
    super(message, options);
    if (options.retryAt) this.retryAt = options.retryAt;
  }

  static override [Symbol.hasInstance](thrown: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: a class made of this one tells its own apart as classes do.
    if (this !== KeyturnError) return Function.prototype[Symbol.hasInstance].call(this, thrown);
    // biome-ignore-end lint/complexity/noThisInStatic: as above.
    return typeof thrown === 'object' && thrown !== null && mark in thrown;
  }
}

export function hasCode(error: unknown, ...codes: ErrorCode[]): error is KeyturnError {
  return error instanceof KeyturnError && codes.includes(error.code);
}
