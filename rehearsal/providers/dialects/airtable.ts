import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { madeInConsole } from '../made-in-console';

const origin = 'https://api.airtable.com';
const failure = (status: number, type: string, message: string): WireReply => ({
  status,
  body: { error: { type, message } },
});
const refused = failure(401, 'AUTHENTICATION_REQUIRED', 'Authentication required');

export const airtable: Dialect = {
  provider: 'airtable',
  evidence: [
    'docs 2026-11-29 https://airtable.com/developers/web/api/get-user-id-scopes: whoami needs no scope',
    'docs 2026-11-29 https://airtable.com/developers/web/api/rate-limits: 429, then 30 seconds',
    'memory 2026-11-29 the words of a 401; that a deleted token is refused at once',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'airtable',
    place: () => 'account',
    secret: account => `pat${account.fresh(14)}.${account.fresh(64, '0123456789abcdef')}`,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: () => ({
    ...failure(429, 'RATE_LIMIT_REACHED', 'Rate limit exceeded'),
    headers: { 'retry-after': '30' },
  }),
  routes: [
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v0/meta/whoami',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { id: 'usrFAKE0000000000' } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/v0/meta/bases',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { bases: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted token', 'rejected', refused, 'general knowledge'],
    [
      'a token without the scope of a call',
      'unknown',
      failure(
        403,
        'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND',
        'Invalid permissions, or the requested model was not found.',
      ),
      'docs 2026-11-29 https://airtable.com/developers/web/api/errors',
    ],
    [
      'a call from an address that the enterprise does not allow',
      'unknown',
      failure(403, 'INVALID_PERMISSIONS', 'You are not permitted to perform this operation'),
      'docs 2026-11-29 https://airtable.com/developers/web/api/errors',
    ],
    [
      'a user who is deactivated',
      'unknown',
      failure(401, 'UNAUTHORIZED', 'Unauthorized'),
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/v0/meta/bases`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
