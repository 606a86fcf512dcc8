import type { Dialect, WireCall, WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { madeInConsole } from '../made-in-console';

const origin = 'https://api.search.brave.com';
const failure = (status: number, code: string, detail: string): WireReply => ({
  status,
  body: { type: 'ErrorResponse', error: { id: '0', status, code, detail }, time: 1_790_000_000 },
});
const refused = failure(422, 'SUBSCRIPTION_TOKEN_INVALID', 'The provided subscription token is invalid.');
const tokenOf = (call: WireCall) => call.headers['x-subscription-token'];

export const braveSearch: Dialect = {
  provider: 'brave-search',
  evidence: [
    'docs 2026-11-29 https://api-dashboard.search.brave.com/app/documentation/web-search/responses',
    'seen 2026-11-29 a wrong token is a 422 SUBSCRIPTION_TOKEN_INVALID, a missing header a 422 VALIDATION',
    'memory 2026-11-29 that a deleted token is refused at once',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'brave-search',
    place: () => 'account',
    secret: account => `BSA${account.freshSecret(28)}`,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: () => ({
    ...failure(429, 'RATE_LIMITED', 'Request rate limit exceeded for plan.'),
    headers: { 'x-ratelimit-reset': '1, 1419704' },
  }),
  routes: [
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/res/v1/web/search',
      secretOf: tokenOf,
      refused,
      answer: () => ({ status: 200, body: { type: 'search', web: { results: [] } } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/res/v1/news/search',
      secretOf: tokenOf,
      refused,
      answer: () => ({ status: 200, body: { type: 'news', results: [] } }),
    }),
  ],
  verifyAnswers: [
    [
      'a deleted token',
      'rejected',
      refused,
      'docs 2026-11-29 https://api-dashboard.search.brave.com/app/documentation/web-search/responses',
    ],
    [
      'a request that lacks a parameter',
      'unknown',
      failure(422, 'VALIDATION', 'Unable to validate request parameter(s)'),
      'docs 2026-11-29 https://api-dashboard.search.brave.com/app/documentation/web-search/responses',
    ],
    [
      'a token of another plan',
      'unknown',
      failure(403, 'RESOURCE_NOT_ALLOWED', 'The requested resource is not allowed for this subscription.'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a subscription that is not paid',
      'unknown',
      failure(401, 'SUBSCRIPTION_INACTIVE', 'Inactive'),
      'general knowledge',
    ],
    ['a firewall', 'unknown', { status: 403, body: '<html>Forbidden</html>' }, 'general knowledge'],
  ],
  use: value => ({
    url: `${origin}/res/v1/news/search?q=mcp`,
    method: 'GET',
    headers: { 'x-subscription-token': value.secret },
  }),
};
