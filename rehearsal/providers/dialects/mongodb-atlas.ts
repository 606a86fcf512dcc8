import { dayMs, hourMs } from '../../../core/time';
import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, invalidClient, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const origin = 'https://cloud.mongodb.com';
const issuer = {
  clientId: `mdb_sa_id_${'a'.repeat(24)}`,
  clientSecret: ['mdb_sa_sk', 'FAKESECRETissuer000000000000'].join('_'),
};
const media = 'application/vnd.atlas.2024-08-05+json';

const failure = (status: number, errorCode: string, reason: string): WireReply => ({
  status,
  body: { error: status, errorCode, reason, detail: 'Told by the fake.', parameters: [] },
});

function onAccount(answer: (call: WireCall, account: FakeAccount, clientId: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!hasIssuerToken(call, account)) return failure(401, 'UNAUTHORIZED', 'Unauthorized');
    if (call.headers.accept !== media) return failure(406, 'INVALID_VERSION_DATE', 'Not Acceptable');
    const { client = '' } = call.params;
    return account.hasPlace(client)
      ? answer(call, account, client)
      : failure(404, 'SERVICE_ACCOUNT_NOT_FOUND', 'Not Found');
  };
}

const endOf = (key: FakeKey) => new Date(String(key.details.expiresAt));
const shown = (key: FakeKey) => ({
  id: key.id,
  createdAt: key.createdAt.toISOString(),
  expiresAt: endOf(key).toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  maskedSecretValue: 'mdb_sa_sk_****',
});

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const { secretExpiresAfterHours: hours } = call.json as { secretExpiresAfterHours?: number };
  if (!Number.isInteger(hours) || Number(hours) < 8 || Number(hours) > 8760)
    return failure(400, 'INVALID_ATTRIBUTE', 'Bad Request');
  const present = account.present(place);
  if (present.length >= 2) return failure(400, 'SERVICE_ACCOUNT_MAX_SECRETS', 'Bad Request');
  const now = account.now().getTime();
  // The one before lives a week longer at most.
  for (const old of present) {
    const end = new Date(Math.min(endOf(old).getTime(), now + 7 * dayMs));
    old.details.expiresAt = end.toISOString();
    old.expiresAt = end;
  }
  const expiresAt = new Date(now + Number(hours) * hourMs).toISOString();
  const secret = `mdb_sa_sk_${account.freshSecret(40)}`;
  const id = account.fresh(24, '0123456789abcdef');
  const key = account.add({ id, place, secret, details: { expiresAt } });
  key.expiresAt = new Date(expiresAt);
  return { status: 201, body: { ...shown(key), secret }, key };
}

function token(call: WireCall, account: FakeAccount): WireReply {
  const { user, password } = basicOf(call) ?? {};
  if (call.form.get('grant_type') !== 'client_credentials')
    return { status: 400, body: { error: 'unsupported_grant_type' } };
  if (user === issuer.clientId)
    return password === issuer.clientSecret ? issuerToken(account, 3600) : invalidClient();
  const key = account.enter(password);
  if (!key || key.place !== user) return { ...invalidClient(), key: account.ownerOf(password) };
  const access_token = account.freshSecret(60);
  account.remember(access_token);
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 3600 }, key };
}

const described =
  'description 2026-11-28 https://github.com/mongodb/mongodb-atlas-cli tools/internal/specs/spec.yaml';
const standard = 'RFC 6749, section 5.2';

export const mongodbAtlas: Dialect = {
  provider: 'mongodb-atlas',
  awsValue: ({ secret }, { clientId, orgId }) => ({
    clientId: String(clientId),
    clientSecret: secret,
    orgId: String(orgId),
  }),
  evidence: [
    'openapi 2026-11-28 https://github.com/mongodb/mongodb-atlas-cli tools/internal/specs/spec.yaml: /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets',
    'docs 2026-11-28 https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/: a new secret ends the one before within 7 days; two at most',
    'docs 2026-11-29 https://mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token: 1 h; access lists bind tokens, not their making',
    'memory 2026-11-28 that a wrong secret gets the answer of RFC 6749; the code for a third secret is made up',
  ],
  sample: {
    settings: { orgId: '0123456789abcdef01234567', clientId: `mdb_sa_id_${'b'.repeat(24)}` },
    scopes: [],
  },
  origins: () => [origin],
  place: settings => String(settings.clientId),
  issuer: () => issuer,
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  capacity: 2,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'RATE_LIMITED', 'Too Many Requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: '/api/oauth/token',
      when: call => basicOf(call)?.user === issuer.clientId,
      answer: token,
    },
    { kind: 'verify', method: 'POST', path: '/api/oauth/token', answer: token },
    ...(['orgs', 'groups'] as const).flatMap(owner => [
      {
        kind: 'create' as const,
        method: 'POST',
        path: `/api/atlas/v2/${owner}/{owner}/serviceAccounts/{client}/secrets`,
        answer: onAccount(create),
      },
      {
        kind: 'list' as const,
        method: 'GET',
        path: `/api/atlas/v2/${owner}/{owner}/serviceAccounts/{client}`,
        answer: onAccount((_call, account, clientId) => ({
          status: 200,
          body: { clientId, name: 'support-bot', secrets: account.present(clientId).map(shown) },
        })),
      },
      {
        kind: 'revoke' as const,
        method: 'DELETE',
        path: `/api/atlas/v2/${owner}/{owner}/serviceAccounts/{client}/secrets/{id}`,
        answer: onAccount((call, account, clientId) => {
          const key = account.find(clientId, call.params.id);
          if (!key) return failure(404, 'SERVICE_ACCOUNT_SECRET_NOT_FOUND', 'Not Found');
          account.revoke(key);
          return { status: 204, key };
        }),
      },
    ]),
  ],
  verifyAnswers: [
    ['a secret that was deleted or has expired', 'rejected', invalidClient(), standard],
    [
      'a client that may not ask for tokens this way',
      'unknown',
      { status: 400, body: { error: 'unauthorized_client' } },
      standard,
    ],
    [
      'an address with too many bad requests',
      'unknown',
      failure(403, 'FORBIDDEN', 'Forbidden'),
      'general knowledge',
    ],
    [
      'a call with another kind of credential',
      'unknown',
      failure(401, 'UNAUTHORIZED', 'Unauthorized'),
      described,
    ],
    [
      'a call that a firewall turns away',
      'unknown',
      { status: 403, body: 'Forbidden\n' },
      'general knowledge',
    ],
  ],
  use: value => ({
    url: `${origin}/api/oauth/token`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.clientId}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  }),
};
