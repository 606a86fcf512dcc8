import { dayMs } from '../../../core/time';
import type { Dialect, WireCall, WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const issuer = {
  clientId: '7d0a1f0e-5f2b-4c6e-9f3a-1b2c3d4e5f60',
  clientSecret: 'FAKESECRETentraissuer0000000000000000000',
};
const hosts: Record<string, [graph: string, login: string]> = {
  global: ['https://graph.microsoft.com', 'https://login.microsoftonline.com'],
  'us-government': ['https://graph.microsoft.us', 'https://login.microsoftonline.us'],
  china: ['https://microsoftgraph.chinacloudapi.cn', 'https://login.chinacloudapi.cn'],
};
const hostsOf = (cloud: unknown = 'global') => hosts[String(cloud)] ?? ['', ''];

const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { error: { code, message, innerError: { 'request-id': '0000', date: '2026-11-28T00:00:00' } } },
});
/** What the login service says; the real one quotes the application. */
const turnedAway = (status: number, error: string, code: number, text: string): WireReply => ({
  status,
  body: {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: 0000 Correlation ID: 0000 Timestamp: 2026-11-28 00:00:00Z`,
    error_codes: [code],
    timestamp: '2026-11-28 00:00:00Z',
    trace_id: '0000',
    correlation_id: '0000',
  },
});
const invalidSecret = () =>
  turnedAway(401, 'invalid_client', 7000215, 'Invalid client secret provided. Ensure the value is sent.');
const expiredSecret = () =>
  turnedAway(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.');

const endOf = (key: FakeKey) => String(key.details.endDateTime);

/** Graph calls about one application, with a token. */
function onApplication(answer: (call: WireCall, account: FakeAccount, appId: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!hasIssuerToken(call, account))
      return failure(401, 'InvalidAuthenticationToken', 'Access token has expired or is not yet valid.');
    const appId = /^applications\(appId='([0-9a-f-]{36})'\)$/.exec(call.params.application ?? '')?.[1] ?? '';
    return account.hasPlace(appId)
      ? answer(call, account, appId)
      : failure(404, 'Request_ResourceNotFound', `Resource '${appId}' does not exist.`);
  };
}

function token(call: WireCall, account: FakeAccount): WireReply {
  const { client_id = '', client_secret = '', scope } = Object.fromEntries(call.form);
  if (scope !== `${Object.values(hosts).find(([, login]) => login === call.origin)?.[0]}/.default`)
    return turnedAway(400, 'invalid_scope', 70011, 'The provided value for scope is not valid.');
  if (client_id === issuer.clientId)
    return client_secret === issuer.clientSecret ? issuerToken(account, 3599) : invalidSecret();
  if (!account.hasPlace(client_id))
    return turnedAway(400, 'unauthorized_client', 700016, 'Application was not found in the directory.');
  const key = account.enter(client_secret);
  if (key && account.now() >= new Date(endOf(key))) return { ...expiredSecret(), key };
  if (key?.place !== client_id) return { ...invalidSecret(), key: account.ownerOf(client_secret) };
  const access_token = account.freshSecret(60);
  account.remember(access_token);
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token }, key };
}

const isSignIn = ({ form }: WireCall) => form.get('client_id') === issuer.clientId;
const codes =
  'docs 2026-11-28 https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes';

export const entraId: Dialect = {
  provider: 'entra-id',
  evidence: [
    'docs 2026-11-28 https://learn.microsoft.com/en-us/graph/api/application-addpassword, application-removepassword and application-get',
    'docs 2026-11-28 https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes, and https://learn.microsoft.com/en-us/graph/deployments for national clouds',
    'memory 2026-11-28 that an unknown keyId gets 400, and that news of a secret takes seconds to minutes: 60 s and 2 min here',
  ],
  sample: {
    settings: {
      tenantId: '0a1b2c3d-0000-4000-8000-00000000000a',
      appId: '1a2b3c4d-0000-4000-8000-00000000000b',
    },
    scopes: [],
  },
  origins: settings => [...hostsOf(settings.cloud)],
  place: settings => String(settings.appId),
  issuer: () => issuer,
  delays: { createMs: 60_000, revokeMs: 120_000 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'TooManyRequests', 'Too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    { kind: 'sign-in', method: 'POST', path: '/{tenant}/oauth2/v2.0/token', when: isSignIn, answer: token },
    { kind: 'verify', method: 'POST', path: '/{tenant}/oauth2/v2.0/token', answer: token },
    {
      kind: 'create',
      method: 'POST',
      path: '/v1.0/{application}/addPassword',
      answer: onApplication((call, account, place) => {
        const { displayName: name = '', endDateTime } = (call.json.passwordCredential ?? {}) as Record<
          string,
          string
        >;
        const end = endDateTime ?? new Date(account.now().getTime() + 730 * dayMs).toISOString();
        const secret = `${account.fresh(3)}8Q~${account.freshSecret(33)}`;
        const key = account.add({ id: uuid(account), place, name, secret, details: { endDateTime: end } });
        const body = { ...shown(key), hint: secret.slice(0, 3), secretText: secret };
        return { status: 200, body, key };
      }),
    },
    {
      kind: 'list',
      method: 'GET',
      path: '/v1.0/{application}',
      answer: onApplication((_call, account, appId) => ({
        status: 200,
        body: { id: '0000', appId, passwordCredentials: account.present(appId).map(shown) },
      })),
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: '/v1.0/{application}/removePassword',
      answer: onApplication((call, account, appId) => {
        const key = account.find(appId, String(call.json.keyId));
        if (!key) return failure(400, 'Request_BadRequest', 'No password credential found with keyId.');
        account.revoke(key);
        return { status: 204, key };
      }),
    },
  ],
  verifyAnswers: [
    ['a secret that was removed, or never was one', 'rejected', invalidSecret(), codes],
    ['a secret that has expired', 'rejected', expiredSecret(), codes],
    [
      'a secret of an application that is in another tenant',
      'unknown',
      turnedAway(400, 'unauthorized_client', 700016, 'Application was not found in the directory.'),
      codes,
    ],
    [
      'a secret of an application that is switched off',
      'unknown',
      turnedAway(401, 'unauthorized_client', 7000112, 'Application is disabled.'),
      codes,
    ],
    [
      'a secret whose use a policy of access blocks',
      'unknown',
      turnedAway(401, 'access_denied', 53003, 'Access has been blocked by Conditional Access policies.'),
      codes,
    ],
    [
      'a client that has to prove itself by a certificate',
      'unknown',
      turnedAway(401, 'invalid_client', 7000218, 'The request body must contain client_assertion.'),
      codes,
    ],
  ],
  use: (value, settings) => ({
    url: `${hostsOf(settings.cloud)[1]}/${settings.tenantId}/oauth2/v2.0/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(settings.appId),
      client_secret: value.secret,
      scope: `${hostsOf(settings.cloud)[0]}/.default`,
    }).toString(),
  }),
};

/** Repeatable, as all that an account makes. */
function uuid(account: FakeAccount): string {
  const hex = account.fresh(32, '0123456789abcdef');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function shown(key: FakeKey) {
  return {
    keyId: key.id,
    displayName: key.name,
    hint: key.secret.slice(0, 3),
    secretText: null,
    customKeyIdentifier: null,
    startDateTime: key.createdAt.toISOString(),
    endDateTime: endOf(key),
  };
}
