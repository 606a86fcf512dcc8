// What a provider tells, as the rules get it: without secrets, without what is more than text, and of a size that real answers have.
import { bindConnector } from '../../../connectors/contract/bind';
import { bindMint } from '../../../connectors/contract/bind-mint';
import type { Connector, MintConnector } from '../../../connectors/contract/connector';
import { connectorFor } from '../../../connectors/index';
import { oauthClient } from '../../../connectors/providers/oauth-client/oauth-client';
import { okta } from '../../../connectors/providers/okta';
import { sendgrid } from '../../../connectors/providers/sendgrid/sendgrid';
import { KeyturnError } from '../../../core/errors';
import { TestClock } from '../../support/provider-setup';
import { scripted } from '../http/scripted-fetch';

const issuerKey = ['SG.', 'FAKESECRETissuer_-&<7'].join('');
const newKey = ['SG.', 'FAKESECRETnew_-&<9'].join('');
const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

const encodings: [string, (text: string) => string][] = [
  ['plain', text => text],
  ['a URL', encodeURIComponent],
  ['a URL, every letter', text => [...Buffer.from(text)].map(byte => `%${byte.toString(16)}`).join('')],
  ['JSON', text => JSON.stringify(JSON.stringify(text)).slice(1, -1)],
  ['HTML', text => text.replaceAll('&', '&amp;').replaceAll('<', '&#x3c;')],
  ['hexadecimal', text => Buffer.from(text).toString('hex')],
  ...[0, 1, 2].flatMap((before): [string, (text: string) => string][] => [
    [`base64 behind ${before}`, text => Buffer.from(`${'x'.repeat(before)}${text}`).toString('base64')],
    [
      `base64url behind ${before}`,
      text => Buffer.from(`${'x'.repeat(before)}${text}y`).toString('base64url'),
    ],
  ]),
];

function bound(
  connector: Connector = connectorFor('sendgrid'),
  issuer: unknown = { apiKey: issuerKey },
  settings = {},
) {
  const provider = bindConnector(connector, {
    readIssuer: async () => issuer,
    environment: 'prod',
    spec: { scopes: ['mail.send'], settings, maxGapDays: 31, overlapHours: 24 },
    clock: new TestClock(),
  });
  if (!('list' in provider && 'make' in provider)) throw new Error('this provider makes and lists keys');
  return provider;
}

const created = (told: object = {}, status = 201) =>
  scripted(() =>
    Response.json({ api_key: newKey, api_key_id: 'id-1', scopes: ['mail.send'], ...told }, { status }),
  );
const listed = (...keys: object[]) => scripted(() => Response.json({ result: keys }));
const make = () => bound().make('kt-name', new Date());
const failureOf = async (work: Promise<unknown>): Promise<KeyturnError> =>
  work.then(
    () => {
      throw new Error('nothing was thrown');
    },
    error => error,
  );
const holdsNothing = (told: unknown) => {
  const text = told instanceof Error ? `${told.message}${told.stack}${told.cause}` : JSON.stringify(told);
  for (const [, write] of encodings)
    for (const secret of [issuerKey, newKey].map(write)) expect(text).not.toContain(secret.slice(4, -4));
};

describe.each(encodings)('a secret in %s', (_encoding, write) => {
  test.each([issuerKey, newKey])('as the id of a new key, or in it, is refused', async secret => {
    for (const api_key_id of [write(secret), `id-${write(secret)}`]) {
      created({ api_key_id });
      const failure = await failureOf(make());
      expect(failure).toMatchObject({
        code: 'bad-reply',
        message: expect.stringContaining('SendGrid sent a'),
      });
      holdsNothing(failure);
    }
  });

  test('as a scope is told without it, and the key is revoked', async () => {
    const asked = created({ scopes: ['mail.send', `x${write(issuerKey)}`] });
    asked.length = 0;
    const revoked = scripted(
      () =>
        Response.json(
          { api_key: newKey, api_key_id: 'id-1', scopes: [`x${write(issuerKey)}`] },
          { status: 201 },
        ),
      () => new Response(null, { status: 204 }),
    );
    const failure = await failureOf(make());
    expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining('[key]') });
    holdsNothing(failure);
    expect(revoked.map(({ init }) => init.method)).toEqual(['POST', 'DELETE']);
  });

  test('as the name of a listed key is told without it, as its id it is refused', async () => {
    listed({ api_key_id: 'id-1', name: `a ${write(issuerKey)} b` });
    const keys = await bound().list();
    expect(keys).toEqual([{ id: 'id-1', name: expect.stringMatching(/^a .*\[key\].* b$/) }]);
    holdsNothing(keys);
    listed({ api_key_id: write(issuerKey), name: 'a' });
    const failure = await failureOf(bound().list());
    expect(failure.code).toBe('bad-reply');
    holdsNothing(failure);
  });

  test('in an id that is revoked is not told when that fails', async () => {
    scripted(() => new Response('no', { status: 403 }));
    const provider = bound();
    if (!('revoke' in provider)) throw new Error('SendGrid revokes');
    const held = { secret: newKey, keyId: 'x', provider: 'sendgrid', issuedAt: '' };
    holdsNothing(await failureOf(provider.revoke(write(newKey), held)));
  });

  test('is told by no connector in an error', async () => {
    const telling = (thrown: unknown): Connector =>
      ({ ...sendgrid, list: () => Promise.reject(thrown) }) as Connector;
    const cause = { secret: write(issuerKey) };
    const known = await failureOf(
      bound(telling(new KeyturnError('refused', `no ${write(issuerKey)} here`, { cause }))).list(),
    );
    expect([known.code, known.cause]).toEqual(['refused', undefined]);
    expect(known.message).toContain('[key]');
    holdsNothing(known);
    const unforeseen = await failureOf(bound(telling(new TypeError(write(issuerKey), { cause }))).list());
    expect(unforeseen).toMatchObject({
      code: 'bad-reply',
      message: expect.stringContaining('SendGrid sent an answer that cannot be read (TypeError); '),
    });
    holdsNothing(unforeseen);
  });
});

describe('an id', () => {
  test.each([
    ['x'.repeat(300), 'told'],
    ['x'.repeat(301), 'bad-reply'],
    ['', 'bad-reply'],
    ['a b', 'bad-reply'],
    ['a\nb', 'bad-reply'],
    ['\u001b[2J', 'bad-reply'],
    ['\u202eab', 'bad-reply'],
    ['ä', 'bad-reply'],
    ['<@U123>', 'told'],
  ])('%j: %s', async (api_key_id, outcome) => {
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'told',
        (error: KeyturnError) => error.code,
      );
    created({ api_key_id });
    expect(await codeOf(make())).toBe(outcome);
    listed({ api_key_id, name: 'x' });
    expect(await codeOf(bound().list())).toBe(outcome);
  });

  test('of a GitLab token with more digits than a number holds is refused, not rounded to another', async () => {
    scripted(
      () =>
        new Response('[{"id":9007199254740993,"scopes":[],"name":"x","created_at":"2026-01-01T00:00:00Z"}]'),
    );
    const gitlab = bound(connectorFor('gitlab'), { token: 'FAKESECRETtoken' }, { project: 'a/b' });
    expect((await failureOf(gitlab.list())).code).toBe('bad-reply');
  });
});

describe('a name', () => {
  test.each([
    ['\u001b]0;owned\u0007\u009b2J', '\ufffd]0;owned\ufffd\ufffd2J'],
    ['a\u202eb\u2066c\u200bd\u2028e', 'a\ufffdb\ufffdc\ufffdd\ufffde'],
    ['a\r\nb', 'a\ufffd\ufffdb'],
    ['x'.repeat(500), 'x'.repeat(500)],
    ['x'.repeat(501), `${'x'.repeat(499)}…`],
    ['grün <b> *x* @all', 'grün <b> *x* @all'],
  ])('%j comes in as %j', async (name, told) => {
    listed({ api_key_id: 'id-1', name });
    expect(await bound().list()).toEqual([{ id: 'id-1', name: told }]);
  });
});

test.each([
  [
    'the end of a key',
    'gitlab',
    () => ({ id: 1, token: 'FAKESECRETx', expires_at: 'soon', scopes: ['mail.send'] }),
    201,
  ],
  ['the time of a listed key', 'gitlab', () => [{ id: 1, scopes: [], name: 'x', created_at: 'soon' }], 200],
])('%s that is no date is a bad reply', async (_what, id, body, status) => {
  scripted(() => Response.json(body(), { status }));
  const gitlab = bound(connectorFor(id), { token: 'FAKESECRETtoken' }, { project: 'a/b' });
  const work = status === 201 ? gitlab.make('kt-name', new Date()) : gitlab.list();
  expect((await failureOf(work)).code).toBe('bad-reply');
});

test('a key without a secret, or with one that is too long, is none', async () => {
  for (const [api_key, code] of [
    ['', 'bad-reply'],
    ['x'.repeat(16_385), 'bad-reply'],
  ]) {
    created({ api_key });
    expect((await failureOf(make())).code).toBe(code);
  }
  created({ api_key: 'x'.repeat(16_384) });
  expect(await make()).toMatchObject({ keyId: 'id-1' });
});

test('more than a thousand scopes are a bad reply', async () => {
  created({ scopes: Array(1_001).fill('mail.send') });
  expect((await failureOf(make())).code).toBe('bad-reply');
  created({ scopes: Array(1_000).fill('mail.send') });
  expect(await make()).toMatchObject({ keyId: 'id-1' });
});

test('an Okta id that is the secret of another one goes no further', async () => {
  const settings = { domain: 'o.example', appId: 'a', clientId: 'c' };
  const provider = bound(okta as Connector, { domain: 'o.example', token: 'FAKESECRETtoken' }, settings);
  const entry = { status: 'ACTIVE', created: '2026-01-01T00:00:00Z' };
  scripted(() =>
    Response.json([
      { ...entry, id: 'one', client_secret: 'FAKESECRETone' },
      { ...entry, id: 'FAKESECRETone', client_secret: 'FAKESECRETtwo' },
    ]),
  );
  if (!('install' in provider)) throw new Error('Okta is told of keys');
  const value = { secret: 'FAKESECRETmine', keyId: 'k', provider: 'okta', issuedAt: '' };
  const failure = await failureOf(provider.install(value));
  expect(failure.code).toBe('bad-reply');
  expect(failure.message).not.toContain('FAKESECRET');
});

describe('a token', () => {
  const root = { secret: 'FAKESECRETroot', keyId: 'client', provider: 'oauth-client', issuedAt: '' };
  const mint = (told: object) => {
    scripted(() =>
      Response.json({ access_token: 'FAKESECRETtoken', token_type: 'bearer', expires_in: 60, ...told }),
    );
    const settings = { tokenUrl: 'https://as.example/token' };
    return bindMint(oauthClient as MintConnector<unknown, unknown>, {
      readRoot: async () => root,
      keepRoot: async () => {},
      spec: { settings },
      clock: new TestClock(),
    }).mint(['a'], 60);
  };

  test.each(encodings)(
    'whose scope quotes it or its root in %s is told without',
    async (_encoding, write) => {
      const { scopes } = await mint({
        scope: `a ${write('FAKESECRETtoken')} ${write('FAKESECRETroot')}`.trim(),
      });
      expect(scopes).toHaveLength(3);
      expect(scopes?.[0]).toBe('a');
      for (const scope of scopes?.slice(1) ?? []) expect(scope).toMatch(/^.{0,4}\[key\].{0,4}$/);
    },
  );

  test.each(['a\r\nX-Header: b', 'a b', 'x'.repeat(16_385), '\u001b[2J'])(
    '%j is none',
    async access_token => {
      expect((await failureOf(mint({ access_token }))).code).toBe('bad-reply');
    },
  );

  test.each([1e300, -1e300])('that lives for %d s is a bad reply', async expires_in => {
    expect((await failureOf(mint({ expires_in }))).code).toBe('bad-reply');
  });
});
