// An API of the common shape: bearer tokens, JSON, pages by cursor, DELETE; tenants have hosts of their own.
import type { HttpApi } from '../../../connectors/http-api/http-api';
import { bearerOf, type Dialect, type WireReply } from '../../../rehearsal/providers/dialect';
import type { FakeKey } from '../../../rehearsal/providers/fake-account';
import { keyedRoute, keyRoutes, retryAfter } from '../../../rehearsal/providers/key-routes';

export const wiki = {
  title: 'Team wiki',
  origin: 'https://{settings.tenant}.wiki.example.com',
  settings: {
    tenant: { matches: '[a-z][a-z0-9-]{1,30}' },
    space: { matches: '[A-Z]{2,10}', optional: true },
  },
  issuer: {
    help: 'a token of an owner, with the right "manage tokens"',
    presents: { in: 'header', name: 'authorization', scheme: 'Bearer' },
  },
  key: {
    presents: [{ in: 'header', name: 'authorization', scheme: 'Bearer' }],
    matches: 'wk_[A-Za-z0-9]{20,60}',
    placeholder: 'wk_KeyturnPlaceholder000000000',
    unauthorizedMeansNotDone: true,
    rejectedAfter: 5,
  },
  scopes: { matches: '(read|write):[a-z]+', like: 'read:pages', admin: 'write:tokens' },
  create: {
    path: '/api/v2/tokens',
    needs: 'the right "manage tokens"',
    body: { label: '{name}', grants: '{scopes}', expires: '{expiresAt}', space: '{settings.space}' },
    answer: { id: '/token/id', secret: '/token/value', expiresAt: '/token/expires', scopes: '/token/grants' },
  },
  list: {
    path: '/api/v2/tokens',
    query: { limit: '2' },
    needs: 'the right "manage tokens"',
    items: '/tokens',
    item: {
      id: '/id',
      name: '/label',
      createdAt: '/created',
      lastUsedAt: '/used',
      expiresAt: '/expires',
      scopes: '/grants',
    },
    pages: { cursor: '/next', query: 'after' },
  },
  revoke: { path: '/api/v2/tokens/{id}', needs: 'the right "manage tokens"', gone: [404, 410] },
  verify: {
    path: '/api/v2/whoami',
    proofs: [
      { verdict: 'accepted', status: 200, has: '/id' },
      { verdict: 'accepted', status: 403, at: '/error/code', is: 'scope_missing' },
      { verdict: 'rejected', status: 401, at: '/error/code', is: 'token_unknown' },
    ],
  },
  nameMaxLength: 120,
} as const satisfies HttpApi;

const owner = 'wk_FAKESECRETowner0000000000';
const failure = (status: number, code: string): WireReply => ({ status, body: { error: { code } } });
const told = (key: FakeKey) => ({
  id: Number(key.id),
  label: key.name,
  grants: key.scopes,
  created: key.createdAt.toISOString(),
  used: key.lastUsedAt?.toISOString() ?? null,
  expires: key.details.expires,
});

export const wikiDialect: Dialect = {
  provider: 'wiki',
  evidence: ['memory 2026-11-29 made up for tests'],
  sample: { settings: { tenant: 'acme', space: 'DOCS' }, scopes: ['read:pages', 'write:pages'] },
  origins: ({ tenant }) => [`https://${tenant}.wiki.example.com`],
  place: ({ tenant }) => String(tenant),
  issuer: ({ tenant }) => ({ token: owner, origin: `https://${tenant}.wiki.example.com` }),
  delays: { createMs: 0, revokeMs: 5_000 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'slow_down'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/api/v2/tokens',
      refuse: call => (bearerOf(call) === owner ? undefined : failure(401, 'token_unknown')),
      place: call => new URL(call.origin).host.split('.')[0] ?? '',
      create(call, account, place) {
        const { label, grants, expires } = call.json as { label: string; grants: string[]; expires: string };
        const id = String(account.keys.length + 41);
        const secret = `wk_${account.freshSecret(30)}`;
        const key = account.add({ id, place, name: label, scopes: grants, secret, details: { expires } });
        return { status: 201, body: { token: { ...told(key), value: secret } }, key };
      },
      list(keys, call) {
        const from = keys.findIndex(({ id }) => id === call.query.get('after')) + 1;
        const page = keys.slice(from, from + 2);
        const next = keys[from + 2] ? Number(page.at(-1)?.id) : null;
        return { status: 200, body: { tokens: page.map(told), next } };
      },
      revoked: () => ({ status: 204 }),
      missing: () => failure(410, 'token_gone'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/v2/whoami',
      secretOf: bearerOf,
      refused: failure(401, 'token_unknown'),
      answer: ({ id }) => ({ status: 200, body: { id: Number(id) } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/api/v2/pages',
      secretOf: bearerOf,
      refused: failure(401, 'token_unknown'),
      answer: () => ({ status: 200, body: { pages: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted token', 'rejected', failure(401, 'token_unknown'), 'memory 2026-11-29 made up'],
    ['a call without a token', 'unknown', failure(401, 'token_missing'), 'memory 2026-11-29 made up'],
    ['a foreign address', 'unknown', failure(403, 'address'), 'memory 2026-11-29 made up'],
    [
      'a token of a suspended tenant',
      'unknown',
      failure(401, 'tenant_suspended'),
      'memory 2026-11-29 made up',
    ],
    ['a token without the scope', 'accepted', failure(403, 'scope_missing'), 'memory 2026-11-29 made up'],
  ],
  use: (value, { tenant }) => ({
    url: `https://${tenant}.wiki.example.com/api/v2/pages`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
