import { type Dialect, type Route, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { retryAfter } from '../key-routes';

const userKey = ['NRAK', 'FAKESECRETISSUER00000000000'].join('-');

const told = (status: number, message: string, extensions: Record<string, string>): WireReply => ({
  status,
  body: { data: null, errors: [{ message, extensions }] },
});
const badKey = (): WireReply => ({
  status: 401,
  body: {
    errors: [{ extensions: { error_code: 'BAD_API_KEY' }, message: 'Bad API Key or no API Key provided' }],
  },
});
const denied = () => told(200, 'Access denied.', { errorClass: 'ACCESS_DENIED' });

const originOf = ({ region }: { region?: unknown }) =>
  region === 'eu' ? 'https://api.eu.newrelic.com' : 'https://api.newrelic.com';
const variablesOf = ({ json }: WireCall) => (json.variables ?? {}) as Record<string, unknown>;

/** One endpoint for all: what is asked for tells the operations apart. */
function graphql(kind: Route['kind'], field: string, answer: Route['answer']): Route {
  const isAsked = ({ json }: WireCall) => String(json.query).includes(field);
  return { kind, method: 'POST', path: '/graphql', when: isAsked, answer };
}

function asIssuer(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (call.headers['api-key'] !== userKey) return badKey();
    const { accountId, userId } = variablesOf(call);
    return answer(call, account, `${call.origin} ${accountId} ${userId}`);
  };
}

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const result = (apiAccessCreateKeys: object): WireReply => ({
    status: 200,
    body: { data: { apiAccessCreateKeys } },
  });
  if (!account.hasPlace(place))
    return result({ createdKeys: [], errors: [{ message: 'User not found', errorType: 'NOT_FOUND' }] });
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const secret = `NRAK-FAKESECRET${account.fresh(17, alphabet)}`;
  const name = String(variablesOf(call).name);
  const key = account.add({ id: account.fresh(40).toUpperCase(), place, name, secret });
  return { ...result({ createdKeys: [{ id: key.id, key: secret }], errors: [] }), key };
}

function list(call: WireCall, account: FakeAccount, place: string): WireReply {
  const from = Number(variablesOf(call).cursor ?? 0);
  const to = from + newRelic.pageSize;
  const all = account.present(place);
  const keys = all.slice(from, to).map(({ id, name, createdAt }) => ({
    id,
    name,
    createdAt: unixSeconds(createdAt),
  }));
  const keySearch = { nextCursor: to < all.length ? String(to) : null, keys };
  return { status: 200, body: { data: { actor: { apiAccess: { keySearch } } } } };
}

function revoke(call: WireCall, account: FakeAccount): WireReply {
  const key = account.keys.find(({ id, revokedAt }) => id === variablesOf(call).id && !revokedAt);
  if (key) account.revoke(key);
  const errors = key ? [] : [{ message: 'Key not found', errorType: 'NOT_FOUND' }];
  const apiAccessDeleteKeys = { deletedKeys: key ? [{ id: key.id }] : [], errors };
  return { status: 200, body: { data: { apiAccessDeleteKeys } }, key };
}

const client = 'seen 2026-11-29 https://github.com/newrelic/newrelic-client-go/pull/603';

export const newRelic: Dialect = {
  provider: 'new-relic',
  evidence: [
    'docs 2026-11-28 https://docs.newrelic.com/docs/apis/nerdgraph/examples/use-nerdgraph-manage-license-keys-user-keys/',
    'source 2026-11-28 https://github.com/newrelic/newrelic-client-go pkg/apiaccess',
    `${client}: the answer to a bad key`,
    'memory 2026-11-29 the classes of errors inside a 200; how long news of a key takes: 1 s and 5 s here',
  ],
  sample: { settings: { accountId: 4711, userId: 1000815 }, scopes: [] },
  origins: settings => [originOf(settings)],
  place: settings => `${originOf(settings)} ${settings.accountId} ${settings.userId}`,
  issuer: () => ({ userKey }),
  delays: { createMs: 1_000, revokeMs: 5_000 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...told(429, 'Too many requests', { errorClass: 'TOO_MANY_REQUESTS' }),
    headers: retryAfter(now, resetAt),
  }),
  failuresInside: [
    ['refused', denied()],
    ['rate-limited', told(200, 'Too many concurrent requests.', { errorClass: 'TOO_MANY_REQUESTS' })],
    ['provider-down', told(200, 'An error occurred.', { errorClass: 'SERVER_ERROR' })],
    ['refused', { status: 200, body: { errors: [{ message: 'Argument "id" has invalid value.' }] } }],
  ],
  routes: [
    graphql('create', 'apiAccessCreateKeys', asIssuer(create)),
    graphql('list', 'keySearch', asIssuer(list)),
    graphql('revoke', 'apiAccessDeleteKeys', asIssuer(revoke)),
    ...(['verify', 'use'] as const).map(kind =>
      graphql(kind, kind === 'verify' ? 'user {' : 'entitySearch', (call, account) => {
        const given = call.headers['api-key'];
        const data = { actor: { user: { id: 1000815 } } };
        if (given === userKey) return { status: 200, body: { data } };
        const key = account.enter(given);
        if (!key?.place.startsWith(`${call.origin} `)) return { ...badKey(), key: account.ownerOf(given) };
        return { status: 200, body: { data }, key };
      }),
    ),
  ],
  verifyAnswers: [
    ['a key that was deleted, or is of another region', 'denied', badKey(), client],
    ['a key whose user may not ask', 'unknown', denied(), 'memory 2026-11-29'],
    [
      'a key of a user that was switched off',
      'unknown',
      told(403, 'User is not active', { errorClass: 'ACCESS_DENIED' }),
      'memory 2026-11-29',
    ],
    ['an address that is not allowed', 'unknown', { status: 403, body: 'Forbidden\n' }, 'memory 2026-11-29'],
    ['a proxy that wants a login', 'unknown', { status: 401, body: 'Unauthorized\n' }, 'memory 2026-11-29'],
  ],
  use: (value, settings) => ({
    url: `${originOf(settings)}/graphql`,
    method: 'POST',
    headers: { 'api-key': value.secret, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ actor { entitySearch(query: "name = \'docs\'") { count } } }' }),
  }),
};
