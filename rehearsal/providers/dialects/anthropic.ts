import type { Dialect, WireCall, WireReply } from '../dialect';
import { federation, federationEvidence, federationRoutes } from '../federations/anthropic';
import { keyedRoute, pageFrom } from '../key-routes';
import { endOf, madeInConsole } from '../made-in-console';

const origin = 'https://api.anthropic.com';
const adminKey = `sk-ant-admin01-${'FAKESECRETadmin'.padEnd(93, '0')}AA`;
const failure = (status: number, type: string, message: string): WireReply => ({
  status,
  body: { type: 'error', error: { type, message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
});
const refused = failure(401, 'authentication_error', 'invalid x-api-key');
const errors = 'docs 2026-11-29 https://platform.claude.com/docs/en/api/errors';
const keyOf = (call: WireCall) => call.headers['x-api-key'];
const unlessAdmin = (call: WireCall) => (keyOf(call) === adminKey ? undefined : refused);
const shown = (
  key: Parameters<typeof endOf>[0] & { id: string; name: string; createdAt: Date; active: boolean },
) => ({
  type: 'api_key',
  id: key.id,
  name: key.name,
  status: key.active ? 'active' : 'inactive',
  created_at: key.createdAt.toISOString(),
  expires_at: endOf(key)?.toISOString() ?? null,
  workspace_id: null,
});

export const anthropic: Dialect = {
  provider: 'anthropic',
  evidence: [
    'docs 2026-11-29 https://platform.claude.com/docs/en/api/admin/api_keys/list: limit, after_id, status, has_more, last_id',
    'docs 2026-11-29 https://platform.claude.com/docs/en/api/admin/api_keys/update: status active, inactive, archived; no create, no delete',
    'docs 2026-11-29 https://platform.claude.com/docs/en/api/errors',
    'seen 2026-11-29 "invalid x-api-key" for a key that is not valid (any more); no delay is documented',
    ...federationEvidence,
  ],
  federation,
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'organization',
  issuer: () => ({ adminKey }),
  root: madeInConsole({
    provider: 'anthropic',
    place: () => 'organization',
    secret: account => `sk-ant-api03-${account.freshSecret(93)}AA`,
    id: account => `apikey_${account.fresh(24)}`,
    lifeDays: 90,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 3,
  tooMany: () => ({
    ...failure(429, 'rate_limit_error', 'This request would exceed the rate limit.'),
    headers: { 'retry-after': '1' },
  }),
  routes: [
    ...federationRoutes(),
    {
      kind: 'list',
      method: 'GET',
      path: '/v1/organizations/api_keys',
      answer(call, account) {
        const keys = account
          .present('organization')
          .filter(key => !call.query.has('status') || key.active === (call.query.get('status') === 'active'));
        const after = call.query.get('after_id');
        const start = after ? keys.findIndex(({ id }) => id === after) + 1 : 0;
        const { page, hasMore } = pageFrom(keys, start, account.pageSize);
        const ends = { first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null };
        return (
          unlessAdmin(call) ?? { status: 200, body: { data: page.map(shown), has_more: hasMore, ...ends } }
        );
      },
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: '/v1/organizations/api_keys/{id}',
      answer(call, account) {
        const denied = unlessAdmin(call);
        if (denied) return denied;
        const key = account.find('organization', call.params.id);
        if (!key) return failure(404, 'not_found_error', 'API key not found');
        if (call.json.status === 'inactive') account.revoke(key);
        return { status: 200, body: shown(key), key };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v1/models',
      secretOf: keyOf,
      refused,
      answer: () => ({ status: 200, body: { data: [{ type: 'model', id: 'claude-x' }], has_more: false } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/v1/messages',
      secretOf: keyOf,
      refused,
      answer: () => ({ status: 200, body: { type: 'message', content: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a key that was disabled, archived or has expired', 'rejected', refused, errors],
    [
      'a key that may not use a resource',
      'unknown',
      failure(
        403,
        'permission_error',
        'Your API key does not have permission to use the specified resource.',
      ),
      errors,
    ],
    [
      'a call with an Origin header',
      'unknown',
      failure(401, 'authentication_error', 'CORS requests are not allowed for this Organization'),
      'seen 2026-11-29',
    ],
    [
      'a call from a region that is not served',
      'unknown',
      failure(403, 'forbidden', 'Request not allowed'),
      'seen 2026-11-29',
    ],
    [
      'a call without a key',
      'unknown',
      failure(401, 'authentication_error', 'x-api-key header is required'),
      'seen 2026-11-29',
    ],
    ['an overload', 'unknown', failure(529, 'overloaded_error', 'Overloaded'), errors],
  ],
  use: value => ({
    url: `${origin}/v1/messages`,
    method: 'POST',
    headers: {
      'x-api-key': value.secret,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'claude-x', max_tokens: 8, messages: [] }),
  }),
};
