import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes, retryAfter } from '../key-routes';

const accessToken = 'sbp_FAKESECRETissuer0000000000000000000000000';

const failure = (status: number, message: string, hint?: string): WireReply => ({
  status,
  body: { message, ...(hint && { hint }) },
});
const unknown = () =>
  failure(401, 'Invalid API key', 'Double check your Supabase `anon` or `service_role` API key.');
const apiKeyOf = ({ headers }: WireCall) => headers.apikey;

export const supabase: Dialect = {
  provider: 'supabase',
  evidence: [
    'openapi 2026-11-28 https://github.com/supabase/cli packages/api/src/generated/openapi.json: /v1/projects/{ref}/api-keys',
    'docs 2026-11-28 https://supabase.com/docs/guides/getting-started/api-keys and /guides/security/rotate-leaked-api-keys',
    'seen 2026-11-29 the words for an unknown key, in two forms: https://github.com/nuxt-modules/supabase/issues/195',
    'memory 2026-11-28 a deleted key is refused within seconds (2 s here), and is 404 to another deletion; what /auth/v1/settings answers',
  ],
  sample: { settings: { projectRef: 'abcdefghijklmnopqrst' }, scopes: [] },
  origins: settings => ['https://api.supabase.com', `https://${settings.projectRef}.supabase.co`],
  place: settings => String(settings.projectRef),
  issuer: () => ({ accessToken }),
  delays: { createMs: 2_000, revokeMs: 2_000 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'ThrottlerException: Too Many Requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/v1/projects/{ref}/api-keys',
      refuse: call => (bearerOf(call) === accessToken ? undefined : failure(401, 'Unauthorized')),
      place: call => call.params.ref ?? '',
      create(call, account, place) {
        const { type, name = '', description = '' } = call.json as Record<string, string>;
        if (!/^[a-z_][a-z0-9_]{3,63}$/.test(name)) return failure(400, 'name must match ^[a-z_][a-z0-9_]+$');
        const hex = (length: number) => account.fresh(length, '0123456789abcdef');
        const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
        const secret = `sb_${type}_${account.freshSecret(31)}`;
        const key = account.add({ id, place, name: description, secret, details: { name } });
        const isShown = call.query.get('reveal') === 'true';
        return { status: 201, body: { ...told(key), ...(isShown && { api_key: secret }) }, key };
      },
      list: keys => ({
        status: 200,
        body: [
          { id: null, name: 'anon', type: 'legacy', api_key: 'eyJ...', description: null },
          ...keys.map(told),
        ],
      }),
      revoked: key => ({ status: 200, body: told(key) }),
      missing: () => failure(404, 'API key not found'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/auth/v1/settings',
      secretOf: apiKeyOf,
      refused: unknown(),
      answer: () => ({
        status: 200,
        body: { external: { email: true }, disable_signup: false, mailer_autoconfirm: false },
      }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/rest/v1/orders',
      secretOf: apiKeyOf,
      refused: unknown(),
      answer: () => ({ status: 200, body: [{ id: 17, paid: true }] }),
    }),
  ],
  verifyAnswers: [
    ['a deleted key', 'rejected', unknown(), 'seen by third parties 2026-11-29'],
    [
      'a deleted key, in newer words',
      'rejected',
      failure(401, 'Unregistered API key'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a request without the header',
      'unknown',
      failure(401, 'No API key found in request', 'No `apikey` request header or url param was found.'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a key that is sent as a JWT',
      'unknown',
      failure(401, 'Expected 3 parts in JWT; got 1'),
      'docs 2026-11-28 https://supabase.com/docs/guides/getting-started/api-keys',
    ],
    [
      'a secret key that a browser sends',
      'unknown',
      failure(401, 'Forbidden use of secret API key in browser'),
      'docs 2026-11-28 https://supabase.com/docs/guides/getting-started/api-keys',
    ],
    [
      'a network that the project does not allow',
      'unknown',
      { status: 403, body: 'Forbidden' },
      'general knowledge',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.projectRef}.supabase.co/rest/v1/orders?id=eq.17`,
    method: 'GET',
    headers: { apikey: value.secret },
  }),
};

function told({ id, name, createdAt, details, secret }: FakeKey) {
  return {
    id,
    type: 'secret',
    prefix: secret.slice(10, 15),
    name: details.name,
    description: name,
    hash: '0',
    secret_jwt_template: { role: 'service_role' },
    inserted_at: createdAt.toISOString(),
    updated_at: createdAt.toISOString(),
    api_key: 'sb_secret_...',
  };
}
