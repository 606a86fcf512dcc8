// An older API: Basic for admins, a header of its own for keys, numbered pages, ended by POST, times in seconds; dead keys and
// foreign addresses get the same words, so that a control is needed, and ended keys stay in the list.
import type { HttpApi } from '../../../connectors/http-api/http-api';
import { basicOf, type Dialect, unixSeconds, type WireReply } from '../../../rehearsal/providers/dialect';
import { keyedRoute, retryAfter } from '../../../rehearsal/providers/key-routes';

export const gateway = {
  title: 'API gateway',
  origin: 'https://gateway.example.com',
  settings: { plan: { matches: '[a-z]+' } },
  issuer: {
    help: 'an operator with the role "keys"',
    presents: { in: 'basic', user: { field: 'user' } },
  },
  key: {
    presents: [
      { in: 'header', name: 'x-api-key' },
      { in: 'query', name: 'api_key' },
    ],
    matches: '[0-9a-zA-Z]{24,64}',
    placeholder: 'KeyturnPlaceholder00000000',
    acceptedAfter: 30,
  },
  create: {
    path: '/admin/plans/{settings.plan}/keys',
    method: 'PUT',
    needs: 'the role "keys"',
    body: { description: '{name}', validUntil: '{expiresAtSeconds}' },
    answer: { id: '/keyId', secret: '/key' },
  },
  list: {
    path: '/admin/plans/{settings.plan}/keys',
    needs: 'the role "keys"',
    items: '',
    item: { id: '/keyId', name: '/description', createdAt: '/since' },
    only: { at: '/state', is: 'active' },
    pages: { query: 'page', first: 1 },
  },
  revoke: {
    path: '/admin/keys/end',
    method: 'POST',
    needs: 'the role "keys"',
    body: { keyIds: ['{id}'] },
    gone: [404],
  },
  verify: {
    path: '/ping',
    proofs: [
      { verdict: 'accepted', status: 200, at: '/pong', is: true },
      { verdict: 'denied', status: 403, at: '/message', matches: 'Forbidden( by policy)?' },
    ],
  },
  times: 'seconds',
  nameMaxLength: 100,
} as const satisfies HttpApi;

const operator = { user: 'operator', token: 'FAKESECREToperator' };
const failure = (status: number, message: string): WireReply => ({ status, body: { message } });
const isOperator = (call: Parameters<typeof basicOf>[0]) => {
  const basic = basicOf(call);
  return basic?.user === operator.user && basic.password === operator.token;
};
const unlessOperator = (call: Parameters<typeof basicOf>[0]) =>
  isOperator(call) ? undefined : failure(401, 'Unauthorized');
const secretOf = (call: { headers: Record<string, string> }) => call.headers['x-api-key'];

export const gatewayDialect: Dialect = {
  provider: 'gateway',
  evidence: ['memory 2026-11-29 made up for tests'],
  sample: { settings: { plan: 'gold' }, scopes: [] },
  origins: () => ['https://gateway.example.com'],
  place: ({ plan }) => String(plan),
  issuer: () => operator,
  delays: { createMs: 30_000, revokeMs: 0 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Too many'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'create',
      method: 'PUT',
      path: '/admin/plans/{plan}/keys',
      answer(call, account) {
        const refused = unlessOperator(call);
        if (refused) return refused;
        const { description } = call.json as { description: string };
        const id = account.fresh(12);
        const secret = account.freshSecret(32);
        const key = account.add({ id, place: call.params.plan ?? '', name: description, secret });
        return { status: 200, body: { keyId: id, key: secret }, key };
      },
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/admin/plans/{plan}/keys',
      answer(call, account) {
        const first = (Number(call.query.get('page')) - 1) * 2;
        const here = account.keys.filter(({ place }) => place === call.params.plan);
        const page = here.slice(first, first + 2).map(({ id, name, createdAt, revokedAt }) => ({
          keyId: id,
          description: name,
          since: unixSeconds(createdAt),
          state: revokedAt ? 'ended' : 'active',
        }));
        return unlessOperator(call) ?? { status: 200, body: page };
      },
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: '/admin/keys/end',
      answer(call, account) {
        const { keyIds } = call.json as { keyIds: string[] };
        const key = account.keys.find(({ id, revokedAt }) => id === keyIds[0] && !revokedAt);
        if (!isOperator(call)) return failure(401, 'Unauthorized');
        if (!key) return failure(404, 'No such key');
        account.revoke(key);
        return { status: 202, key };
      },
    },
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/ping',
      secretOf,
      refused: failure(403, 'Forbidden'),
      answer: () => ({ status: 200, body: { pong: true } }),
      issuer: call => (isOperator(call) ? { status: 200, body: { pong: true } } : undefined),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/v1/orders',
      secretOf,
      refused: failure(403, 'Forbidden'),
      answer: () => ({ status: 200, body: {} }),
    }),
  ],
  verifyAnswers: [
    ['a call without a key', 'unknown', failure(401, 'Unauthorized'), 'memory 2026-11-29 made up'],
    [
      'a web page of a firewall',
      'unknown',
      { status: 403, body: '<html>Forbidden</html>' },
      'memory 2026-11-29 made up',
    ],
    ['a key from a foreign address', 'denied', failure(403, 'Forbidden'), 'memory 2026-11-29 made up'],
    [
      'a key of a plan that is switched off',
      'unknown',
      failure(403, 'Plan is off'),
      'memory 2026-11-29 made up',
    ],
  ],
  use: value => ({
    url: 'https://gateway.example.com/v1/orders',
    method: 'POST',
    headers: { 'x-api-key': value.secret, 'content-type': 'application/json' },
    body: '{}',
  }),
};
