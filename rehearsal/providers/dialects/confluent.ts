import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { keyRoutes, retryAfter } from '../key-routes';

const origin = 'https://api.confluent.cloud';
const issuer = {
  apiKey: 'KEYTURNISSUER000',
  apiSecret: ['cflt', 'FAKESECRETissuer'.padEnd(60, '0')].join(''),
};

const failure = (status: number, title: string, code?: string): WireReply => ({
  status,
  body: {
    errors: [
      { id: 'ed42afdc-f0d5-4c0d-b428-9fc6ed6e279d', status: String(status), ...(code && { code }), title },
    ],
  },
});
const unauthenticated = () => failure(401, 'Authentication Required', 'user_unauthenticated');
const unauthorized = () => failure(403, 'User Access Unauthorized', 'user_unauthorized');

const isIssuer = (call: WireCall) => {
  const { user, password } = basicOf(call) ?? {};
  return user === issuer.apiKey && password === issuer.apiSecret;
};
const ownerOf = ({ json }: WireCall) =>
  String((json.spec as { owner?: { id?: string } } | undefined)?.owner?.id);

const shown = (key: FakeKey) => ({
  api_version: 'iam/v2',
  kind: 'ApiKey',
  id: key.id,
  metadata: {
    self: `${origin}/iam/v2/api-keys/${key.id}`,
    created_at: key.createdAt.toISOString(),
    updated_at: key.createdAt.toISOString(),
  },
  spec: {
    display_name: key.name,
    description: '',
    owner: {
      id: key.place,
      related: `${origin}/iam/v2/service-accounts/${key.place}`,
      resource_name: `crn://confluent.cloud/service-account=${key.place}`,
    },
  },
});

/** The key that made the call, if it is taken now. */
function entered(call: WireCall, account: FakeAccount): { key?: FakeKey; owner?: FakeKey } {
  const { user, password } = basicOf(call) ?? {};
  const key = account.enter(password);
  return key?.id === user ? { key } : { owner: account.ownerOf(password) };
}

const described =
  'openapi 2026-11-28 https://github.com/confluentinc/ccloud-sdk-go-v2 apikeys/v2/api/openapi.yaml';

export const confluent: Dialect = {
  provider: 'confluent',
  awsValue: ({ keyId, secret }, { serviceAccount }) => ({
    apiKey: keyId,
    apiSecret: secret,
    serviceAccountId: String(serviceAccount),
  }),
  evidence: [
    `${described}: /iam/v2/api-keys`,
    'docs 2026-11-28 https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html',
    'memory 2026-11-28 how long news of a key takes: 60 s here; that keys without rights are told so when they ask about themselves',
  ],
  described: {
    files: ['confluent.json'],
    known: ['related', 'resource_name'].map(field => [
      `POST /iam/v2/api-keys: request/spec/owner must have required property '${field}'`,
      'what only answers have is described as required of requests, too',
    ]),
  },
  sample: { settings: { serviceAccount: 'sa-a83k9b' }, scopes: [] },
  origins: () => [origin],
  place: settings => String(settings.serviceAccount),
  issuer: () => issuer,
  delays: { createMs: 60_000, revokeMs: 60_000 },
  pageSize: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Too Many Requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'verify',
      method: 'GET',
      path: '/iam/v2/api-keys/{id}',
      answer: (call, account) => {
        const { key, owner } = entered(call, account);
        return key ? { status: 200, body: shown(key), key } : { ...unauthenticated(), key: owner };
      },
    },
    ...keyRoutes({
      path: '/iam/v2/api-keys',
      refuse: call => (isIssuer(call) ? undefined : unauthenticated()),
      place: (call, account) =>
        call.method === 'POST'
          ? ownerOf(call)
          : (call.query.get('spec.owner') ??
            account.keys.find(({ id }) => id === call.params.id)?.place ??
            ''),
      create(call, account, place) {
        if (!account.hasPlace(place)) return failure(404, 'Not Found');
        const { display_name = '' } = call.json.spec as { display_name?: string };
        const id = account.fresh(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
        const key = account.add({ id, place, name: display_name, secret: `cflt${account.freshSecret(60)}` });
        const body = shown(key);
        return { status: 202, body: { ...body, spec: { ...body.spec, secret: key.secret } }, key };
      },
      list(keys, call) {
        const from = Number(call.query.get('page_token') ?? 0);
        const to = from + confluent.pageSize;
        const next = new URLSearchParams({ ...Object.fromEntries(call.query), page_token: String(to) });
        const links = to < keys.length ? { next: `${origin}/iam/v2/api-keys?${next}` } : {};
        const metadata = { first: `${origin}/iam/v2/api-keys`, ...links, total_size: keys.length };
        const data = keys.slice(from, to).map(shown);
        return { status: 200, body: { api_version: 'iam/v2', kind: 'ApiKeyList', metadata, data } };
      },
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'Not Found'),
    }),
    {
      kind: 'use',
      method: 'GET',
      path: '/org/v2/environments',
      answer: (call, account) => {
        const { key, owner } = entered(call, account);
        return key ? { status: 200, body: { data: [] }, key } : { ...unauthenticated(), key: owner };
      },
    },
  ],
  verifyAnswers: [
    ['a key that was deleted', 'rejected', unauthenticated(), described],
    ['a key whose account may not ask', 'accepted', unauthorized(), described],
    [
      'an address that an IP filter does not have',
      'unknown',
      failure(403, 'Access denied by IP filter', 'ip_filtered'),
      'memory 2026-11-29',
    ],
    ['a proxy that wants a login', 'unknown', { status: 401, body: 'Unauthorized\n' }, 'memory 2026-11-29'],
    ['a firewall', 'unknown', { status: 403, body: 'Forbidden\n' }, 'memory 2026-11-29'],
  ],
  use: value => ({
    url: `${origin}/org/v2/environments`,
    method: 'GET',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.keyId}:${value.secret}`).toString('base64')}`,
    },
  }),
};
