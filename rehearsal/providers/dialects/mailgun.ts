import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes, retryAfter } from '../key-routes';

const issuerKey = 'FAKESECRETissuer0000000000000000-00000000-00000000';

const failure = (status: number, message: string): WireReply => ({ status, body: { message } });
const unknown = () => failure(401, 'Invalid private key');
const forbidden: WireReply = { status: 401, body: 'Forbidden' };
const noSender = () => failure(400, "'from' parameter is missing");
const isIssuer = (call: WireCall) => isKey(call, issuerKey);
const isKey = (call: WireCall, password: string) =>
  basicOf(call)?.user === 'api' && basicOf(call)?.password === password;
const secretOf = (call: WireCall) => (basicOf(call)?.user === 'api' ? basicOf(call)?.password : undefined);
/** Mailgun's dates have no zone. */
const date = (at: Date) => at.toISOString().slice(0, 19);
const place = (domain: string | null | undefined) => domain ?? 'account';

const description =
  'openapi 2026-11-29 https://github.com/mailgun/mailgun-mcp-server src/openapi.yaml: /v1/keys, /v1/keys/{key_id}';

export const mailgun: Dialect = {
  provider: 'mailgun',
  evidence: [
    `${description}, /v4/domains`,
    'docs 2026-11-29 https://documentation.mailgun.com/docs/mailgun/api-reference/authentication: user `api`; a sending key may only send from its domain',
    'seen 2026-11-29 a message without a sender: https://github.com/mailgun/mailgun.js/issues/92',
    'memory 2026-11-29 the words for a key that is not valid, a name may have 100 characters, limits, and that a sender is missed only after the key was found good',
  ],
  sample: { settings: { region: 'eu', role: 'sending', domain: 'mg.acme.example.com' }, scopes: [] },
  origins: settings => [`https://api.${settings.region === 'eu' ? 'eu.' : ''}mailgun.net`],
  place: settings => place(settings.domain as string | undefined),
  issuer: () => ({ apiKey: issuerKey }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1_000,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/v1/keys',
      refuse: call => (isIssuer(call) ? undefined : unknown()),
      place: (call, account) =>
        call.form.get('domain_name') ??
        call.query.get('domain_name') ??
        account.keys.find(({ id }) => id === call.params.id)?.place ??
        'account',
      create,
      list: (keys, call) => {
        const kind = call.query.get('kind');
        const items = keys.filter(({ details }) => !kind || details.kind === kind).map(told);
        return { status: 200, body: { total_count: items.length, items } };
      },
      revoked: () => ({ status: 200, body: { message: 'key deleted' } }),
      missing: () => failure(404, 'no key matching id'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v4/domains',
      secretOf,
      refused: unknown(),
      issuer: call => (isIssuer(call) ? { status: 200, body: { items: [], total_count: 0 } } : undefined),
      answer: ({ scopes }) =>
        scopes.includes('sending') ? forbidden : { status: 200, body: { items: [], total_count: 0 } },
    }),
    {
      ...keyedRoute({
        kind: 'use',
        method: 'POST',
        path: '/v3/{domain}/messages',
        secretOf,
        refused: unknown(),
        answer: ({ place }, call) =>
          [call.params.domain, 'account'].includes(place)
            ? { status: 200, body: { id: '<17@mg.acme.example.com>', message: 'Queued. Thank you.' } }
            : forbidden,
      }),
      when: call => call.form.has('from'),
    },
    keyedRoute({
      kind: 'verify',
      method: 'POST',
      path: '/v3/{domain}/messages',
      secretOf,
      refused: unknown(),
      issuer: (call, account) =>
        isIssuer(call)
          ? account.hasPlace(String(call.params.domain))
            ? noSender()
            : failure(404, `Domain not found: ${call.params.domain}`)
          : undefined,
      answer: ({ place }, call) => ([call.params.domain, 'account'].includes(place) ? noSender() : forbidden),
    }),
  ],
  verifyAnswers: [
    ['a deleted key, or one of the other region', 'denied', unknown(), 'memory 2026-11-29'],
    [
      'a deleted key, in older words, or an address that is not allowed',
      'denied',
      forbidden,
      'memory 2026-11-29',
    ],
    [
      'a domain that is not there',
      'unknown',
      failure(404, 'Domain not found: mg.acme.example.com'),
      'seen by third parties 2026-11-29',
    ],
    [
      'a sender that is none',
      'unknown',
      failure(400, "'from' parameter is not a valid address. please check documentation"),
      'seen by third parties 2026-11-29 https://github.com/fastlane/fastlane/issues/8568',
    ],
    [
      'a domain that may not send',
      'unknown',
      failure(403, 'Domain mg.acme.example.com is not allowed to send'),
      'memory 2026-11-29',
    ],
    ['an account that is disabled', 'unknown', failure(403, 'Account mg is disabled'), 'memory 2026-11-29'],
    ['a proxy that wants a login', 'unknown', { status: 401, body: 'Unauthorized\n' }, 'memory 2026-11-29'],
  ],
  use: (value, settings) => ({
    url: `https://api.${settings.region === 'eu' ? 'eu.' : ''}mailgun.net/v3/${settings.domain}/messages`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`api:${value.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'from=bot%40mg.acme.example.com&to=ada%40example.com&subject=Your+order&text=It+is+on+its+way',
  }),
};

function create(call: WireCall, account: FakeAccount, where: string): WireReply {
  if (!call.headers['content-type']?.startsWith('multipart/form-data'))
    return failure(400, 'expected `role` param to be one of [admin basic developer sending]');
  const role = call.form.get('role') ?? '';
  const kind = call.form.get('kind') ?? 'user';
  const seconds = Number(call.form.get('expiration') ?? 0);
  if (
    !['admin', 'basic', 'developer', 'sending'].includes(role) ||
    (role === 'sending') !== (kind === 'domain')
  )
    return failure(400, 'expected `role` param to be one of [admin basic developer sending]');
  if (!account.hasPlace(where)) return failure(400, 'domain not found');
  const hex = (length: number) => account.fresh(length, '0123456789abcdef');
  const key = account.add({
    id: `${hex(8)}-${hex(8)}`,
    place: where,
    name: call.form.get('description') ?? '',
    scopes: [role],
    details: { kind },
    secret: `${hex(32)}-${hex(8)}-${hex(8)}`,
  });
  if (seconds > 0) key.expiresAt = new Date(account.now().getTime() + seconds * 1000);
  return { status: 200, body: { message: 'great success', key: { ...told(key), secret: key.secret } }, key };
}

function told({ id, name, place, scopes: [role], createdAt, expiresAt, details }: FakeKey) {
  return {
    id,
    description: name,
    kind: details.kind,
    role,
    created_at: date(createdAt),
    updated_at: date(createdAt),
    ...(expiresAt && { expires_at: date(expiresAt) }),
    domain_name: details.kind === 'domain' ? place : null,
    requestor: null,
    user_name: null,
    is_disabled: false,
  };
}
