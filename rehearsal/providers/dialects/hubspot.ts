import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { madeInConsole } from '../made-in-console';

const origin = 'https://api.hubapi.com';
const failure = (status: number, category: string, message: string): WireReply => ({
  status,
  body: { status: 'error', message, correlationId: 'aeb5f871', category },
});
const refused = failure(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.');
const uuid = (digits: string) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const errors =
  'docs 2026-11-29 https://developers.hubspot.com/docs/reference/api/other-resources/error-handling';

export const hubspot: Dialect = {
  provider: 'hubspot',
  evidence: [
    'docs 2026-11-29 https://developers.hubspot.com/docs/guides/apps/private-apps/overview: rotation in the settings only, seven days at most',
    'docs 2026-11-29 https://developers.hubspot.com/docs/reference/api/other-resources/error-handling: status, category, correlationId',
    'memory 2026-11-29 that every token may ask for the details of its account; the categories of a 401',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'hubspot',
    place: () => 'account',
    secret: account => `pat-na1-${uuid(account.fresh(32, '0123456789abcdef'))}`,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: () => ({
    ...failure(429, 'RATE_LIMITS', 'You have reached your secondly limit.'),
    headers: { 'retry-after': '1' },
  }),
  routes: [
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/account-info/v3/details',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { portalId: 62_515, accountType: 'STANDARD' } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/crm/v3/objects/contacts',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { results: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a token that was deleted', 'rejected', refused, 'general knowledge'],
    [
      'a token that was rotated and has expired',
      'rejected',
      failure(401, 'EXPIRED_AUTHENTICATION', 'The token used to make the call expired.'),
      'general knowledge',
    ],
    [
      'a token that lacks a scope',
      'accepted',
      failure(403, 'MISSING_SCOPES', 'This app lacks a scope that this call requires.'),
      errors,
    ],
    [
      'an account that is suspended',
      'unknown',
      failure(403, 'ACCOUNT_SUSPENDED', 'Suspended'),
      'general knowledge',
    ],
    [
      'an address that is not allowed',
      'unknown',
      { status: 403, body: '<html>Forbidden</html>' },
      'general knowledge',
    ],
    [
      'a call without a token',
      'unknown',
      { status: 401, body: '<html>Unauthorized</html>' },
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/crm/v3/objects/contacts`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
