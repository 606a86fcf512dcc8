import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { madeInConsole } from '../made-in-console';

const origin = 'https://api.notion.com';
const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { object: 'error', status, code, message, request_id: 'b2c2' },
});
const refused = failure(401, 'unauthorized', 'API token is invalid.');
const codes = 'docs 2026-11-29 https://developers.notion.com/reference/status-codes';

export const notion: Dialect = {
  provider: 'notion',
  evidence: [
    'docs 2026-11-29 https://developers.notion.com/reference/get-self: every token may ask for its own user',
    'docs 2026-11-29 https://developers.notion.com/reference/status-codes: unauthorized, restricted_resource, rate_limited',
    'docs 2026-11-29 https://developers.notion.com/reference/request-limits: Retry-After',
    'memory 2026-11-29 that a deleted integration is refused at once',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'notion',
    place: () => 'account',
    secret: account => `ntn_${account.freshSecret(46)}`,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: () => ({
    ...failure(429, 'rate_limited', 'You have been rate limited.'),
    headers: { 'retry-after': '1' },
  }),
  routes: [
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v1/users/me',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { object: 'user', id: 'b0t', type: 'bot' } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/v1/search',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { object: 'list', results: [], has_more: false } }),
    }),
  ],
  verifyAnswers: [
    ['a token that was refreshed or deleted', 'rejected', refused, codes],
    [
      'a token that may not read users',
      'accepted',
      failure(403, 'restricted_resource', 'Insufficient permissions for this endpoint.'),
      codes,
    ],
    [
      'a request of no known version',
      'unknown',
      failure(400, 'missing_version', 'Notion-Version header failed'),
      codes,
    ],
    [
      'a workspace that is suspended',
      'unknown',
      failure(401, 'unauthorized', 'Workspace is suspended.'),
      'general knowledge',
    ],
    [
      'an address that is not allowed',
      'unknown',
      { status: 403, body: '<html>Forbidden</html>' },
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/v1/search`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${value.secret}`,
      'notion-version': '2022-06-28',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: 'plan' }),
  }),
};
