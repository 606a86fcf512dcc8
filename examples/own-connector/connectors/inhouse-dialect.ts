// What the in-house API says on the wire: tests and rehearsals talk to this in its place. Written from its documentation, and not
// from the connector, so that it can tell when that is wrong.
import {
  bearerOf,
  type Dialect,
  type FakeKey,
  keyedRoute,
  keyRoutes,
  retryAfter,
  type WireReply,
} from 'keyturn/connectors/suite';

const admin = 'ih_FAKESECRETadmin000000000000';
const failure = (status: number, error: string): WireReply => ({ status, body: { error } });
const told = ({ id, name, lastUsedAt }: FakeKey) => ({
  id,
  name,
  lastUse: lastUsedAt?.toISOString() ?? null,
});

export const dialect: Dialect = {
  provider: 'inhouse',
  evidence: ['source 2026-11-29 https://git.example.com/platform/apis'],
  sample: { settings: { service: 'search' }, scopes: [] },
  origins: () => ['https://apis.example.com'],
  place: ({ service }) => String(service),
  issuer: () => ({ adminToken: admin }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'slow down'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/admin/services/{service}/keys',
      refuse: call => (bearerOf(call) === admin ? undefined : failure(401, 'who are you')),
      place: call => call.params.service ?? '',
      create(call, account, place) {
        const { name } = call.json as { name: string };
        const secret = `ih_${account.freshSecret(32)}`;
        const key = account.add({ id: account.fresh(10), place, name, secret });
        return { status: 200, body: { ok: true, id: key.id, key: secret }, key };
      },
      list: keys => ({ status: 200, body: { keys: keys.map(told) } }),
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'no such key'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/whoami',
      secretOf: bearerOf,
      refused: failure(401, 'unknown key'),
      answer: ({ place }) => ({ status: 200, body: { service: place } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/search',
      secretOf: bearerOf,
      refused: failure(401, 'unknown key'),
      answer: () => ({ status: 200, body: { found: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted key', 'rejected', failure(401, 'unknown key'), 'source 2026-11-29 apis/auth.go'],
    ['a call without a key', 'unknown', failure(401, 'no key'), 'source 2026-11-29 apis/auth.go'],
    [
      'a service that is switched off',
      'unknown',
      failure(403, 'service is off'),
      'source 2026-11-29 apis/auth.go',
    ],
    ['an address outside the office', 'unknown', failure(403, 'address'), 'source 2026-11-29 apis/auth.go'],
  ],
  use: value => ({
    url: 'https://apis.example.com/search',
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
