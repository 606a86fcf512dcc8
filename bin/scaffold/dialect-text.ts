import { mintDialectText } from './mint-dialect-text';
import type { ConnectorPlan, ScaffoldKind } from './plan';

const byHand = (kind: ScaffoldKind) => kind === 'manual' || kind === 'revoke-only';

/** A dialect that plays a common shape of API: bearer tokens, JSON, keys at one path. It is right about nothing yet. */
export function dialectText(plan: ConnectorPlan): string {
  if (plan.kind === 'federate') return federationDialectText(plan);
  if (plan.kind === 'mint') return mintDialectText(plan);
  const { provider, constant, title, kind, prefix, origin, isInside, today } = plan;
  const root = byHand(kind)
    ? `  root: madeInConsole({
    provider: '${provider}',
    place: () => 'account',
    secret: account => \`${prefix}\${account.freshSecret(32)}\`,
  }),
`
    : '';
  return `// What ${title} says on the wire, for tests and rehearsals. Write it from its documentation, and not from the connector, so that it
// can tell when that is wrong. As it stands, it plays an API of a common shape, and nothing in it has been looked up.
${imports(plan)}
const origin = '${origin}';
const admin = 'FAKESECRETadmin0000000000000000';
const failure = (status: number, error: string): WireReply => ({ status, body: { error } });
const refused = failure(401, 'fill in: the words for a key that is not valid');

export const ${isInside ? constant : 'dialect'}: Dialect = {
  provider: '${provider}',
  // Each line: recorded, openapi, source, docs, seen or memory; the day; where. At least one has to name a page.
  evidence: ['memory ${today} everything here: replace this line by what you read, with its address'],
  sample: { settings: {}, scopes: [] },
  origins: () => [origin],
  place: () => 'account',
  issuer: () => ({ token: admin }),
${root}  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({ ...failure(429, 'too many requests'), headers: retryAfter(now, resetAt) }),
  routes: [
${routes(kind, prefix)}    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/me',
      secretOf: bearerOf,
      refused,
      answer: ({ id }) => ({ status: 200, body: { key: id } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/items',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { items: [] } }),
    }),
  ],
  // Every 401 and 403 that a live key can get belongs here, too: a missing scope, an address that is not allowed, a suspended account.
  verifyAnswers: [['a deleted key', 'rejected', refused, 'memory ${today} not looked up']],
  use: value => ({
    url: \`\${origin}/items\`,
    method: 'GET',
    headers: { authorization: \`Bearer \${value.secret}\` },
  }),
};
`;
}

function routes(kind: ScaffoldKind, prefix: string): string {
  const unlessAdmin = "bearerOf(call) === admin ? undefined : failure(401, 'fill in: not an admin')";
  if (kind === 'manual') return '';
  if (kind === 'install' || kind === 'roll')
    return `    {
      kind: 'install',
      method: 'POST',
      path: '/keys',
      answer(call, account) {
        if (bearerOf(call) !== admin) return failure(401, 'fill in: not an admin');
        const secret = String(call.json.secret);
        const there = account.present('account');
        const same = there.find(key => key.secret === secret);
${kind === 'roll' ? '        for (const key of there) if (key !== same) account.revoke(key);\n' : ''}        const key = same ?? account.add({ id: account.fresh(10), place: 'account', secret });
        return { status: 200, body: { id: key.id }, key };
      },
    },
`;
  return `    ...keyRoutes({
      path: '/keys',
      refuse: call => (${unlessAdmin}),
      place: () => 'account',
      create(call, account, place) {
        const secret = \`${prefix}\${account.freshSecret(32)}\`;
        const key = account.add({ id: account.fresh(10), place, name: String(call.json.name), secret });
        return { status: 201, body: { id: key.id, secret }, key };
      },
      list: keys => ({ status: 200, body: { keys: keys.map(({ id, name }) => ({ id, name })) } }),
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'fill in: no such key'),
    }),
`;
}

function imports({ kind, isInside }: ConnectorPlan): string {
  const makesRoutes = kind === 'issue' || kind === 'revoke-only';
  const routeNames = ['keyedRoute', ...(makesRoutes ? ['keyRoutes'] : []), 'retryAfter'];
  const hand = byHand(kind) ? ['madeInConsole'] : [];
  if (!isInside) {
    const names = ['bearerOf', 'type Dialect', ...routeNames, ...hand, 'type WireReply'];
    return `import { ${names.join(', ')} } from 'keyturn/connectors/suite';\n`;
  }
  return `import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { ${routeNames.join(', ')} } from '../key-routes';
${hand.length ? "import { madeInConsole } from '../made-in-console';\n" : ''}`;
}

/** The usual exchange of a JWT for a token (RFC 7523). */
function federationDialectText({
  provider,
  constant,
  title,
  origin,
  isInside,
  today,
}: ConnectorPlan): string {
  const imported = isInside
    ? `import { bearerOf, type Dialect } from '../dialect';
import { exchangeRoute, oauthError, oauthToken } from '../federation';
import { tokenDialect } from '../federations/token-dialect';
import { keyedRoute } from '../key-routes';
`
    : `import {
  bearerOf,
  type Dialect,
  exchangeRoute,
  keyedRoute,
  oauthError,
  oauthToken,
  tokenDialect,
} from 'keyturn/connectors/suite';
`;
  return `// What ${title} says on the wire, for tests and rehearsals. Write it from its documentation, and not from the connector, so that it
// can tell when that is wrong. As it stands, it plays an exchange of a common shape, and nothing in it has been looked up.
${imported}
const origin = '${origin}';
const items = {
  secretOf: bearerOf,
  refused: { status: 401, body: { error: 'fill in: the words for a token that is not valid' } },
  answer: () => ({ status: 200, body: { items: [] } }),
};

export const ${isInside ? constant : 'dialect'}: Dialect = tokenDialect({
  provider: '${provider}',
  // Each line: recorded, openapi, source, docs, seen or memory; the day; where. At least one has to name a page.
  evidence: ['memory ${today} everything here: replace this line by what you read, with its address'],
  federation: {
    sample: { client: 'search' },
    other: { client: 'other' },
    origins: () => [origin],
  },
  routes: [
    exchangeRoute({
      origin,
      path: '/oauth/token',
      encoding: 'form',
      jwtField: 'assertion',
      fields: ({ client }) => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id: String(client),
      }),
      audience: () => origin,
      algorithms: ['RS256'],
      malformed: oauthError(400, 'invalid_request'),
      refused: oauthError(400, 'invalid_grant'),
      token: account => account.freshSecret(40),
      lives: () => 900,
      granted: oauthToken(),
    }),
    keyedRoute({ kind: 'verify', method: 'GET', path: '/me', ...items }),
    keyedRoute({ kind: 'use', method: 'GET', path: '/items', ...items }),
  ],
  use: ({ secret }) => ({
    url: \`\${origin}/items\`,
    method: 'GET',
    headers: { authorization: \`Bearer \${secret}\` },
  }),
});
`;
}
