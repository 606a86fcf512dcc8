import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import { keyedRoute, pageFrom } from '../key-routes';
import { endOf, madeInConsole } from '../made-in-console';

const origin = 'https://api.stripe.com';
const secretKey = ['sk', 'test', 'FAKESECRETaccount0000000000'].join('_');
const failure = (status: number, error: Record<string, unknown>): WireReply => ({
  status,
  body: { error: { type: 'invalid_request_error', ...error } },
});
const refused = failure(401, { message: 'Invalid API Key provided: rk_test_*********************0000' });
const keysPath = '/v2/iam/api_keys';
const unlessPreview = (call: WireCall): WireReply | undefined => {
  if (bearerOf(call) !== secretKey) return refused;
  const isPreview = /\.(preview|private)$/.test(call.headers['stripe-version'] ?? '');
  return isPreview
    ? undefined
    : failure(404, { message: `Unrecognized request URL (${call.method}: ${call.path}).` });
};
const source =
  'source 2026-11-29 https://github.com/stripe/stripe-node branch private-preview src/resources/V2/Iam/ApiKeys.ts';

export const stripe: Dialect = {
  provider: 'stripe',
  evidence: [
    'docs 2026-11-29 https://docs.stripe.com/keys: made, rolled and expired in the Dashboard',
    'source 2026-11-29 https://github.com/stripe/stripe-node branch private-preview src/resources/V2/Iam/ApiKeys.ts: list, expire',
    'openapi 2026-11-29 https://github.com/stripe/openapi: /v1/balance',
    'seen 2026-11-29 the words of 401 and 403',
    'memory 2026-11-29 next_page_url; that a key which is expired already can be expired again',
  ],
  sample: { settings: { previewVersion: '2026-08-12.preview' }, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({ secretKey }),
  root: madeInConsole({
    provider: 'stripe',
    place: () => 'account',
    secret: account => ['rk', 'test', account.freshSecret(99)].join('_'),
    id: account => `apikey_${account.fresh(24)}`,
    lifeDays: 90,
  }),
  // "For a short time" an expired key may be accepted: how long is not told.
  delays: { createMs: 0, revokeMs: 5_000 },
  pageSize: 3,
  tooMany: () => ({ ...failure(429, { code: 'rate_limit' }), headers: { 'retry-after': '1' } }),
  routes: [
    {
      kind: 'list',
      method: 'GET',
      path: keysPath,
      answer(call, account) {
        const start = Number(call.query.get('page') ?? 0);
        const { page, hasMore } = pageFrom(account.present('account'), start, account.pageSize);
        const data = page.map(key => ({
          id: key.id,
          object: 'v2.iam.api_key',
          type: 'secret_key',
          name: key.name,
          status: 'active',
          created: key.createdAt.toISOString(),
          expires_at: endOf(key)?.toISOString() ?? null,
          last_used: key.lastUsedAt?.toISOString() ?? null,
        }));
        const next_page_url = hasMore ? `${keysPath}?limit=100&page=${start + account.pageSize}` : null;
        return unlessPreview(call) ?? { status: 200, body: { data, next_page_url, previous_page_url: null } };
      },
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: `${keysPath}/{id}/expire`,
      answer(call, account) {
        const no = unlessPreview(call);
        if (no) return no;
        const key = account.keys.find(({ id }) => id === call.params.id);
        if (!key) return failure(404, { code: 'not_found', message: 'No such API key' });
        account.revoke(key);
        return { status: 200, body: { id: key.id, status: 'expired' }, key };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v1/balance',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { object: 'balance', livemode: false, available: [] } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/v1/customers',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { object: 'list', data: [], has_more: false } }),
    }),
  ],
  verifyAnswers: [
    ['a key that was deleted or rolled', 'rejected', refused, 'seen 2026-11-29'],
    [
      'a key that has expired',
      'rejected',
      failure(401, {
        code: 'api_key_expired',
        message: 'Expired API Key provided: rk_test_****0000. Contact us.',
      }),
      'seen 2026-11-29',
    ],
    [
      'a key that may not read the balance',
      'accepted',
      failure(403, {
        message:
          "The provided key 'rk_test_****0000' does not have the required permissions for this endpoint on account 'acct_1'. Having the 'rak_balance_read' permission would allow this request to continue.",
      }),
      'seen 2026-11-29',
    ],
    [
      'a call without a key',
      'unknown',
      failure(401, { message: 'You did not provide an API key.' }),
      'seen 2026-11-29',
    ],
    [
      'a call from an address that the key does not allow',
      'unknown',
      failure(403, { message: 'The API key provided does not allow requests from your IP address.' }),
      source,
    ],
    [
      'an account that is closed',
      'unknown',
      failure(401, { code: 'account_invalid', message: 'Closed' }),
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/v1/customers`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
