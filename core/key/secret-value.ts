// The JSON inside a secret. `secret` and every unknown field may be sensitive: errors here name fields, never values.
import { KeyturnError } from '../errors';
import { secondMs } from '../time';

/** One issued key, as consumers read it. */
export interface SecretValue {
  secret: string;
  /** The provider's own id of the key: what `revoke` takes. */
  keyId: string;
  provider: string;
  /** ISO 8601, UTC. */
  issuedAt: string;
  /** ISO 8601, UTC; absent where the key does not expire at the provider. */
  expiresAt?: string;
  /** What the provider said it granted; absent where keys have no scopes. */
  scopes?: string[];
  /** Provider fields that a consumer needs besides `secret`, such as accountSid or site. */
  [field: string]: string | string[] | undefined;
}

/** What the template puts into a new secret. It never changes: CloudFormation would overwrite a live key. */
export const unissuedPlaceholder = '{"state":"unissued"}';

/** CloudFormation stores it in the call that makes the secret. */
const placeholderWithinMs = 5 * secondMs;

/** True of a version that was stored as its secret was made. */
export function isPlaceholderOf(secret: { createdAt: Date }, storedAt: Date): boolean {
  return Math.abs(storedAt.getTime() - secret.createdAt.getTime()) < placeholderWithinMs;
}

/** What is stored once a key has ended for good. */
export const endedPlaceholder = '{"state":"ended"}';

/** How values are stored that others write. */
export interface StoredForm {
  /** @param at when it was stored @throws {KeyturnError} bad-secret */
  read(stored: Record<string, unknown>, where: string, at: Date | undefined): Record<string, unknown>;
}

/**
 * Reads a secret's text; `undefined` means that no key was ever issued, or that it has ended for good.
 * @param form of values that are not Keyturn's own, and when this one was stored
 * @throws {KeyturnError} bad-secret
 */
export function parseSecretValue(
  text: string,
  where: string,
  form?: StoredForm,
  at?: Date,
): SecretValue | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The cause is dropped: JSON.parse quotes its input.
    throw badSecret(where, 'is not JSON');
  }
  if (Object(value) !== value || Array.isArray(value)) throw badSecret(where, 'is not a JSON object');
  let fields = value as Record<string, unknown>;
  if (fields.state === 'unissued' || fields.state === 'ended') return undefined;
  if (form) fields = form.read(fields, where, at);
  for (const field of ['secret', 'keyId', 'provider', 'issuedAt']) {
    if (typeof fields[field] !== 'string' || fields[field] === '')
      throw badSecret(where, `has no text in "${field}"`);
  }
  return fields as SecretValue;
}

function badSecret(where: string, what: string): KeyturnError {
  return new KeyturnError(
    'bad-secret',
    `the value of ${where} ${what}; store a key with \`npx keyturn adopt\`, or create one with \`npx keyturn issue\``,
  );
}
