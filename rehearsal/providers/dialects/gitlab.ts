import { dayMs } from '../../../core/time';
import { bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { retryAfter } from '../key-routes';

const issuerToken = ['glpat', 'FAKESECRETissuer0000'].join('-');
const levels = [10, 15, 20, 30, 40, 50];

const tokenOf = (call: WireCall) => call.headers['private-token'] ?? bearerOf(call);
const unauthorized = (): WireReply => ({ status: 401, body: { message: '401 Unauthorized' } });
const revoked = (): WireReply => ({
  status: 401,
  body: {
    error: 'invalid_token',
    error_description: 'Token was revoked. You have to re-authorize from the user.',
  },
});
const notFound = (what: string): WireReply => ({ status: 404, body: { message: `404 ${what} Not Found` } });

function inPlace(
  kind: 'projects' | 'groups',
  answer: (call: WireCall, account: FakeAccount, place: string) => WireReply,
) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (tokenOf(call) !== issuerToken) return unauthorized();
    const place = `${call.origin}/${kind}/${call.params.owner}`;
    return account.hasPlace(place)
      ? answer(call, account, place)
      : notFound(kind === 'groups' ? 'Group' : 'Project');
  };
}

const hasExpired = (key: FakeKey, now: Date) => now >= new Date(`${key.details.expires_at}T00:00:00Z`);
/** Dead by revocation or because its day has come. */
const isOver = (key: FakeKey, now: Date) => Boolean(key.revokedAt) || hasExpired(key, now);

const shown = (key: FakeKey, now: Date) => ({
  id: Number(key.id),
  name: key.name,
  description: null,
  scopes: key.scopes,
  active: !isOver(key, now),
  revoked: Boolean(key.revokedAt),
  created_at: key.createdAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  ...key.details,
});

/** The key behind the token, or the refusal. */
function entered(call: WireCall, account: FakeAccount): { key?: FakeKey; refusal?: WireReply } {
  const key = account.enter(tokenOf(call));
  // A server that has not heard of its revocation accepts it.
  if (key && !hasExpired(key, account.now())) return { key };
  const owner = account.ownerOf(tokenOf(call));
  return { refusal: owner ? { ...revoked(), key: owner } : unauthorized() };
}

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const {
    name,
    scopes,
    expires_at,
    access_level = 40,
  } = call.json as Record<string, string | string[] | number | undefined>;
  const latest = new Date(account.now().getTime() + 365 * dayMs).toISOString().slice(0, 10);
  const expiry = (expires_at ?? latest) as string;
  if (!name || !Array.isArray(scopes) || !scopes.length)
    return { status: 400, body: { error: 'name is missing, scopes is missing' } };
  if (!levels.includes(access_level as number))
    return { status: 400, body: { error: 'access_level does not have a valid value' } };
  if (
    !/^\d{4}-\d\d-\d\d$/.test(expiry) ||
    expiry > latest ||
    new Date(`${expiry}T00:00:00Z`) <= account.now()
  ) {
    return { status: 400, body: { message: '400 Bad request - Expiration date is invalid' } };
  }
  const key = account.add({
    id: String(1_000 + account.added),
    place,
    name: String(name),
    scopes,
    secret: `glpat-${account.freshSecret(20)}`,
    details: { user_id: 9_000 + account.added, access_level, expires_at: expiry },
  });
  return { status: 201, body: { ...shown(key, account.now()), token: key.secret }, key };
}

function list(call: WireCall, account: FakeAccount, place: string): WireReply {
  const state = call.query.get('state');
  const all = account.keys.filter(key => key.place === place);
  const keys = all.filter(key => !state || (state === 'active') !== isOver(key, account.now()));
  const size = Math.min(Number(call.query.get('per_page') ?? 20), account.pageSize);
  const page = Number(call.query.get('page') ?? 1);
  const more = page * size < keys.length;
  const next = new URLSearchParams({ ...Object.fromEntries(call.query), page: String(page + 1) });
  return {
    status: 200,
    headers: {
      'x-page': String(page),
      'x-per-page': String(size),
      'x-next-page': more ? String(page + 1) : '',
      'x-total': String(keys.length),
      ...(more && { link: `<${call.origin}${call.path}?${next}>; rel="next"` }),
    },
    body: keys.slice((page - 1) * size, page * size).map(key => shown(key, account.now())),
  };
}

function revoke(call: WireCall, account: FakeAccount, place: string): WireReply {
  const key = account.find(place, call.params.id);
  if (!key) return notFound('Token');
  account.revoke(key);
  return { status: 204, key };
}

const invalidToken = (error_description: string): WireReply => ({
  status: 401,
  body: { error: 'invalid_token', error_description },
});
const guard = 'source 2026-11-28 https://github.com/gitlabhq/gitlabhq lib/api/api_guard.rb';

export const gitlab: Dialect = {
  provider: 'gitlab',
  awsValue: ({ keyId, secret }, { host = 'gitlab.com' }) => ({
    token: secret,
    tokenId: keyId,
    gitlabUrl: `https://${host}`,
  }),
  evidence: [
    'docs 2026-11-28 https://docs.gitlab.com/api/project_access_tokens/ and /api/group_access_tokens/, /api/personal_access_tokens/#get-details-on-a-personal-access-token',
    'source 2026-11-28 401 bodies: lib/api/api_guard.rb of gitlabhq/gitlabhq',
    'memory 2026-11-28 paging headers and the plain-text 429 are general knowledge',
  ],
  sample: {
    settings: { project: 'acme/support-bot', accessLevel: 'reporter' },
    scopes: ['read_api', 'read_repository'],
  },
  origins: settings => [`https://${settings.host ?? 'gitlab.com'}`],
  place: settings =>
    `https://${settings.host ?? 'gitlab.com'}/${settings.project ? `projects/${settings.project}` : `groups/${settings.group}`}`,
  issuer: settings => ({ token: issuerToken, host: String(settings.host ?? 'gitlab.com') }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  allows: { calls: 2_000, seconds: 60 },
  tooMany: (now, resetAt) => ({
    status: 429,
    headers: {
      'ratelimit-limit': '2000',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(unixSeconds(resetAt)),
      ...retryAfter(now, resetAt),
    },
    body: 'Retry later\n',
  }),
  routes: [
    ...(['projects', 'groups'] as const).flatMap(kind => [
      {
        kind: 'create' as const,
        method: 'POST',
        path: `/api/v4/${kind}/{owner}/access_tokens`,
        answer: inPlace(kind, create),
      },
      {
        kind: 'list' as const,
        method: 'GET',
        path: `/api/v4/${kind}/{owner}/access_tokens`,
        answer: inPlace(kind, list),
      },
      {
        kind: 'revoke' as const,
        method: 'DELETE',
        path: `/api/v4/${kind}/{owner}/access_tokens/{id}`,
        answer: inPlace(kind, revoke),
      },
    ]),
    {
      kind: 'verify',
      method: 'GET',
      path: '/api/v4/personal_access_tokens/self',
      answer: (call, account) => {
        if (tokenOf(call) === issuerToken)
          return {
            status: 200,
            body: { id: 1, name: 'issuer', scopes: ['api'], active: true, revoked: false },
          };
        const { key, refusal } = entered(call, account);
        if (!key) return refusal ?? { status: 401 };
        return { status: 200, body: shown({ ...key, revokedAt: undefined }, account.now()), key };
      },
    },
    {
      kind: 'use',
      method: 'GET',
      path: '/api/v4/projects/{owner}/issues',
      answer: (call, account) => {
        const { key, refusal } = entered(call, account);
        return refusal ?? { status: 200, body: [], key };
      },
    },
  ],
  verifyAnswers: [
    ['a token that was revoked', 'rejected', revoked(), guard],
    [
      'a token that has expired',
      'rejected',
      invalidToken('Token is expired. You can either do re-authorization or token refresh.'),
      guard,
    ],
    ['a token that was deleted with its bot, or that is of another host', 'denied', unauthorized(), guard],
    [
      'a token for impersonation, where that is switched off',
      'unknown',
      invalidToken('Token is an impersonation token but impersonation was disabled.'),
      guard,
    ],
    [
      'a token that lacks the scope',
      'unknown',
      {
        status: 403,
        body: {
          error: 'insufficient_scope',
          error_description: 'The request requires higher privileges than provided by the access token.',
          scope: 'api read_api',
        },
      },
      guard,
    ],
    [
      'a token that has to be bound to its key',
      'unknown',
      {
        status: 401,
        body: { error: 'dpop_error', error_description: 'DPoP validation error: DPoP header is missing' },
      },
      guard,
    ],
    [
      'a token whose owner is blocked',
      'unknown',
      { status: 403, body: { message: '403 Forbidden - Your account has been blocked.' } },
      guard,
    ],
    [
      'an address that is banned',
      'unknown',
      { status: 403, body: 'Forbidden\n' },
      'docs 2026-11-28 https://docs.gitlab.com/security/rate_limits/',
    ],
  ],
  use: (value, settings) => ({
    url: `${gitlab.origins(settings)[0]}/api/v4/projects/${encodeURIComponent(String(settings.project ?? 'acme/support-bot'))}/issues`,
    method: 'GET',
    headers: { 'private-token': value.secret },
  }),
};
