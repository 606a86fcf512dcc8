import { bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { retryAfter } from '../key-routes';

const issuerKey = 're_FAKESECRETissuer0000000000000';
const place = 'account';

const failure = (statusCode: number, name: string, message: string): WireReply => ({
  status: statusCode,
  body: { statusCode, name, message },
});
const unknownKey = (call: WireCall, account: FakeAccount): WireReply => ({
  ...failure(400, 'validation_error', 'API key is invalid'),
  key: account.ownerOf(bearerOf(call)),
});
const restricted = () => failure(401, 'restricted_api_key', 'This API key is restricted to only send emails');

/** Calls that need full access. */
function managed(answer: (call: WireCall, account: FakeAccount) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (bearerOf(call) === issuerKey) return answer(call, account);
    const key = account.enter(bearerOf(call));
    if (!key) return unknownKey(call, account);
    return key.details.permission === 'full_access'
      ? { ...answer(call, account), key }
      : { ...restricted(), key };
  };
}

const errors = 'docs 2026-11-28 https://resend.com/docs/api-reference/errors';

export const resend: Dialect = {
  provider: 'resend',
  evidence: [
    'openapi 2026-11-28 https://github.com/resend/resend-openapi resend.json: /api-keys, /api-keys/{api_key_id}, /domains',
    'seen 2026-11-28 statuses and names of errors are corroborated by third parties only; that a deleted key is refused at once is taken on trust',
  ],
  described: {
    files: ['resend.json'],
    known: [
      ['DELETE /api-keys/0000: answer 404 is not described', 'no failures are'],
      ['GET /domains: answer 400 is not described', 'no failures are'],
      ['GET /domains: answer 401 is not described', 'no failures are'],
    ],
  },
  sample: { settings: { permission: 'sending_access' }, scopes: [] },
  origins: () => ['https://api.resend.com'],
  place: () => place,
  issuer: () => ({ apiKey: issuerKey }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  allows: { calls: 2, seconds: 1 },
  tooMany: (now, resetAt) => ({
    ...failure(429, 'rate_limit_exceeded', 'Too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'create',
      method: 'POST',
      path: '/api-keys',
      answer: managed((call, account) => {
        const { name, permission = 'full_access' } = call.json as { name?: string; permission?: string };
        if (!name || name.length > 50)
          return failure(422, 'validation_error', 'The name is missing or too long');
        const id = `${account.fresh(8)}-${account.fresh(4)}-4${account.fresh(3)}-a${account.fresh(3)}-${account.fresh(12)}`;
        const secret = `re_${account.freshSecret(33)}`;
        const key = account.add({ id, place, name, secret, details: { permission } });
        return { status: 201, body: { id, token: secret }, key };
      }),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/api-keys',
      answer: managed((call, account) => {
        const keys = account.present(place);
        const start = keys.findIndex(({ id }) => id === call.query.get('after')) + 1;
        const size = Math.min(Number(call.query.get('limit') ?? 20), account.pageSize);
        const data = keys.slice(start, start + size).map(({ id, name, createdAt, lastUsedAt }) => ({
          id,
          name,
          created_at: createdAt.toISOString(),
          last_used_at: lastUsedAt?.toISOString() ?? null,
        }));
        return { status: 200, body: { object: 'list', has_more: start + size < keys.length, data } };
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/api-keys/{id}',
      answer: managed((call, account) => {
        const key = account.find(place, call.params.id);
        if (!key) return failure(404, 'not_found', 'API key not found');
        account.revoke(key);
        return { status: 200, body: { object: 'api_key', id: key.id, deleted: true }, key };
      }),
    },
    {
      kind: 'verify',
      method: 'GET',
      path: '/domains',
      answer: managed(() => ({ status: 200, body: { object: 'list', has_more: false, data: [] } })),
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/emails',
      answer: (call, account) => {
        const key = account.enter(bearerOf(call));
        return key ? { status: 200, body: { id: account.fresh(16) }, key } : unknownKey(call, account);
      },
    },
  ],
  verifyAnswers: [
    ['an unknown key', 'rejected', failure(403, 'invalid_api_key', 'API key is invalid.'), errors],
    [
      'an unknown key, as seen since',
      'rejected',
      failure(401, 'invalid_api_key', 'API key is invalid'),
      'seen by third parties 2026-11-28',
    ],
    [
      'an unknown key, as seen most',
      'rejected',
      failure(401, 'validation_error', 'API key is invalid'),
      'seen by third parties 2026-11-28',
    ],
    [
      'an unknown key, as seen before',
      'rejected',
      failure(400, 'validation_error', 'API key is invalid'),
      'seen by third parties 2026-11-28',
    ],
    ['a key that may only send', 'accepted', restricted(), errors],
    [
      'a request with a wrong field',
      'unknown',
      failure(400, 'validation_error', 'We found an error with one or more fields in the request.'),
      errors,
    ],
    [
      'a key whose account may only send tests',
      'unknown',
      failure(403, 'validation_error', 'You can only send testing emails to your own email address.'),
      errors,
    ],
    [
      'a request without the key',
      'unknown',
      failure(401, 'missing_api_key', 'Missing API key in the authorization header.'),
      errors,
    ],
    [
      'a request without a user agent',
      'unknown',
      { status: 403, body: 'error code: 1010' },
      'general knowledge',
    ],
    [
      'a key whose account has used up its quota',
      'unknown',
      failure(429, 'daily_quota_exceeded', 'You have reached your daily email sending quota.'),
      errors,
    ],
  ],
  use: value => ({
    url: 'https://api.resend.com/emails',
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: 'bot@example.com',
      to: 'user@example.com',
      subject: 'Your order',
      text: 'It is on its way.',
    }),
  }),
};
