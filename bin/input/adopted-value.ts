// The value that a key gets which a person made: what Keyturn would have stored, had it made the key.
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { fingerprint } from '../../core/key/generated-secret';
import { shortName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { Key } from '../../lib/config/config';
import type { GivenKey } from './given-key';

export interface Told {
  keyId?: string;
  /** `site=eu` */
  field: string[];
}

/** @throws {KeyturnError} usage, where more has to be told about the key */
export function adoptedValue(key: Key, given: GivenKey, told: Told, now: Date): SecretValue {
  const name = shortName(key.address);
  const connector = connectorFor(key.address.provider);
  const value: SecretValue = {
    ...fieldsOfSettings(connector, key, now),
    ...fieldsTold(told.field),
    ...given,
    keyId: keyIdFor(connector, given.secret, told.keyId, name),
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

/** What Keyturn stores beside the keys that it makes itself. */
function fieldsOfSettings(connector: Connector, { spec, address }: Key, now: Date): Record<string, string> {
  if (connector.kind === 'issue' || connector.kind === 'mint') return {};
  const request = { name: shortName(address), scopes: spec.scopes, settings: spec.settings, expiresAt: now };
  return connector.generate(request).fields ?? {};
}

/** A refresh token is as secret as the key: whatever stands on a command line can be seen by others. */
const others = ['secret', 'refreshToken', 'keyId', 'provider', 'issuedAt'];

function fieldsTold(fields: string[]): Record<string, string> {
  return Object.fromEntries(
    fields.map(field => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(field) ?? [];
      if (name && value && !others.includes(name)) return [name, value];
      throw new KeyturnError(
        'usage',
        `--field is not <name>=<value>${name ? `, or "${name}" comes in another way` : ''}; write it like --field site=eu`,
      );
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
