// What GitHub gets to see, and what it can answer, beyond the promises that every mint connector keeps.
import { generateKeyPairSync } from 'node:crypto';
import { createCallLimits } from '../../../connectors/http/call-rate';
import { createHttp } from '../../../connectors/http/http';
import { signJwt } from '../../../connectors/http/signed-jwt';
import { githubApp } from '../../../connectors/providers/github-app/github-app';
import type { SecretValue } from '../../../core/key/secret-value';
import type { WireCall } from '../../../rehearsal/providers/dialect';
import { openProviderSetup, type ProviderSetup, TestClock } from '../../support/provider-setup';

let setup: ProviderSetup;
let root: SecretValue;

beforeEach(async () => {
  setup = await openProviderSetup(githubApp);
  root = setup.dialect.root!(setup.settings, setup.account);
});
afterEach(() => setup.close());

const mint = (scopes: string[], settings: Record<string, unknown> = {}) =>
  githubApp.mint(
    createHttp({
      provider: 'github-app',
      title: 'GitHub',
      origins: ['https://api.github.com'],
      clock: setup.clock,
      limits: createCallLimits(setup.clock, 'pass-on'),
    }),
    root,
    {
      scopes,
      lifetimeSeconds: 3600,
      settings: { ...setup.settings, ...settings } as never,
    },
  );
const lastCall = (): WireCall => setup.exchanges.at(-1)!.call;
const reach = async (token: string): Promise<string[]> => {
  const reply = await fetch('https://api.github.com/installation/repositories', {
    headers: { authorization: `Bearer ${token}` },
  });
  const { repositories } = (await reply.json()) as { repositories: { name: string }[] };
  return repositories.map(({ name }) => name);
};

test('the app shows itself by a token of its own: signed, a minute old, and good for eight more', async () => {
  await mint(['contents:read']);
  const { method, path, headers } = lastCall();
  expect(`${method} ${path}`).toBe('POST /app/installations/4711/access_tokens');
  expect(headers).toMatchObject({
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  });
  const [head, claims] = headers
    .authorization!.replace('Bearer ', '')
    .split('.')
    .map(part => part)
    .slice(0, 2)
    .map(part => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const now = setup.clock.now().getTime() / 1000;
  expect(head).toEqual({ alg: 'RS256', typ: 'JWT' });
  expect(claims).toEqual({ iss: 'Iv23liKeyturn', iat: now - 60, exp: now + 480 });
});

test('a token reaches the named repositories, and no other of the installation', async () => {
  const { token } = await mint(['contents:read'], { repositories: ['website'] });
  expect(lastCall().json).toEqual({ permissions: { contents: 'read' }, repositories: ['website'] });
  expect(await reach(token)).toEqual(['website']);
});

test('all repositories must be asked for by that word', async () => {
  const { token } = await mint(['contents:read'], { repositories: 'all' });
  expect(lastCall().json).toEqual({ permissions: { contents: 'read' } });
  expect(await reach(token)).toEqual(['docs', 'website']);
  expect(githubApp.settings.safeParse({ appId: '1', installationId: '2', repositories: [] }).success).toBe(
    false,
  );
  expect(githubApp.settings.safeParse({ appId: '1', installationId: '2' }).success).toBe(false);
});

test('a token is taken as it comes, however long it is and whatever it is made of', async () => {
  const token = `ghs_123456_${'FAKESECRET-_.'.repeat(300)}`;
  const change = (reply: { body?: unknown }) => ({ status: 201, body: { ...(reply.body as object), token } });
  setup.faults(() => ({ kind: 'rewrite', change }));
  expect((await mint(['contents:read'])).token).toBe(token);
});

test('of two levels of one permission the wider is asked for', async () => {
  await mint(['contents:write', 'contents:read', 'issues:read']);
  expect(lastCall().json).toMatchObject({ permissions: { contents: 'write', issues: 'read' } });
});

test.each([[['contents']], [['contents:own']], [['contents:read:docs']], [['repo', 'issues:read']]])(
  'scopes %j are no permissions, and GitHub is not asked',
  async scopes => {
    await expect(mint(scopes)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('contents:read or issues:write'),
    });
    expect(setup.calls).toEqual([]);
  },
);

test('the right to read metadata, which GitHub adds, is told only where it was asked for', async () => {
  expect((await mint(['contents:read'])).scopes).toEqual(['contents:read']);
  expect((await mint(['contents:read', 'metadata:read'])).scopes).toEqual(['contents:read', 'metadata:read']);
});

test.each([
  [{ 'retry-after': '60' }, 'rate-limited'],
  [{ 'x-ratelimit-remaining': '0' }, 'rate-limited'],
  [{ 'x-ratelimit-remaining': '17' }, 'refused'],
])('403 with %j is %s', async (headers, code) => {
  setup.faults(() => ({
    kind: 'status',
    status: 403,
    headers: headers as unknown as Record<string, string>,
  }));
  await expect(mint(['contents:read'])).rejects.toMatchObject({ code });
});

test.each([
  ['an elliptic key', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['a public key', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
])('%s signs nothing, and is not quoted', (_what, make) => {
  const key = make();
  const pem = key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }).toString();
  expect(() => signJwt({ iss: 'me' }, pem)).toThrow(/not an RSA key in PEM; .*keyturn adopt/);
  try {
    signJwt({ iss: 'me' }, pem);
  } catch (error) {
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(pem.split('\n')[1]!);
  }
});

test('the clock that is handed in dates the signature', () => {
  const clock = new TestClock();
  const http = createHttp({
    provider: 'x',
    title: 'X',
    origins: [],
    clock,
    limits: createCallLimits(clock, 'pass-on'),
  });
  expect(http.now()).toEqual(clock.now());
});
