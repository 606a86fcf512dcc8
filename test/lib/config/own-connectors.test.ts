import * as z from 'zod/mini';
import { connectorFor } from '../../../connectors/index';
import { loadConnector } from '../../../connectors/load';
import { sendgrid } from '../../../connectors/providers/sendgrid/sendgrid';
import { gateway } from '../../../examples/own-connector/connectors/gateway';
import type { AnyKeysInput } from '../../../lib/config/config';
import { defineKeys } from '../../../lib/config/define-keys';
import { validateConfig } from '../../../lib/config/validate-config';
import { wiki } from '../../connectors/http-api/wiki';
import { prod } from '../support/prod';

const role = 'arn:aws:iam::333333333333:role/bot';
const inhouse = {
  ...sendgrid,
  provider: 'inhouse',
  settings: z.strictObject({ region: z.optional(z.enum(['eu'])) }),
};
const file = 'connectors/inhouse.ts';

function withConnectors(connectors: unknown): AnyKeysInput {
  return {
    connectors: connectors as AnyKeysInput['connectors'],
    environments: { prod },
    servers: { bot: { team: 'x', roles: { prod: role }, keys: [{ provider: 'self-issued' }] } },
  };
}

const errorOf = (connectors: unknown) => {
  try {
    validateConfig(withConnectors(connectors));
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('types know the names and the settings of own connectors, and refuse others', () => {
  const environments = { prod };
  const keys = defineKeys({
    connectors: { inhouse: { connector: inhouse, file }, wiki: { httpApi: wiki } },
    environments,
    servers: {
      bot: {
        team: 'x',
        roles: { prod: role },
        keys: [
          { provider: 'inhouse', scopes: ['mail.send'], settings: { region: 'eu' } },
          { provider: 'wiki', scopes: ['read:pages'], settings: { tenant: 'acme' } },
          { provider: 'self-issued' },
        ],
      },
      wrong: {
        team: 'x',
        roles: { prod: role },
        keys: [
          // @ts-expect-error unknown provider
          { provider: 'inhose' },
          // @ts-expect-error setting that it does not have
          { provider: 'inhouse', settings: { zone: 'eu' } },
          // @ts-expect-error setting that it does not have
          { provider: 'wiki', settings: { tennant: 'acme' } },
        ],
      },
    },
  });
  expect(Object.keys(keys.connectors ?? {})).toEqual(['inhouse', 'wiki']);
});

test('keys of own connectors are validated by their settings and scopes, and both registries know them', async () => {
  const input = withConnectors({ inhouse: { connector: inhouse, file }, wiki: { httpApi: wiki } });
  const keys = [
    { provider: 'inhouse', scopes: ['mail.send'], settings: { region: 'eu' } },
    { provider: 'wiki', scopes: ['read:pages'], settings: { tenant: 'acme' } },
  ];
  const servers = { bot: { team: 'x', roles: { prod: role }, keys } };
  const [environment] = validateConfig({ ...input, servers }).environments;
  expect(environment?.servers[0]?.keys.map(({ address }) => address.provider)).toEqual(['inhouse', 'wiki']);
  expect(connectorFor('inhouse')).toBe(inhouse);
  expect((await loadConnector('wiki')).title).toBe('Team wiki');

  const wrong = [
    { provider: 'inhouse', scopes: ['Mail'], settings: { region: 'us' } },
    { provider: 'wiki', settings: { tenant: 'Acme!' } },
  ];
  const told = () => validateConfig({ ...input, servers: { bot: { ...servers.bot, keys: wrong } } });
  expect(told).toThrow(/prod\/bot\/inhouse: settings.region "us" is unknown; use one of "eu"/);
  expect(told).toThrow(/prod\/bot\/wiki: settings.tenant "Acme!" does not have the form/);
  expect(told).toThrow(/prod\/bot\/wiki: scopes/);
});

test('a connector whose provider accepts AWS roles is written with federate, and no key of it can be', () => {
  const environments = { prod };
  const connectors = {
    gateway: { connector: gateway, file },
    both: { connector: { ...inhouse, provider: 'both', federation: { ...gateway, provider: 'both' } }, file },
  };
  const keys = defineKeys({
    connectors,
    environments,
    servers: {
      bot: {
        team: 'x',
        roles: { prod: role },
        keys: [
          { provider: 'gateway', federate: { client: 'bot' }, env: 'MODELS_TOKEN' },
          { provider: 'both', federate: { client: 'bot-too' } },
          { provider: 'both', purpose: 'kept', scopes: ['mail.send'], settings: { region: 'eu' } },
        ],
      },
      wrong: {
        team: 'x',
        roles: { prod: role },
        keys: [
          // @ts-expect-error setting that it does not have
          { provider: 'gateway', federate: { clint: 'bot' } },
          // @ts-expect-error it has no keys
          { provider: 'gateway', settings: { client: 'bot' } },
        ],
      },
    },
  });
  const told = () => validateConfig(keys);
  expect(told).toThrow(/"federate\.clint" is not a field; use "client"/);
  expect(told).toThrow(/provider "gateway" has no keys here, since Model gateway accepts/);
  const { wrong: _, ...servers } = keys.servers;
  const [environment] = validateConfig({ ...keys, servers }).environments;
  expect(
    environment?.servers[0]?.federations.map(({ address, settings }) => [address.provider, settings]),
  ).toEqual([
    ['gateway', { client: 'bot' }],
    ['both', { client: 'bot-too' }],
  ]);
  expect(environment?.servers[0]?.keys).toHaveLength(1);
});

test.each<[string, object, RegExp]>([
  ['no exchange', { exchange: undefined }, /connector\.exchange is missing; exchange the JWT/],
  ['an algorithm that STS lacks', { algorithm: 'HS256' }, /connector\.algorithm "HS256" is not an algorithm/],
  ['JWTs too short', { identitySeconds: 59 }, /connector\.identitySeconds 59 is too short; give 60 to 900/],
  ['JWTs too long', { identitySeconds: 901 }, /connector\.identitySeconds 901 is too long; give 60 to 900/],
  ['tokens too long', { tokenSecondsAtMost: 3601 }, /connector\.tokenSecondsAtMost 3.?601 is too long/],
  ['no steps', { trust: undefined }, /connector\.trust is missing; give { make, end }/],
])('a federation with %s is refused, as its own and beside keys', (_what, changes, told) => {
  const changed = { ...gateway, ...changes };
  expect(errorOf({ gateway: { connector: changed, file } })).toMatch(told);
  const beside = { ...inhouse, federation: { ...changed, provider: 'inhouse' } };
  expect(errorOf({ inhouse: { connector: beside, file } })).toMatch(
    new RegExp(told.source.replace('connector', 'connector\\.federation')),
  );
});

test('a federation at its limits is taken', () => {
  const errorAt = (identitySeconds: number, tokenSecondsAtMost: number) =>
    errorOf({ gateway: { connector: { ...gateway, identitySeconds, tokenSecondsAtMost }, file } });
  expect([errorAt(60, 1), errorAt(900, 3600)]).toEqual(['', '']);
});

test('a connector without an example, which a module without types may lack, is told of its settings all the same', () => {
  const { example, ...bare } = { ...inhouse, settings: z.strictObject({ zone: z.string() }) };
  const input = withConnectors({ inhouse: { connector: bare, file } });
  const keys = [{ provider: 'inhouse', scopes: ['mail.send'], settings: { zone: 5 } }];
  const told = () =>
    validateConfig({ ...input, servers: { bot: { team: 'x', roles: { prod: role }, keys } } });
  expect(told).toThrow('settings.zone 5 is not text in quotes; correct it, or leave it out');
});

test('a configuration without them forgets those of another', async () => {
  validateConfig(withConnectors({ wiki: { httpApi: wiki } }));
  validateConfig(withConnectors(undefined));
  expect(() => connectorFor('wiki')).toThrow(/not a provider/);
  await expect(loadConnector('wiki')).rejects.toThrow(/not a provider/);
});

const but = (changes: object) => ({ wiki: { httpApi: { ...wiki, ...changes } } });

test.each<[string, unknown, RegExp]>([
  [
    'the name of a provider',
    { okta: { httpApi: wiki } },
    /connectors\.okta: "okta" is a provider that Keyturn has; choose another/,
  ],
  [
    'the name of a kind of place, whose token stands where its credential would',
    { 'github-actions': { httpApi: wiki } },
    /connectors\.github-actions: "github-actions" is a kind of place that keys are delivered to; choose another/,
  ],
  [
    'the word for issuers',
    { issuers: { httpApi: wiki } },
    /connectors\.issuers: "issuers" is reserved for issuer credentials/,
  ],
  ['no name', { 'In house': { httpApi: wiki } }, /"In house" cannot be part of a name; use lower-case/],
  ['neither one nor the other', { x: {} }, /connectors\.x: {} is neither a module nor an API; write/],
  ['both', { x: { httpApi: wiki, connector: inhouse, file } }, /neither a module nor an API/],
  [
    'a file alone',
    { x: 'connectors/x.ts' },
    /"connectors\/x.ts" is neither a module nor an API; write { connector, file }/,
  ],
  [
    'another name in the module',
    { house: { connector: inhouse, file } },
    /"inhouse" is not its name here; write "house"/,
  ],
  ['no file', { inhouse: { connector: inhouse } }, /file is missing; name the module/],
  ['no connector', { inhouse: { connector: {}, file } }, /connector\.provider is missing/],
  [
    'a function for settings',
    { inhouse: { connector: { ...inhouse, settings: () => 1 }, file } },
    /connector\.settings .*is not a zod schema/,
  ],
  [
    'a path without a slash',
    but({ verify: { ...wiki.verify, path: 'whoami' } }),
    /httpApi\.verify\.path "whoami" is not a path; begin it with a slash/,
  ],
  [
    'a pointer without a slash',
    but({ list: { ...wiki.list, items: 'tokens' } }),
    /httpApi\.list\.items "tokens" is not a JSON pointer; begin it with a slash/,
  ],
  [
    'http',
    but({ origin: 'http://wiki.example.com' }),
    /httpApi\.origin "http:.*" is not an origin; write scheme and host/,
  ],
  [
    'a status alone',
    but({ verify: { path: '/x', proofs: [{ verdict: 'rejected', status: 401 }] } }),
    /proves nothing, since a status alone/,
  ],
  [
    'nothing for the dead',
    but({ verify: { path: '/x', proofs: [{ verdict: 'accepted', status: 200, has: '/id' }] } }),
    /does not tell valid keys from dead ones/,
  ],
  [
    'nothing for the living',
    but({ verify: { path: '/x', proofs: [{ verdict: 'rejected', status: 401, at: '/e', is: 'x' }] } }),
    /does not tell valid keys from dead ones/,
  ],
  [
    'a setting that is none',
    but({ origin: 'https://{settings.zone}.example.com' }),
    /origin names {settings\.zone}, which nothing fills; use {settings\.tenant}/,
  ],
  [
    'an id where none is',
    but({ create: { ...wiki.create, path: '/t/{id}' } }),
    /create names {id}, which nothing fills/,
  ],
  [
    'a placeholder of another shape',
    but({ key: { ...wiki.key, placeholder: 'x' } }),
    /placeholder "x" does not have the shape of a key/,
  ],
  [
    'a pattern that is none',
    but({ key: { ...wiki.key, matches: '(' } }),
    /matches "\(" is not a regular expression/,
  ],
  ['an unknown field', but({ verfy: 1 }), /"httpApi\.verfy" is not a field; use "verify"/],
  [
    'a method that makes nothing',
    but({ create: { ...wiki.create, method: 'GET' } }),
    /method "GET" creates nothing; use "POST" or "PUT"/,
  ],
  ['too short names', but({ nameMaxLength: 20 }), /nameMaxLength 20 has no room for the names/],
])('%s is refused, with place, value and fix', (_what, connectors, told) => {
  expect(errorOf(connectors)).toMatch(told);
});
