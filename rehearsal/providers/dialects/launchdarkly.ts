import type { Dialect, WireCall, WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes, pageFrom, retryAfter } from '../key-routes';

const issuerToken = 'api-FAKESECRETissuer-0000-0000-0000-000000000000';
const place = 'account';

const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { code, message },
});
const unknown = () => failure(401, 'unauthorized', 'Invalid access token');
const tokenOf = ({ headers }: WireCall) => headers.authorization;
const spec = 'openapi 2026-11-28 https://github.com/launchdarkly/api-client-go api/openapi.yaml';

export const launchdarkly: Dialect = {
  provider: 'launchdarkly',
  evidence: [
    'openapi 2026-11-28 https://github.com/launchdarkly/api-client-go api/openapi.yaml: /api/v2/tokens, /api/v2/tokens/{id}, /api/v2/caller-identity',
    'docs 2026-11-29 https://launchdarkly.com/docs/api: a token stands in the header as it is; rate limits',
    'seen 2026-11-29 the words for an unknown token are also written small',
    'memory 2026-11-28 a name may have 100 characters; lists show service tokens without showAll',
  ],
  described: { files: ['launchdarkly.json'], known: [] },
  sample: { settings: { host: 'app.launchdarkly.com' }, scopes: ['reader'] },
  origins: settings => [`https://${settings.host}`],
  place: () => place,
  issuer: settings => ({ token: issuerToken, host: String(settings.host) }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'rate_limited', 'You have exceeded the rate limit. Try again later.'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/api/v2/tokens',
      refuse: call => (tokenOf(call) === issuerToken ? undefined : unknown()),
      place: () => place,
      create,
      list(keys, call, account) {
        const size = Math.min(Number(call.query.get('limit') ?? 25), account.pageSize);
        const { page } = pageFrom(keys, Number(call.query.get('offset') ?? 0), size);
        const items = page.map(key => told(key, key.secret.slice(-4)));
        return { status: 200, body: { items, totalCount: keys.length, _links: links } };
      },
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'not_found', 'Invalid resource identifier'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/v2/caller-identity',
      secretOf: tokenOf,
      refused: unknown(),
      issuer: call => (tokenOf(call) === issuerToken ? { status: 200, body: identity('issuer') } : undefined),
      answer: ({ id }) => ({ status: 200, body: identity(id) }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/api/v2/flags/{project}',
      secretOf: tokenOf,
      refused: unknown(),
      answer: () => ({ status: 200, body: { items: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted token, or one of another instance', 'denied', unknown(), spec],
    [
      'a deleted token, as seen by others',
      'denied',
      failure(401, 'unauthorized', 'invalid access token'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a token that may not do this',
      'unknown',
      failure(403, 'forbidden', 'Forbidden. Access to the requested resource was denied.'),
      spec,
    ],
    [
      'an address that the allowlist does not have',
      'unknown',
      failure(403, 'forbidden', 'Access to the requested resource was denied'),
      'general knowledge',
    ],
    [
      'a session that has ended',
      'unknown',
      failure(401, 'unauthorized', 'Your session has expired'),
      'general knowledge',
    ],
    ['a firewall', 'unknown', { status: 403, body: 'Forbidden' }, 'general knowledge'],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/api/v2/flags/orders`,
    method: 'GET',
    headers: { authorization: value.secret },
  }),
};

const links = { self: { href: '/api/v2/tokens', type: 'application/json' } };
const identity = (tokenId: string) => ({
  accountId: '569f183514f4432160000000',
  authKind: 'token',
  tokenKind: 'auth',
  tokenId,
  serviceToken: true,
  scopes: [],
});

function create(call: WireCall, account: FakeAccount): WireReply {
  const {
    name = '',
    role,
    customRoleIds,
  } = call.json as { name?: string; role?: string; customRoleIds?: string[] };
  if (!role && !customRoleIds?.length) return failure(400, 'invalid_request', 'A role is required');
  const hex = (length: number) => account.fresh(length, '0123456789abcdef');
  const key = account.add({
    id: hex(24),
    place,
    name,
    scopes: role ? [role] : (customRoleIds ?? []),
    details: { role, customRoleIds },
    secret: `api-${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  });
  return { status: 201, body: told(key, key.secret), key };
}

function told({ id, name, createdAt, lastUsedAt, details }: FakeKey, token: string) {
  const { role, customRoleIds = [] } = details;
  return {
    _id: id,
    name,
    token,
    serviceToken: true,
    ownerId: '569f183514f4432160000001',
    memberId: '569f183514f4432160000002',
    creationDate: createdAt.getTime(),
    lastModified: createdAt.getTime(),
    ...(lastUsedAt && { lastUsed: lastUsedAt.getTime() }),
    ...(role !== undefined && { role }),
    customRoleIds,
    inlineRole: [],
    _links: links,
  };
}
