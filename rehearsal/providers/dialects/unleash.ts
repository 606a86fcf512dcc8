import type { Dialect, WireCall, WireReply } from '../dialect';
import type { FakeAccount, Settings } from '../fake-account';

const issuerToken = 'user:FAKESECRETunleashissuer000000000000';

const failure = (status: number, message: string, name?: string): WireReply => ({
  status,
  body: { ...(name && { id: '0000', name }), message },
});
const unknown = () =>
  failure(
    401,
    'This endpoint requires an API token. Please add an authorization header to your request with a valid token',
  );
const otherType = () => failure(403, 'invalid token: expected a different token type for this endpoint');

function asAdmin(answer: (call: WireCall, account: FakeAccount) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply =>
    call.headers.authorization === issuerToken
      ? answer(call, account)
      : failure(401, 'You must log in to use Unleash.', 'UnauthorizedError');
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Of each token such a server keeps a selector, which is a part of it, and a hash. */
const keepsHashes = (origin: string) => origin.startsWith('https://hashes.');

/** Tokens of a server are in one list, whatever they are for. */
const placeOf = ({ host, instance = '' }: Settings) => `${host}/${instance}`;
const hereOf = (call: WireCall, account: FakeAccount) =>
  account.registered
    .filter(settings => unleash.origins(settings).includes(call.origin))
    .map(placeOf)
    .find(place => `/${call.path}`.startsWith(`//${place.split('/')[1]}`)) ?? '';

function create(call: WireCall, account: FakeAccount): WireReply {
  const {
    tokenName: name,
    type,
    environment,
    projects = ['*'],
    expiresAt,
  } = call.json as {
    tokenName?: string;
    type?: string;
    environment?: string;
    projects?: string[];
    expiresAt?: string;
  };
  if (!name || !environment || !['backend', 'client', 'frontend'].includes(String(type)))
    return failure(400, 'Request validation failed', 'BadDataError');
  const scope = projects.length === 1 ? projects[0] : '[]';
  const selector = keepsHashes(call.origin) ? account.fresh(22, base64url) : undefined;
  const random = selector
    ? `v2_${selector}_${account.fresh(43, base64url)}`
    : account.fresh(56, '0123456789abcdef');
  const secret = `${scope}:${environment}.${random}`;
  const details = { type, environment, projects, expiresAt: expiresAt ?? null };
  const shown = { shown: selector ?? secret };
  const key = account.add({
    id: account.fresh(8),
    place: hereOf(call, account),
    name,
    secret,
    details: { ...details, ...shown },
  });
  if (expiresAt) key.expiresAt = new Date(expiresAt);
  return { status: 201, body: { ...details, tokenName: name, secret, createdAt: key.createdAt }, key };
}

function flags(type: 'backend' | 'frontend') {
  return (call: WireCall, account: FakeAccount): WireReply => {
    const given = call.headers.authorization;
    const key = account.enter(given);
    if (!key) return { ...unknown(), key: account.ownerOf(given) };
    if (key.details.type !== type) return { ...otherType(), key };
    return { status: 200, body: type === 'backend' ? { version: 2, features: [] } : { toggles: [] }, key };
  };
}

const tokensPath = '/api/admin/api-tokens';
const paths = [tokensPath, `${tokensPath}/{token}`, '/api/client/features', '/api/frontend'];
const middleware =
  'source 2026-11-29 https://github.com/Unleash/unleash src/lib/middleware/api-token-middleware.ts';

export const unleash: Dialect = {
  provider: 'unleash',
  evidence: [
    'recorded 2026-11-28 a server of unleash-server 8.2.0: every call and answer here, and that a deleted token is accepted for up to 60 s',
    middleware,
    'recorded 2026-11-30 the same, kept in clear and hashed: a list of hashed tokens shows selectors alone, and they end at once; features are filtered by the beginning of their names',
  ],
  sample: {
    settings: {
      host: 'unleash.acme.example.com',
      type: 'backend',
      environment: 'production',
      projects: ['default'],
    },
    scopes: [],
  },
  origins: settings => [`https://${settings.host}`],
  place: placeOf,
  issuer: settings => ({ token: issuerToken, host: String(settings.host) }),
  delays: { createMs: 0, revokeMs: 45_000 },
  pageSize: 1_000,
  pathsIn: ({ instance }) =>
    Object.fromEntries(paths.map(path => [path, instance ? `/${instance}${path}` : path])),
  tooMany: (now, resetAt) => ({
    status: 429,
    headers: { 'ratelimit-reset': String(Math.ceil((resetAt.getTime() - now.getTime()) / 1000)) },
    body: 'Too many requests, please try again later.',
  }),
  routes: [
    { kind: 'create', method: 'POST', path: tokensPath, answer: asAdmin(create) },
    {
      kind: 'list',
      method: 'GET',
      path: tokensPath,
      answer: asAdmin((call, account) => {
        const tokens = account.present(hereOf(call, account)).map(({ details, ...key }) => ({
          ...details,
          shown: undefined,
          // In clear, where they are not kept as hashes.
          secret: details.shown,
          tokenName: key.name,
          createdAt: key.createdAt.toISOString(),
          seenAt: key.lastUsedAt?.toISOString() ?? null,
        }));
        return { status: 200, body: { tokens } };
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: `${tokensPath}/{token}`,
      answer: asAdmin((call, account) => {
        const key = account
          .present(hereOf(call, account))
          .find(({ details }) => details.shown === call.params.token);
        if (key) account.revoke(key);
        return { status: 200, key };
      }),
    },
    { kind: 'verify', method: 'GET', path: '/api/client/features', answer: flags('backend') },
    { kind: 'verify', method: 'GET', path: '/api/frontend', answer: flags('frontend') },
  ],
  namesKeysBySecret: true,
  verifyAnswers: [
    ['a token that was deleted, or that has expired', 'rejected', unknown(), middleware],
    ['a token of the other type', 'accepted', otherType(), middleware],
    [
      'a call to the admin API',
      'unknown',
      failure(401, 'You must log in to use Unleash.', 'UnauthorizedError'),
      'recorded 2026-11-28 unleash-server 8.2.0',
    ],
    [
      'an address that a proxy turns away',
      'unknown',
      { status: 403, body: 'Forbidden\n' },
      'memory 2026-11-29',
    ],
    ['a proxy that wants a login', 'unknown', { status: 401, body: 'Unauthorized\n' }, 'memory 2026-11-29'],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}${settings.instance ? `/${settings.instance}` : ''}${settings.type === 'frontend' ? '/api/frontend' : '/api/client/features'}`,
    method: 'GET',
    headers: { authorization: value.secret },
  }),
};
