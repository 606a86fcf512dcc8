// Which environment variable holds which field of which key: `SENDGRID_API_KEY=sendgrid`, `TWILIO_SID=twilio/sms:accountSid`.
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, namePart } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';

export interface Variable {
  /** The variable's name. */
  name: string;
  address: KeyAddress;
  /** Of the secret's value. */
  field: string;
}

/** Where a program runs: both parts of a key's address that it does not choose. */
export interface ServerIdentity {
  environment: string;
  server: string;
}

/** @throws {KeyturnError} bad-config, where either is absent or cannot be a name */
export function parseServerIdentity(
  environment: string | undefined,
  server: string | undefined,
): ServerIdentity {
  return { environment: placeName('environment', environment), server: placeName('server', server) };
}

function placeName(what: keyof ServerIdentity, name: string | undefined): string {
  if (name !== undefined && namePart.test(name)) return name;
  throw new KeyturnError(
    'bad-config',
    `${name === undefined ? 'no' : `"${name}" is no`} ${what} of config/keys.ts; name it, or set KEYTURN_${what.toUpperCase()}`,
  );
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const source = /^([^/:]+)(?:\/([^/:]+))?(?::([A-Za-z]\w*))?$/;

/** @param text `provider`, `provider/purpose`, each with `:field` behind it; the field is `secret` unless given */
export function parseVariable(name: string, text: string, place: ServerIdentity): Variable {
  const [, provider, purpose = 'main', field = 'secret'] = source.exec(text) ?? [];
  if (!variableName.test(name)) {
    throw new KeyturnError('bad-config', `"${name}" is not a valid variable name; write VARIABLE=provider`);
  }
  if (!provider || !namePart.test(provider) || !namePart.test(purpose)) {
    throw new KeyturnError(
      'bad-config',
      `"${text}" does not name a key for ${name}; write provider, provider/purpose or provider:field`,
    );
  }
  return { name, address: { ...place, provider, purpose }, field };
}

/** @param name as a program names one of its keys: `provider` or `provider/purpose` */
export function parseKeyName(name: string, place: ServerIdentity): KeyAddress {
  const [provider = '', purpose = 'main', ...rest] = name.split('/');
  if (rest.length || !namePart.test(provider) || !namePart.test(purpose)) {
    throw new KeyturnError('bad-config', `"${name}" does not name a key; write provider or provider/purpose`);
  }
  return { ...place, provider, purpose };
}

/** @throws {KeyturnError} bad-secret, where the key has no such field */
export function fieldOf(value: SecretValue, { name, field }: Variable): string {
  const held = value[field];
  if (typeof held === 'string') return held;
  const fields = Object.keys(value).filter(other => typeof value[other] === 'string');
  throw new KeyturnError(
    'bad-secret',
    `the ${value.provider} key has no field "${field}" for ${name}; it has ${fields.join(', ')}`,
  );
}
