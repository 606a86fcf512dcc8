import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, invalidClient, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const issuer = {
  clientId: '9f8e7d6c-0000-4000-8000-00000000000c',
  clientSecret: 'FAKESECRETdatabricksissuer0000000000',
};
const hosts: Record<string, string> = {
  aws: 'https://accounts.cloud.databricks.com',
  azure: 'https://accounts.azuredatabricks.net',
  gcp: 'https://accounts.gcp.databricks.com',
};
const originOf = ({ cloud = 'aws' }: { cloud?: unknown }) => hosts[String(cloud)] ?? '';
const secretsAtMost = 5;

const failure = (status: number, error_code: string, message: string): WireReply => ({
  status,
  body: { error_code, message },
});

function onPrincipal(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!hasIssuerToken(call, account)) return failure(401, 'UNAUTHENTICATED', 'Credential was not sent.');
    const place = `${call.params.account}/${call.params.principal}`;
    return account.hasPlace(place)
      ? answer(call, account, place)
      : failure(404, 'RESOURCE_DOES_NOT_EXIST', 'Service principal does not exist.');
  };
}

const shown = (key: FakeKey) => ({
  id: key.id,
  secret_hash: key.id,
  status: 'ACTIVE',
  create_time: key.createdAt.toISOString(),
  update_time: key.createdAt.toISOString(),
  expire_time: String(key.details.expire_time),
});

function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const seconds = Number(/^(\d+)s$/.exec(String(call.json.lifetime ?? '63072000s'))?.[1]);
  if (!(seconds > 0 && seconds <= 63_072_000))
    return failure(400, 'INVALID_PARAMETER_VALUE', 'Lifetime is not valid.');
  if (account.present(place).length >= secretsAtMost)
    return failure(400, 'RESOURCE_LIMIT_EXCEEDED', 'Too many secrets.');
  const expire_time = new Date(account.now().getTime() + seconds * 1000).toISOString();
  const secret = `dose${account.fresh(32, '0123456789abcdef')}`;
  const key = account.add({ id: account.fresh(36), place, secret, details: { expire_time } });
  return { status: 200, body: { ...shown(key), secret }, key };
}

function list(call: WireCall, account: FakeAccount, place: string): WireReply {
  const from = Number(call.query.get('page_token') ?? 0);
  const to = from + databricks.pageSize;
  const keys = account.present(place);
  const secrets = keys.slice(from, to).map(shown);
  // Nothing is left in the answer where there is nothing.
  return {
    status: 200,
    body: { ...(secrets.length && { secrets }), ...(to < keys.length && { next_page_token: String(to) }) },
  };
}

function token(call: WireCall, account: FakeAccount): WireReply {
  const { user, password } = basicOf(call) ?? {};
  if (call.form.get('scope') !== 'all-apis') return { status: 400, body: { error: 'invalid_scope' } };
  if (user === issuer.clientId)
    return password === issuer.clientSecret ? issuerToken(account, 3600) : invalidClient();
  const key = account.enter(password);
  const owner = account.registered.find(({ clientId }) => clientId === user);
  if (!key || !owner || databricks.place(owner) !== key.place)
    return { ...invalidClient(), key: account.ownerOf(password) };
  const access_token = account.freshSecret(60);
  account.remember(access_token);
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 3600 }, key };
}

const secretsPath = '/api/2.0/accounts/{account}/servicePrincipals/{principal}/credentials/secrets';
const tokenPath = '/oidc/accounts/{account}/v1/token';

export const databricks: Dialect = {
  provider: 'databricks',
  awsValue: ({ keyId, secret }, { accountId, servicePrincipalId, clientId }) => ({
    accountId: String(accountId),
    servicePrincipalId: String(servicePrincipalId),
    clientId: String(clientId),
    clientSecret: secret,
    oauthSecretId: keyId,
  }),
  evidence: [
    'source 2026-11-28 https://github.com/databricks/databricks-sdk-go service/oauth2',
    'docs 2026-11-28 https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m: tokens of 1 h, secrets of two years at most',
    'memory 2026-11-28 that a wrong secret gets the answer of RFC 6749; the answers to a sixth secret and to deleting what is gone',
  ],
  sample: {
    settings: {
      accountId: '2c3d4e5f-0000-4000-8000-00000000000d',
      servicePrincipalId: '4711',
      clientId: '3d4e5f60-0000-4000-8000-00000000000e',
    },
    scopes: [],
  },
  origins: settings => [originOf(settings)],
  place: settings => `${settings.accountId}/${settings.servicePrincipalId}`,
  issuer: () => issuer,
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  capacity: secretsAtMost,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'REQUEST_LIMIT_EXCEEDED', 'Too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: tokenPath,
      when: call => basicOf(call)?.user === issuer.clientId,
      answer: token,
    },
    { kind: 'verify', method: 'POST', path: tokenPath, answer: token },
    { kind: 'create', method: 'POST', path: secretsPath, answer: onPrincipal(create) },
    { kind: 'list', method: 'GET', path: secretsPath, answer: onPrincipal(list) },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: `${secretsPath}/{id}`,
      answer: onPrincipal((call, account, place) => {
        const key = account.find(place, call.params.id);
        if (!key) return failure(404, 'RESOURCE_DOES_NOT_EXIST', 'Secret does not exist.');
        account.revoke(key);
        return { status: 200, body: {}, key };
      }),
    },
  ],
  verifyAnswers: [
    ['a secret that was deleted or has expired', 'rejected', invalidClient(), 'RFC 6749, section 5.2'],
    [
      'a service principal that is not in the account',
      'unknown',
      { status: 403, body: { error: 'access_denied' } },
      'general knowledge',
    ],
    [
      'an address that the access list does not have',
      'unknown',
      failure(403, 'PERMISSION_DENIED', 'Source IP address is blocked by access list.'),
      'general knowledge',
    ],
    [
      'a call without a credential',
      'unknown',
      failure(401, 'UNAUTHENTICATED', 'Credential was not sent.'),
      'general knowledge',
    ],
    [
      'a client that may not ask for tokens this way',
      'unknown',
      { status: 400, body: { error: 'unauthorized_client' } },
      'RFC 6749, section 5.2',
    ],
  ],
  use: (value, settings) => ({
    url: `${originOf(settings)}/oidc/accounts/${settings.accountId}/v1/token`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.clientId}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials&scope=all-apis',
  }),
};
