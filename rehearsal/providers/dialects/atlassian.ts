import { basicOf, bearerOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { keyedRoute, pageFrom } from '../key-routes';
import { endOf, madeInConsole } from '../made-in-console';

const api = 'https://api.atlassian.com';
const apiKey = 'ATCTT3FAKESECRETorganization0000000000';
const refused: WireReply = {
  status: 401,
  body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 },
};
const seen = 'seen 2026-11-29 in tests and issues of several clients';
const passwordOf = (call: WireCall) => basicOf(call)?.password;
const denied: WireReply = { status: 401, body: { code: 401, message: 'Unauthorized' } };
const unlessAdmin = (call: WireCall) => (bearerOf(call) === apiKey ? undefined : denied);
const placeOf = (account: FakeAccount) => String(account.registered[0]?.email);

export const atlassian: Dialect = {
  provider: 'atlassian',
  evidence: [
    'docs 2026-11-29 https://developer.atlassian.com/cloud/admin/api-access/rest/: list of API tokens, and "Delete API token"',
    'docs 2026-11-29 https://support.atlassian.com/organization-administration/docs/revoke-user-api-tokens/: deleted for good',
    'docs 2026-11-29 https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/: 365 days at most',
    'seen 2026-11-29 the words of a 401, as a sentence, as a message and in errorMessages; a token with scopes gets them at the host of its site',
    'memory 2026-11-29 the path of "Delete API token", and its 204',
  ],
  sample: {
    settings: { site: 'acme.atlassian.net', email: 'bot@acme.example', organization: '0f1e2d3c' },
    scopes: [],
  },
  origins: ({ site, cloudId }) => [cloudId ? api : `https://${site}`, api],
  place: ({ email }) => String(email),
  issuer: () => ({ apiKey }),
  root: madeInConsole({
    provider: 'atlassian',
    place: ({ email }) => String(email),
    secret: account => `ATATT3${account.freshSecret(180)}`,
    fields: ({ email, site }) => ({ email: String(email), site: String(site) }),
    lifeDays: 90,
  }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 3,
  tooMany: () => ({ status: 429, headers: { 'retry-after': '1' }, body: { message: 'Rate limit exceeded' } }),
  routes: [
    {
      kind: 'list',
      method: 'GET',
      path: '/admin/api-access/v1/orgs/{org}/api-tokens',
      answer(call, account) {
        const keys = account.present(placeOf(account));
        const start = Number(call.query.get('cursor') ?? 0);
        const { page, hasMore } = pageFrom(keys, start, account.pageSize);
        const next = `${api}${call.path}?cursor=${start + account.pageSize}`;
        const data = page.map(key => ({
          id: key.id,
          label: key.name,
          status: 'ALLOWED',
          createdAt: key.createdAt.toISOString(),
          expiresAt: endOf(key)?.toISOString() ?? null,
          lastActiveAt: key.lastUsedAt?.toISOString() ?? null,
          user: { id: '5b10ac8d', email: key.place },
        }));
        return unlessAdmin(call) ?? { status: 200, body: { data, links: hasMore ? { next } : {} } };
      },
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/admin/api-access/v1/orgs/{org}/api-tokens/{id}',
      answer(call, account) {
        const no = unlessAdmin(call);
        if (no) return no;
        const key = account.find(placeOf(account), call.params.id);
        if (!key) return { status: 404, body: { message: 'Not found' } };
        account.revoke(key);
        return { status: 204, key };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/rest/api/3/myself',
      secretOf: passwordOf,
      refused,
      answer: ({ place }) => ({ status: 200, body: { accountId: '5b10ac8d', emailAddress: place } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/rest/api/3/project/search',
      secretOf: passwordOf,
      refused,
      answer: () => ({ status: 200, body: { values: [], isLast: true } }),
    }),
  ],
  pathsIn: ({ cloudId }): Record<string, string> =>
    cloudId
      ? {
          '/rest/api/3/myself': `/ex/jira/${cloudId}/rest/api/3/myself`,
          '/rest/api/3/project/search': `/ex/jira/${cloudId}/rest/api/3/project/search`,
        }
      : {},
  verifyAnswers: [
    ['a token that was revoked or has expired', 'rejected', refused, seen],
    [
      'the same as a sentence',
      'rejected',
      { status: 401, body: 'Client must be authenticated to access this resource.' },
      seen,
    ],
    [
      'the same in a list',
      'rejected',
      {
        status: 401,
        body: { errorMessages: ['Client must be authenticated to access this resource.'], errors: {} },
      },
      seen,
    ],
    [
      'a token that lacks the scope',
      'unknown',
      { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } },
      seen,
    ],
    [
      'an address outside the IP allowlist',
      'unknown',
      {
        status: 403,
        body: { message: 'The IP address has been rejected because it is not on the allowlist' },
      },
      'docs 2026-11-29 https://support.atlassian.com/security-and-access-policies/docs/specify-ip-addresses-for-product-access/',
    ],
    [
      'a site that is suspended',
      'unknown',
      { status: 403, body: '<html>Suspended</html>' },
      'general knowledge',
    ],
    [
      'a site that does not exist',
      'unknown',
      { status: 404, body: { errorMessage: 'Site temporarily unavailable' } },
      seen,
    ],
  ],
  use: (value, { site, cloudId }) => ({
    url: `${cloudId ? `${api}/ex/jira/${cloudId}` : `https://${site}`}/rest/api/3/project/search`,
    method: 'GET',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.email}:${value.secret}`).toString('base64')}`,
    },
  }),
};
