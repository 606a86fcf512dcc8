// A key that a person made at the provider: read from a prompt or a pipe, checked, and turned into the value that Keyturn
// would have stored if it had made the key. This folder holds what people enter; none of it is ever printed.
import { identifyKey } from '../../connectors/contract/bind';
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { fingerprint } from '../../core/key/generated-secret';
import { shortName } from '../../core/key/key-address';
import { malformation } from '../../core/key/malformed';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock } from '../../core/provider';
import type { Key } from '../../lib/config/config';
import type { Terminal } from '../terminal/terminal';

/** What is secret of it: the key, and the refresh token if a person has consented. */
export interface KeyByHand {
  secret: string;
  refreshToken?: string;
}

/** What flags say about it. */
export interface KeyFlags {
  keyId?: string;
  /** `site=eu` */
  field: string[];
}

const bothAsJson = '{"secret": "...", "refreshToken": "..."}';

/** @throws {KeyturnError} usage; says what is wrong, and never quotes what was entered */
export async function readKeyByHand(key: Key, connector: Connector, terminal: Terminal): Promise<KeyByHand> {
  const name = shortName(key.address);
  const question = `${connector.title} key for ${name}`;
  if (!hasConsent(connector, key)) {
    return wellFormed(name, { secret: await terminal.readSecret(question, isWholeKey) });
  }
  if (!terminal.canAsk) return wellFormed(name, parseBoth(name, await terminal.readSecret('', () => true)));
  const secret = await terminal.readSecret(question, isWholeKey);
  const refreshToken = await terminal.readSecret(`Refresh token for ${name}`, () => true);
  return wellFormed(name, { secret, refreshToken });
}

/** @throws {KeyturnError} usage, where flags must say more about the key; key-rejected, where its provider does */
export async function valueOfKeyByHand(
  key: Key,
  entered: KeyByHand,
  flags: KeyFlags,
  clock: Clock,
): Promise<SecretValue> {
  const name = shortName(key.address);
  const connector = connectorFor(key.address.provider);
  const now = clock.now();
  const value: SecretValue = {
    ...fieldsOfSettings(connector, key, now),
    ...fieldsOfFlags(flags.field),
    ...entered,
    keyId: keyIdFor(
      connector,
      entered.secret,
      await provenKeyId(connector, entered.secret, key, clock),
      flags.keyId,
      name,
    ),
    provider: connector.provider,
    issuedAt: now.toISOString(),
  };
  const absent = Object.values(key.env).find(field => value[field] === undefined);
  if (!absent) return value;
  throw new KeyturnError(
    'usage',
    `the server of ${name} expects the field "${absent}", which the key does not contain; add --field ${absent}=<value>`,
  );
}

function hasConsent(connector: Connector, { spec }: Key): boolean {
  return connector.kind === 'mint' && (connector.usesUpRoot?.(spec.settings) ?? false);
}

/** A private key goes on until its last line. */
function isWholeKey(text: string): boolean {
  return !text.startsWith('-----BEGIN ') || /-----END [A-Z ]+-----\s*$/.test(text);
}

function parseBoth(name: string, text: string): KeyByHand {
  let entered: unknown;
  try {
    entered = JSON.parse(text);
  } catch {
    // The cause is dropped: JSON.parse quotes its input.
  }
  const fields = Object.entries((entered ?? {}) as object);
  const known = fields.filter(
    ([field, value]) => ['secret', 'refreshToken'].includes(field) && typeof value === 'string',
  );
  if (known.length === 2 && fields.length === 2) return entered as KeyByHand;
  throw new KeyturnError(
    'usage',
    `${name} needs its client's secret and a refresh token, and the input is not both; pipe in ${bothAsJson}, or run this in a terminal`,
  );
}

function wellFormed(name: string, entered: KeyByHand): KeyByHand {
  const parts = { key: entered.secret, 'refresh token': entered.refreshToken };
  for (const [what, text] of Object.entries(parts)) {
    const problem = text === undefined ? undefined : malformation(text);
    if (!problem) continue;
    throw new KeyturnError('usage', `the ${what} entered for ${name} ${problem}; enter only the ${what}`);
  }
  return entered;
}

/** What Keyturn stores beside the keys that it makes itself. */
function fieldsOfSettings(connector: Connector, { spec, address }: Key, now: Date): Record<string, string> {
  if (connector.kind === 'revoke-only' || connector.kind === 'manual')
    return connector.fields?.(spec.settings) ?? {};
  if (!('generate' in connector)) return {};
  const request = { name: shortName(address), scopes: spec.scopes, settings: spec.settings, expiresAt: now };
  return connector.generate(request).fields ?? {};
}

/** A refresh token is as secret as the key: others can see what stands on a command line. */
const notByFlag = ['secret', 'refreshToken', 'keyId', 'provider', 'issuedAt'];

function fieldsOfFlags(fields: string[]): Record<string, string> {
  return Object.fromEntries(
    fields.map(field => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(field) ?? [];
      if (name && value && !notByFlag.includes(name)) return [name, value];
      throw new KeyturnError(
        'usage',
        `--field is not <name>=<value>${name ? `, or "${name}" comes in another way` : ''}; write it like --field site=eu`,
      );
    }),
  );
}

function keyIdFor(
  connector: Connector,
  secret: string,
  proven: string | undefined,
  flag: string | undefined,
  name: string,
): string {
  const { title } = connector;
  // Under a wrong id, Keyturn would revoke the key of somebody else.
  if (proven && flag && proven !== flag) {
    throw new KeyturnError(
      'usage',
      `the key of ${name} has the id ${proven}, not ${flag}; leave out --key-id`,
    );
  }
  const keyId = proven ?? flag;
  if (keyId) return keyId;
  // Nobody ends it by its id, so any name will do that tells it from others.
  if (connector.kind === 'manual' || (connector.kind === 'revoke-only' && connector.revoker.by === 'holder'))
    return fingerprint(secret);
  throw new KeyturnError(
    'usage',
    `this ${title} key does not contain its id, which Keyturn needs to revoke it; add --key-id with the id that ${title} shows`,
  );
}

/** Keys that Keyturn could have made are known by their fingerprint; of others, the key itself or its provider may tell. */
async function provenKeyId(
  connector: Connector,
  secret: string,
  { spec }: Key,
  clock: Clock,
): Promise<string | undefined> {
  if ('generate' in connector) return fingerprint(secret);
  const told = 'keyIdOf' in connector ? connector.keyIdOf?.(secret) : undefined;
  return told ?? identifyKey(connector, secret, spec.settings, clock);
}
