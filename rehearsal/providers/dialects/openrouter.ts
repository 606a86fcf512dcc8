import { bearerOf, type Dialect, type WireReply } from '../dialect';
import type { FakeKey } from '../fake-account';
import { federation, federationEvidence, federationRoutes } from '../federations/openrouter';
import { keyedRoute, keyRoutes, pageFrom, retryAfter } from '../key-routes';

const issuerKey = 'sk-or-v1-FAKESECRETissuer00000000';
const place = 'account';

const failure = (status: number, message: string): WireReply => ({
  status,
  body: { error: { code: status, message } },
});
const unknown = () => failure(401, 'User not found.');
const about = { label: 'sk-or-v1-0e6...1c2', limit: null, usage: 0, is_free_tier: false };
const errors = 'docs 2026-11-28 https://openrouter.ai/docs/api-reference/errors';

export const openrouter: Dialect = {
  provider: 'openrouter',
  evidence: [
    'openapi 2026-11-28 https://github.com/OpenRouterTeam/typescript-sdk .speakeasy/in.openapi.yaml: /keys, /keys/{hash}, /key',
    'docs 2026-11-28 https://openrouter.ai/docs/features/provisioning-api-keys',
    'seen 2026-11-29 the words for an unknown key, which live keys got in an outage: https://github.com/anomalyco/opencode/issues/14252',
    'memory 2026-11-28 a name may have 100 characters',
    ...federationEvidence,
  ],
  federation,
  sample: { settings: { limit: 20, limitReset: 'monthly' }, scopes: [] },
  origins: () => ['https://openrouter.ai'],
  place: () => place,
  issuer: () => ({ managementKey: issuerKey }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Rate limit exceeded'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...federationRoutes(issuerKey),
    ...keyRoutes({
      path: '/api/v1/keys',
      refuse: call => {
        if (bearerOf(call) === issuerKey) return undefined;
        return failure(403, 'Only management keys can perform this operation');
      },
      place: () => place,
      create(call, account) {
        const { name = '', expires_at = null } = call.json as { name?: string; expires_at?: string };
        if (!name) return failure(400, 'name is required');
        const secret = `sk-or-v1-${account.fresh(64, '0123456789abcdef')}`;
        const id = account.fresh(64, '0123456789abcdef');
        const key = account.add({ id, place, name, secret, details: { expires_at } });
        return { status: 201, body: { data: told(key), key: secret }, key };
      },
      list(keys, call, account) {
        const { page } = pageFrom(keys, Number(call.query.get('offset') ?? 0), account.pageSize);
        return { status: 200, body: { data: page.map(told) } };
      },
      revoked: () => ({ status: 200, body: { deleted: true } }),
      missing: () => failure(404, 'Resource not found'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/v1/key',
      secretOf: bearerOf,
      refused: unknown(),
      issuer: call =>
        bearerOf(call) === issuerKey
          ? { status: 200, body: { data: { ...about, is_management_key: true } } }
          : undefined,
      answer: () => ({ status: 200, body: { data: { ...about, is_management_key: false } } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/api/v1/chat/completions',
      secretOf: bearerOf,
      refused: unknown(),
      answer: () => ({
        status: 200,
        body: { choices: [{ message: { role: 'assistant', content: 'Yes.' } }] },
      }),
    }),
  ],
  verifyAnswers: [
    [
      'a deleted key, or a live one while its users cannot be looked up',
      'denied',
      unknown(),
      'seen by third parties 2026-11-29 https://github.com/anomalyco/opencode/issues/14252',
    ],
    [
      'a request without the header',
      'unknown',
      failure(401, 'No auth credentials found'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a request from a browser',
      'unknown',
      failure(401, 'No cookie auth credentials found'),
      'seen by third parties 2026-11-29',
    ],
    ['a key that may not do this', 'unknown', failure(403, 'Forbidden'), errors],
    ['a key without credits', 'unknown', failure(402, 'Insufficient credits'), errors],
  ],
  use: value => ({
    url: 'https://openrouter.ai/api/v1/chat/completions',
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'openai/gpt-5-mini',
      messages: [{ role: 'user', content: 'Is order 17 paid?' }],
    }),
  }),
};

function told({ id, name, createdAt, details }: FakeKey) {
  return {
    hash: id,
    name,
    label: 'sk-or-v1-0e6...1c2',
    disabled: false,
    limit: null,
    usage: 0,
    created_at: createdAt.toISOString(),
    updated_at: null,
    expires_at: details.expires_at,
  };
}
