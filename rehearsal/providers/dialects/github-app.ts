import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { SecretValue } from '../../../core/key/secret-value';
import { hourMs } from '../../../core/time';
import { bearerOf, type Dialect, signerOf, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';

const origin = 'https://api.github.com';
const installation = '4711';
/** What the app was given where it is installed. */
const permissions: Record<string, string> = { contents: 'write', issues: 'write', metadata: 'read' };
const repositories = ['docs', 'website'];
const levels = ['read', 'write', 'admin'];
const tokenLifeMs = hourMs;

const failure = (status: number, message: string): WireReply => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
});

const pairs: { publicKey: string; privateKey: string }[] = [];

/** The n-th pair of this process: making one takes long, and an account never sees the same twice. */
function keyPair(n: number) {
  pairs[n] ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return pairs[n];
}

/** The private key that signed the request, if GitHub would take it now. */
function appKey(call: WireCall, account: FakeAccount): FakeKey | undefined {
  const [head = '', body = '', signature = ''] = (bearerOf(call) ?? '').split('.');
  const key = account.keys.find(
    ({ details }) =>
      details.publicKey !== undefined &&
      verify(
        'sha256',
        Buffer.from(`${head}.${body}`),
        String(details.publicKey),
        Buffer.from(signature, 'base64url'),
      ),
  );
  if (!key) return undefined;
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { iss, iat, exp } = read(body) as { iss: string; iat: number; exp: number };
  const now = unixSeconds(account.now());
  const fits = read(head).alg === 'RS256' && iss === key.place && iat <= now && exp > now && exp <= now + 600;
  return fits ? account.enter(key.secret) : undefined;
}

/** What the installation was given: what every team has here, and what the configuration plans. */
function permissionsOf({ planned }: FakeAccount): Record<string, string> {
  const given = { ...permissions };
  for (const scope of planned) {
    const [name = '', level = ''] = scope.split(':');
    if (levels.indexOf(level) > levels.indexOf(given[name] ?? '')) given[name] = level;
  }
  return given;
}

function repositoriesOf({ registered }: FakeAccount, appId: string): string[] {
  const named = registered
    .filter(settings => settings.appId === appId)
    .map(settings => settings.repositories);
  return [...new Set([...repositories, ...named.flatMap(names => (Array.isArray(names) ? names : []))])];
}

function mint(call: WireCall, account: FakeAccount): WireReply {
  const key = appKey(call, account);
  if (!key) return failure(401, 'A JSON web token could not be decoded');
  const isInstalled = account.registered.some(
    ({ appId, installationId }) => appId === key.place && installationId === call.params.installation,
  );
  if (!isInstalled) return { ...failure(404, 'Not Found'), key };
  const permissions = permissionsOf(account);
  const repositories = repositoriesOf(account, key.place);
  const asked = (call.json.permissions ?? permissions) as Record<string, string>;
  const beyond = Object.entries(asked).some(
    ([name, level]) => levels.indexOf(level) > levels.indexOf(permissions[name] ?? ''),
  );
  const names = call.json.repositories as string[] | undefined;
  if (beyond || names?.some(name => !repositories.includes(name))) {
    return { ...failure(422, 'The permissions requested are not granted to this installation.'), key };
  }
  const granted = { ...asked, metadata: 'read' };
  // As long as a token may be since 2026, and with the characters that came with it.
  const secret = `ghs_${account.fresh(6)}_${account.freshSecret(120)}.${account.fresh(300)}-${account.fresh(80)}`;
  const expiresAt = new Date(account.now().getTime() + tokenLifeMs);
  const details = { expiresAt, permissions: granted, repositories: names ?? repositories };
  account.add({ id: account.fresh(12), place: `installation ${call.params.installation}`, secret, details });
  return {
    status: 201,
    key,
    body: {
      token: secret,
      expires_at: expiresAt.toISOString().replace('.000Z', 'Z'),
      permissions: granted,
      repository_selection: names ? 'selected' : 'all',
    },
  };
}

function appNamed(client_id: string) {
  const pages = { avatar_url: 'https://github.com/acme', html_url: 'https://github.com/acme' };
  const made = { created_at: '2026-01-05T10:00:00Z', updated_at: '2026-01-05T10:00:00Z' };
  const owner = { id: 2, node_id: 'E_2', slug: 'acme', name: 'Acme', ...pages, ...made };
  return {
    ...{ id: 1, slug: 'keyturn', node_id: 'A_1', name: 'Keyturn' },
    ...{ client_id, owner, permissions },
    description: null,
    external_url: 'https://example.com',
    html_url: 'https://github.com/apps/keyturn',
    ...made,
    events: [],
  };
}

function liveToken(call: WireCall, account: FakeAccount): FakeKey | undefined {
  const token = account.enter(bearerOf(call));
  return token?.details.permissions && (token.details.expiresAt as Date) > account.now() ? token : undefined;
}

const clocks = 'seen by third parties 2026-11-28, https://github.com/palantir/policy-bot/issues/106';

export const githubApp: Dialect = {
  provider: 'github-app',
  evidence: [
    'openapi 2026-11-28 https://github.com/github/rest-api-description: /app, /app/installations/{installation_id}/access_tokens, /installation/token, /installation/repositories',
    'docs 2026-11-28 https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app: RS256, ten minutes at most, the fingerprint of a key',
    'docs 2026-11-28 https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    'seen 2026-11-28 that every token may read metadata is seen in answers, not documented',
  ],
  sample: {
    settings: { appId: 'Iv23liKeyturn', installationId: installation, repositories: ['docs'] },
    scopes: ['contents:read', 'issues:write'],
  },
  origins: () => [origin],
  place: settings => String(settings.appId),
  issuer: () => ({}),
  root(settings, account): SecretValue {
    const { publicKey, privateKey } = keyPair(account.added);
    const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
    const id = `SHA256:${createHash('sha256').update(der).digest('base64')}`;
    account.add({ id, place: String(settings.appId), secret: privateKey, details: { publicKey } });
    // A part of it is as bad as the whole.
    for (const line of privateKey.split('\n').slice(1, -2)) account.remember(line);
    return {
      secret: privateKey,
      keyId: id,
      provider: 'github-app',
      issuedAt: account.now().toISOString(),
    };
  },
  isOwn: (call, { registered }) =>
    [undefined, ...registered.map(({ appId }) => appId)].includes(signerOf(bearerOf(call))),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  allows: { calls: 5_000, seconds: 3_600 },
  tooMany: (_now, resetAt) => ({
    ...failure(429, 'API rate limit exceeded'),
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(unixSeconds(resetAt)) },
  }),
  routes: [
    {
      kind: 'other',
      method: 'POST',
      path: '/app/installations/{installation}/access_tokens',
      answer: mint,
    },
    {
      kind: 'verify',
      method: 'GET',
      path: '/app',
      answer: (call, account) => {
        const key = appKey(call, account);
        return key
          ? { status: 200, body: appNamed(key.place), key }
          : failure(401, 'A JSON web token could not be decoded');
      },
    },
    {
      kind: 'other',
      method: 'DELETE',
      path: '/installation/token',
      answer: (call, account) => {
        const token = liveToken(call, account);
        if (!token) return failure(401, 'Bad credentials');
        account.revoke(token);
        return { status: 204 };
      },
    },
    {
      kind: 'use',
      method: 'GET',
      path: '/installation/repositories',
      answer: (call, account) => {
        const token = liveToken(call, account);
        if (!token) return failure(401, 'Bad credentials');
        const names = token.details.repositories as string[];
        return {
          status: 200,
          body: { total_count: names.length, repositories: names.map(name => ({ name })) },
        };
      },
    },
  ],
  verifyAnswers: [
    [
      'a key that is none of the app’s',
      'rejected',
      failure(401, 'A JSON web token could not be decoded'),
      'seen 2026-11-28 https://github.com/actions/create-github-app-token/issues/153',
    ],
    [
      'a clock that is ahead',
      'unknown',
      failure(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      ),
      clocks,
    ],
    [
      'a clock that is behind',
      'unknown',
      failure(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      ),
      clocks,
    ],
    [
      'a request without the header',
      'unknown',
      failure(401, 'Requires authentication'),
      'docs 2026-11-28 https://docs.github.com/rest',
    ],
    [
      'an app that GitHub has suspended',
      'unknown',
      failure(403, 'This installation has been suspended'),
      'docs 2026-11-28 https://docs.github.com/apps',
    ],
    [
      'a call from an address outside the allow list',
      'unknown',
      failure(
        403,
        'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
      ),
      'docs 2026-11-28 https://docs.github.com/organizations',
    ],
    [
      'too many calls',
      'unknown',
      failure(403, 'API rate limit exceeded for installation ID 4711.'),
      'docs 2026-11-28 https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    ],
    [
      'an app id that is unknown',
      'unknown',
      failure(404, 'Integration not found'),
      'seen by third parties 2026-11-28',
    ],
  ],
  use: value => ({
    url: `${origin}/installation/repositories`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
