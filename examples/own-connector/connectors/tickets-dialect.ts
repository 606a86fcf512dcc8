// What the ticket desk says on the wire, from its documentation.
import {
  basicOf,
  bearerOf,
  type Dialect,
  type FakeAccount,
  type FakeKey,
  keyedRoute,
  retryAfter,
  type WireCall,
  type WireReply,
} from 'keyturn/connectors/suite';

const admin = 'td_FAKESECRETadmin000000000000';
const known = ['tickets:read', 'tickets:write'];
const source = 'source 2026-11-30 https://git.example.com/platform/desk';
const failure = (status: number, error: string): WireReply => ({ status, body: { error } });
const isClient = ({ details }: FakeKey) => details.endsAt === undefined;

function newClient(account: FakeAccount, queue: string, name = 'by hand'): FakeKey {
  return account.add({
    id: account.fresh(10),
    place: queue,
    name,
    secret: `td_${account.freshSecret(32)}`,
  });
}

/** A client by its id and secret. */
function asClient(answer: (client: FakeKey, call: WireCall, account: FakeAccount) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    const given = basicOf(call);
    const client = account.enter(given?.password);
    if (!client || !isClient(client) || client.id !== given?.user)
      return { ...failure(401, 'unknown client'), key: account.ownerOf(given?.password) };
    return { ...answer(client, call, account), key: client };
  };
}

function open(_client: FakeKey, call: WireCall, account: FakeAccount): WireReply {
  const { queue, scopes } = call.json as { queue: string; scopes: string[] };
  if (!scopes.every(scope => known.includes(scope))) return failure(422, 'scope');
  const endsAt = new Date(account.now().getTime() + 900_000);
  const secret = `ts_${account.freshSecret(32)}`;
  const session = account.add({
    id: account.fresh(8),
    place: 'sessions',
    secret,
    details: { endsAt, queue },
  });
  session.deadFrom = endsAt;
  return { status: 201, body: { session: secret, endsAt: endsAt.toISOString(), scopes } };
}

const session = {
  secretOf: bearerOf,
  refused: failure(401, 'session over'),
};

export const dialect: Dialect = {
  provider: 'tickets',
  evidence: [source],
  sample: { settings: { queue: 'search' }, scopes: known },
  origins: () => ['https://tickets.example.com'],
  place: ({ queue }) => String(queue),
  issuer: () => ({ adminToken: admin }),
  root({ queue }, account) {
    const { id, secret } = newClient(account, String(queue));
    return { secret, keyId: id, provider: 'tickets', issuedAt: account.now().toISOString() };
  },
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({ ...failure(429, 'slow down'), headers: retryAfter(now, resetAt) }),
  routes: [
    { kind: 'other', method: 'POST', path: '/sessions', answer: asClient(open) },
    {
      kind: 'verify',
      method: 'GET',
      path: '/clients/me',
      answer: asClient(({ name }) => ({ status: 200, body: { name } })),
    },
    {
      kind: 'create',
      method: 'POST',
      path: '/clients',
      answer(call, account) {
        if (bearerOf(call) !== admin) return failure(401, 'who are you');
        const { name, queue } = call.json as { name: string; queue: string };
        const client = newClient(account, queue, name);
        return { status: 201, body: { id: client.id, secret: client.secret }, key: client };
      },
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: '/clients/me',
      answer: asClient((client, _call, account) => {
        account.revoke(client);
        return { status: 204 };
      }),
    },
    keyedRoute({
      ...session,
      kind: 'other',
      method: 'GET',
      path: '/sessions/current',
      answer: ({ details }) => ({ status: 200, body: { queue: details.queue } }),
    }),
    keyedRoute({
      ...session,
      kind: 'other',
      method: 'DELETE',
      path: '/sessions/current',
      answer(key, _call, account) {
        account.revoke(key);
        return { status: 204 };
      },
    }),
    keyedRoute({
      ...session,
      kind: 'use',
      method: 'GET',
      path: '/tickets',
      answer: () => ({ status: 200, body: { tickets: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a client that was deleted', 'rejected', failure(401, 'unknown client'), source],
    ['a call without a client', 'unknown', failure(401, 'who are you'), source],
    ['a desk that is closed', 'unknown', failure(403, 'closed'), source],
  ],
  use: ({ secret }) => ({
    url: 'https://tickets.example.com/tickets',
    method: 'GET',
    headers: { authorization: `Bearer ${secret}` },
  }),
};
