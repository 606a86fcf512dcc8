import type { ConnectorPlan } from './plan';

/** The usual client credentials: a root is an id and a secret, and gives tokens of an hour. */
export function mintDialectText(plan: ConnectorPlan): string {
  const { provider, constant, title, prefix, origin, isInside, today } = plan;
  return `// What ${title} says on the wire, for tests and rehearsals. Write it from its documentation, and not from the connector, so that it
// can tell when that is wrong. As it stands, it mints tokens in a common way, and nothing in it has been looked up.
${imports(isInside)}
const origin = '${origin}';
const known = ['items:read', 'items:write'];
const failure = (status: number, error: string): WireReply => ({ status, body: { error } });
const refused = failure(401, 'fill in: the words for a root that is not valid');
const withToken = {
  secretOf: bearerOf,
  refused: failure(401, 'fill in: the words for a token that is not valid'),
};

/** A call that carries a root, whose place is the account; tokens have another one. */
function withRoot(answer: (root: FakeKey, call: WireCall, account: FakeAccount) => WireReply): Route['answer'] {
  return (call, account) => {
    const given = basicOf(call);
    const root = account.enter(given?.password);
    if (root?.place !== 'account' || root.id !== given?.user)
      return { ...refused, key: account.ownerOf(given?.password) };
    return { ...answer(root, call, account), key: root };
  };
}

function mint(_root: FakeKey, call: WireCall, account: FakeAccount): WireReply {
  const scope = call.form.get('scope') ?? '';
  if (!scope.split(' ').every(each => known.includes(each))) return failure(400, 'fill in: no such scope');
  const token = account.add({ id: account.fresh(10), place: 'tokens', secret: account.freshSecret(40) });
  token.expiresAt = new Date(account.now().getTime() + 3_600_000);
  return { status: 200, body: { access_token: token.secret, expires_in: 3600, scope } };
}

export const ${isInside ? constant : 'dialect'}: Dialect = {
  provider: '${provider}',
  // Each line: recorded, openapi, source, docs, seen or memory; the day; where. At least one has to name a page.
  evidence: ['memory ${today} everything here: replace this line by what you read, with its address'],
  sample: { settings: {}, scopes: known },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({}),
  root(_settings, account) {
    const secret = \`${prefix}\${account.freshSecret(32)}\`;
    const { id } = account.add({ id: account.fresh(10), place: 'account', secret });
    return { secret, keyId: id, provider: '${provider}', issuedAt: account.now().toISOString() };
  },
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({ ...failure(429, 'too many requests'), headers: retryAfter(now, resetAt) }),
  routes: [
    { kind: 'other', method: 'POST', path: '/oauth/token', answer: withRoot(mint) },
    {
      kind: 'verify',
      method: 'GET',
      path: '/me',
      answer: withRoot(({ id }) => ({ status: 200, body: { client: id } })),
    },
    keyedRoute({
      ...withToken,
      kind: 'other',
      method: 'GET',
      path: '/oauth/token',
      answer: ({ id }) => ({ status: 200, body: { token: id } }),
    }),
    keyedRoute({
      ...withToken,
      kind: 'other',
      method: 'DELETE',
      path: '/oauth/token',
      answer(token, _call, account) {
        account.revoke(token);
        return { status: 204 };
      },
    }),
    keyedRoute({
      ...withToken,
      kind: 'use',
      method: 'GET',
      path: '/items',
      answer: () => ({ status: 200, body: { items: [] } }),
    }),
  ],
  // Every 401 and 403 that a live root can get belongs here, too: an address that is not allowed, a suspended account.
  verifyAnswers: [['a deleted root', 'rejected', refused, 'memory ${today} not looked up']],
  use: ({ secret }) => ({
    url: \`\${origin}/items\`,
    method: 'GET',
    headers: { authorization: \`Bearer \${secret}\` },
  }),
};
`;
}

function imports(isInside: boolean): string {
  if (!isInside)
    return `import {
  basicOf,
  bearerOf,
  type Dialect,
  type FakeAccount,
  type FakeKey,
  keyedRoute,
  type Route,
  retryAfter,
  type WireCall,
  type WireReply,
} from 'keyturn/connectors/suite';
`;
  return `import { basicOf, bearerOf, type Dialect, type Route, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { keyedRoute, retryAfter } from '../key-routes';
`;
}
