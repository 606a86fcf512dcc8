import type { Dialect, WireCall, WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { madeInConsole } from '../made-in-console';

const origin = 'https://api.linear.app';
const failure = (status: number, message: string, code: string): WireReply => ({
  status,
  body: { errors: [{ message, extensions: { type: 'authentication error', code } }] },
});
const words = 'Authentication required, not authenticated';
const refused = failure(401, words, 'AUTHENTICATION_ERROR');
const tokenOf = (call: WireCall) => call.headers.authorization;

export const linear: Dialect = {
  provider: 'linear',
  evidence: [
    'source 2026-11-29 https://github.com/linear/linear packages/sdk/src/schema.graphql: no call makes or ends personal keys',
    'docs 2026-11-29 https://linear.app/developers/graphql: personal keys stand in the header without Bearer',
    'seen 2026-11-29 the words for a key that is not valid, with 400 and with 401',
    'memory 2026-11-29 the other refusals',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'linear',
    place: () => 'account',
    secret: account => `lin_api_${account.freshSecret(40)}`,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: () => ({ ...failure(400, 'Rate limit exceeded', 'RATELIMITED'), status: 429 }),
  routes: [
    {
      ...keyedRoute({
        kind: 'verify',
        method: 'POST',
        path: '/graphql',
        secretOf: tokenOf,
        refused,
        answer: () => ({ status: 200, body: { data: { viewer: { id: 'f2c9c2ae' } } } }),
      }),
      when: ({ json }) => json.query === '{ viewer { id } }',
    },
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/graphql',
      secretOf: tokenOf,
      refused,
      answer: () => ({ status: 200, body: { data: { issues: { nodes: [] } } } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted key', 'rejected', refused, 'seen 2026-11-29'],
    [
      'the same with another status',
      'rejected',
      failure(400, words, 'AUTHENTICATION_ERROR'),
      'seen 2026-11-29',
    ],
    [
      'a key that may not see a team',
      'unknown',
      failure(403, 'You do not have access', 'FORBIDDEN'),
      'general knowledge',
    ],
    [
      'a workspace that allows no personal keys',
      'unknown',
      failure(401, 'API keys are not allowed', 'FORBIDDEN'),
      'general knowledge',
    ],
    [
      'an address that is not allowed',
      'unknown',
      failure(403, 'Not allowed', 'FORBIDDEN'),
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/graphql`,
    method: 'POST',
    headers: { authorization: value.secret, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ issues { nodes { id } } }' }),
  }),
};
