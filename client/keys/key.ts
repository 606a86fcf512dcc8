import { inspect } from 'node:util';
import type { SecretValue } from '../../core/key/secret-value';

/** A key to call a provider with. Printed or turned into JSON it hides its secret and its fields. */
export interface Key {
  readonly secret: string;
  /** The provider's own id of the key; safe to log. */
  readonly keyId: string;
  readonly provider: string;
  readonly issuedAt: Date;
  /** Absent where the key does not expire. */
  readonly expiresAt?: Date;
  /** Absent where keys of this provider have no scopes. */
  readonly scopes?: readonly string[];
  /** What a call needs besides the secret, such as `accountSid` or `domain`. */
  readonly fields: Readonly<Record<string, string>>;
}

const ownFields = ['secret', 'keyId', 'provider', 'issuedAt', 'expiresAt', 'scopes'];

const made = new WeakMap<SecretValue, Key>();

/** The same object for the same value: a key is looked at far more often than it changes. */
export function keyOf(value: SecretValue): Key {
  const known = made.get(value) ?? makeKey(value);
  made.set(value, known);
  return known;
}

function makeKey(value: SecretValue): Key {
  const others = Object.entries(value).filter(
    ([name, held]) => !ownFields.includes(name) && typeof held === 'string',
  );
  const shown = {
    keyId: value.keyId,
    provider: value.provider,
    issuedAt: new Date(value.issuedAt),
    ...(value.expiresAt && { expiresAt: new Date(value.expiresAt) }),
    ...(value.scopes && { scopes: value.scopes }),
  };
  const hidden = {
    secret: value.secret,
    fields: Object.fromEntries(others) as Record<string, string>,
    toJSON: () => shown,
    [inspect.custom]: () => shown,
  };
  return Object.freeze(Object.defineProperties({ ...shown } as Key, descriptorsOf(hidden)));
}

function descriptorsOf(hidden: object): PropertyDescriptorMap {
  return Object.fromEntries(
    Reflect.ownKeys(hidden).map(name => [name, { value: Reflect.get(hidden, name), enumerable: false }]),
  );
}
