// The value that a key gets which a person made: what Keyturn would have stored, had it made the key.
import type { Connector } from '../../connectors/connector';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { fingerprint } from '../../core/generated-secret';
import { shortName } from '../../core/key-address';
import { malformation } from '../../core/malformed';
import type { SecretValue } from '../../core/secret-value';
import type { Key } from '../../lib/config';

export interface Told {
  keyId?: string;
  /** `site=eu` */
  field: string[];
}

/** @throws {KeyturnError} usage, where the text is no key, or more has to be told about it */
export function adoptedValue(key: Key, secret: string, told: Told, now: Date): SecretValue {
  const name = shortName(key.address);
  const problem = malformation(secret);
  if (problem)
    throw new KeyturnError('usage', `what was given as the key of ${name} ${problem}; give the key alone`);
  const connector = connectorFor(key.address.provider);
  const value: SecretValue = {
    ...fieldsOfSettings(connector, key, now),
    ...fieldsTold(told.field),
    secret,
    keyId: keyIdFor(connector, secret, told.keyId, name),
    provider: connector.provider,
    issuedAt: now.toISOString(),
  };
  const absent = Object.values(key.env).find(field => value[field] === undefined);
  if (!absent) return value;
  throw new KeyturnError(
    'usage',
    `the server of ${name} expects the field "${absent}", which the key does not tell; add --field ${absent}=<value>`,
  );
}

/** A private key goes on until its last line. */
export function isWholeKey(text: string): boolean {
  return !text.startsWith('-----BEGIN ') || /-----END [A-Z ]+-----\s*$/.test(text);
}

/** What Keyturn stores beside the keys that it makes itself. */
function fieldsOfSettings(connector: Connector, { spec, address }: Key, now: Date): Record<string, string> {
  if (connector.kind === 'issue' || connector.kind === 'mint') return {};
  const request = { name: shortName(address), scopes: spec.scopes, settings: spec.settings, expiresAt: now };
  return connector.generate(request).fields ?? {};
}

function fieldsTold(fields: string[]): Record<string, string> {
  return Object.fromEntries(
    fields.map(field => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(field) ?? [];
      if (name && value && !['secret', 'keyId', 'provider', 'issuedAt'].includes(name)) return [name, value];
      throw new KeyturnError('usage', '--field is not <name>=<value>; write it like --field site=eu');
    }),
  );
}

function keyIdFor(connector: Connector, secret: string, told: string | undefined, name: string): string {
  const own = ownKeyId(connector, secret);
  if (own && told && own !== told) {
    throw new KeyturnError('usage', `the key of ${name} has the id ${own}, not ${told}; leave out --key-id`);
  }
  const keyId = own ?? told;
  if (keyId) return keyId;
  throw new KeyturnError(
    'usage',
    `a ${connector.title} key does not tell its id, and Keyturn needs that to revoke it; add --key-id with what ${connector.title} shows for it`,
  );
}

/** Keys that Keyturn could have made are known by their fingerprint. */
function ownKeyId(connector: Connector, secret: string): string | undefined {
  const knowsIds = connector.kind === 'issue' || connector.kind === 'mint';
  return knowsIds ? connector.keyIdOf?.(secret) : fingerprint(secret);
}
