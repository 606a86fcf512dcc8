import { bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import { keyedRoute } from '../key-routes';
import { endOf, madeInConsole } from '../made-in-console';

const origin = 'https://api.github.com';
const failure = (status: number, message: string): WireReply => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
});
const refused = failure(401, 'Bad credentials');
const rest = 'docs 2026-11-29 https://docs.github.com/rest';
/** `2026-12-31 23:59:59 UTC` */
const inWords = (date: Date) =>
  date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

export const githubPersonal: Dialect = {
  provider: 'github-personal',
  evidence: [
    'openapi 2026-11-29 https://github.com/github/rest-api-description: /credentials/revoke, 202, without an Authorization header; /user',
    'source 2026-11-29 https://github.com/google/go-github: the header github-authentication-token-expiration, in UTC or with an offset',
    'docs 2026-11-29 https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens',
    'memory 2026-11-29 that a token which is dead already is no error of /credentials/revoke',
  ],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'user',
  issuer: () => ({}),
  root: madeInConsole({
    provider: 'github-personal',
    place: () => 'user',
    secret: account => `github_pat_${account.freshSecret(82)}`,
    lifeDays: 90,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: (_now, resetAt) => ({
    ...failure(429, 'API rate limit exceeded'),
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(unixSeconds(resetAt)) },
  }),
  routes: [
    {
      kind: 'revoke',
      method: 'POST',
      path: '/credentials/revoke',
      answer(call: WireCall, account) {
        if (call.headers.authorization) return failure(403, 'Forbidden');
        const given = call.json.credentials;
        if (!Array.isArray(given) || !given.length) return failure(422, 'Validation Failed');
        const keys = account.keys.filter(({ secret, revokedAt }) => given.includes(secret) && !revokedAt);
        for (const key of keys) account.revoke(key);
        return { status: 202, body: {}, ...(keys[0] && { key: keys[0] }) };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/user',
      secretOf: bearerOf,
      refused,
      answer(key) {
        const end = endOf(key);
        const headers: Record<string, string> = end
          ? { 'github-authentication-token-expiration': inWords(end) }
          : {};
        return { status: 200, headers, body: { login: 'acme-bot', id: 583_231, type: 'User' } };
      },
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/user/repos',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: [] }),
    }),
  ],
  verifyAnswers: [
    ['a token that was revoked or has expired', 'rejected', refused, rest],
    ['a request without the header', 'unknown', failure(401, 'Requires authentication'), rest],
    [
      'a token that lacks a permission',
      'unknown',
      failure(403, 'Resource not accessible by personal access token'),
      rest,
    ],
    [
      'a call from an address outside the allow list',
      'unknown',
      failure(
        403,
        'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
      ),
      'docs 2026-11-29 https://docs.github.com/organizations',
    ],
    [
      'a user who is suspended',
      'unknown',
      failure(403, 'Sorry. Your account was suspended.'),
      'seen 2026-11-29',
    ],
    ['too many calls', 'unknown', failure(403, 'API rate limit exceeded for user ID 583231.'), rest],
  ],
  use: value => ({
    url: `${origin}/user/repos`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
