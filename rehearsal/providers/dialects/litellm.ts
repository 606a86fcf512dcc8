import { createHash } from 'node:crypto';
import { bearerOf, type Dialect, type WireReply } from '../dialect';
import type { FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes, pageFrom, retryAfter } from '../key-routes';

const masterKey = 'sk-FAKESECRETissuer0000000';

const failure = (status: number, type: string, message: string): WireReply => ({
  status,
  body: { error: { message, type, param: 'key', code: String(status) } },
});
const unknown = () =>
  failure(401, 'token_not_found_in_db', 'Authentication Error, Invalid API key provided.');
const expiredAt = '2026-11-01 00:00:00+00:00';
const source =
  'source 2026-11-29 https://github.com/BerriAI/litellm litellm/proxy/auth/auth_checks.py and user_api_key_auth.py (1.108.7)';

export const litellm: Dialect = {
  provider: 'litellm',
  evidence: [
    'source 2026-11-29 https://github.com/BerriAI/litellm litellm/proxy/management_endpoints/key_management_endpoints.py (1.108.7)',
    'source 2026-11-29 litellm/proxy/auth: types and words of refusals',
    'docs 2026-11-28 https://docs.litellm.ai/docs/proxy/virtual_keys',
    'memory 2026-11-28 other instances accept a deleted key for up to a minute (20 s here); an alias may have 255 characters',
  ],
  sample: {
    settings: { host: 'litellm.example.com:4000', maxBudget: 20 },
    scopes: ['gpt-5-mini', 'claude-haiku-5'],
  },
  origins: settings => [`https://${settings.host}`],
  place: settings => String(settings.host),
  issuer: settings => ({ host: String(settings.host), masterKey }),
  delays: { createMs: 0, revokeMs: 20_000 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'rate_limit_error', 'Rate limit exceeded'),
    headers: retryAfter(now, resetAt),
  }),
  routes: keyRoutes({
    path: '/key',
    ending: {
      method: 'POST',
      path: '/key/delete',
      idIn: call => (call.json as { keys?: string[] }).keys?.[0],
    },
    refuse: call => (bearerOf(call) === masterKey ? undefined : unknown()),
    place: call => new URL(call.origin).host,
    create(call, account, place) {
      const {
        key_alias = '',
        duration,
        models = [],
        max_budget = null,
      } = call.json as {
        key_alias?: string;
        duration?: string;
        models?: string[];
        max_budget?: number;
      };
      if (account.present(place).some(({ name }) => name === key_alias))
        return failure(400, 'bad_request_error', `Key with alias '${key_alias}' already exists.`);
      const secret = `sk-${account.freshSecret(22)}`;
      const expires = duration
        ? new Date(Number(account.now()) + Number.parseInt(duration, 10) * 1000).toISOString()
        : null;
      const details = { expires, max_budget };
      const id = createHash('sha256').update(secret).digest('hex');
      const key = account.add({ id, place, name: key_alias, secret, scopes: models, details });
      return { status: 200, body: { ...told(key), key: secret, token_id: id }, key };
    },
    list(keys, call, account) {
      const size = Math.min(Number(call.query.get('size') ?? 10), account.pageSize);
      const number = Number(call.query.get('page') ?? 1);
      const { page } = pageFrom(keys, (number - 1) * size, size);
      const total_pages = Math.ceil(keys.length / size);
      return {
        status: 200,
        body: { keys: page.map(told), total_count: keys.length, current_page: number, total_pages },
      };
    },
    revoked: ({ id }) => ({ status: 200, body: { deleted_keys: [id] } }),
    missing: () => ({ status: 404, body: { error: { message: "{'error': 'No keys found'}", code: '404' } } }),
  })
    .map(route => ({
      ...route,
      path: { create: '/key/generate', list: '/key/list' }[String(route.kind)] ?? route.path,
    }))
    .concat([
      keyedRoute({
        kind: 'verify',
        method: 'GET',
        path: '/v1/models',
        secretOf: bearerOf,
        refused: unknown(),
        issuer: call =>
          bearerOf(call) === masterKey ? { status: 200, body: { object: 'list', data: [] } } : undefined,
        answer: ({ scopes }) => ({
          status: 200,
          body: { object: 'list', data: scopes.map(id => ({ id, object: 'model' })) },
        }),
      }),
      keyedRoute({
        kind: 'use',
        method: 'POST',
        path: '/v1/chat/completions',
        secretOf: bearerOf,
        refused: unknown(),
        answer: () => ({
          status: 200,
          body: { choices: [{ message: { role: 'assistant', content: 'Yes.' } }] },
        }),
      }),
    ]),
  verifyAnswers: [
    ['a deleted key, or one of another proxy', 'denied', unknown(), source],
    [
      'a deleted key, in words of older versions',
      'denied',
      failure(
        401,
        'token_not_found_in_db',
        'Authentication Error, Invalid proxy server token passed. Received API Key = sk-...0000, Key Hash (Token) =0. Unable to find token in cache or `LiteLLM_VerificationTokenTable`',
      ),
      'seen by third parties 2026-11-29',
    ],
    [
      'a key that has expired',
      'rejected',
      failure(
        401,
        'expired_key',
        `Authentication Error - Expired Key. Key Expiry time ${expiredAt} and current time ${expiredAt}`,
      ),
      source,
    ],
    [
      'a key that is blocked, and can be unblocked',
      'unknown',
      failure(
        401,
        'auth_error',
        "Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin.",
      ),
      source,
    ],
    [
      'a key whose team is blocked',
      'unknown',
      failure(
        401,
        'auth_error',
        "Authentication Error, Team=t is blocked. Update via `/team/unblock` if you're an admin.",
      ),
      source,
    ],
    [
      'a key while the database is away',
      'unknown',
      failure(401, 'no_db_connection', 'Authentication Error, No connected db.'),
      source,
    ],
    [
      'a key that may not call this model',
      'unknown',
      failure(403, 'key_model_access_denied', 'key not allowed to access model'),
      source,
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/v1/chat/completions`,
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Is order 17 paid?' }] }),
  }),
};

function told({ id, name, scopes, createdAt, lastUsedAt, details }: FakeKey) {
  return {
    token: id,
    key_alias: name,
    models: scopes,
    expires: details.expires,
    max_budget: details.max_budget,
    spend: 0,
    created_at: createdAt.toISOString(),
    last_active: lastUsedAt?.toISOString() ?? null,
  };
}
