import { createHash } from 'node:crypto';
import { basicOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';

const issuerToken = '00FAKESECRETissuer000000000000000000000000';
const slots = 2;

const failure = (status: number, errorCode: string, errorSummary: string): WireReply => ({
  status,
  body: { errorCode, errorSummary, errorLink: errorCode, errorId: 'oaeFake', errorCauses: [] },
});
const refused = (cause: string): WireReply => ({
  status: 400,
  body: {
    errorCode: 'E0000001',
    errorSummary: 'Api validation failed',
    errorLink: 'E0000001',
    errorId: 'oaeFake',
    errorCauses: [{ errorSummary: cause }],
  },
});

function inApp(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (call.headers.authorization !== `SSWS ${issuerToken}`)
      return failure(401, 'E0000011', 'Invalid token provided');
    const place = `${call.origin}/${call.params.app}`;
    return account.hasPlace(place)
      ? answer(call, account, place)
      : failure(404, 'E0000007', `Not found: Resource not found: ${call.params.app} (AppInstance)`);
  };
}

function ofSecret(answer: (key: FakeKey, account: FakeAccount, place: string) => WireReply) {
  return inApp((call, account, place) => {
    const key = account.find(place, call.params.id);
    return key
      ? { ...answer(key, account, place), key }
      : failure(404, 'E0000007', `Not found: Resource not found: ${call.params.id} (ClientSecret)`);
  });
}

const shown = (key: FakeKey) => ({
  id: key.id,
  status: key.active ? 'ACTIVE' : 'INACTIVE',
  client_secret: key.secret,
  secret_hash: createHash('sha256').update(key.secret).digest('base64url').slice(0, 22),
  created: key.createdAt.toISOString(),
  lastUpdated: key.createdAt.toISOString(),
  _links: {},
});

function install(call: WireCall, account: FakeAccount, place: string): WireReply {
  const { client_secret = `FAKESECRET${account.fresh(30)}`, status = 'ACTIVE' } = call.json as {
    client_secret?: string;
    status?: string;
  };
  if (!/^[\x20-\x7e]{14,100}$/.test(client_secret))
    return refused('client_secret: must be 14 to 100 printable characters');
  if (account.present(place).length >= slots)
    return refused("You've reached the maximum number of client secrets per client.");
  const key = account.add({ id: `ocs${account.fresh(17)}`, place, secret: client_secret });
  if (status === 'INACTIVE') account.switchOff(key);
  return { status: 201, body: shown(key), key };
}

/** Which client it is depends on the app of the secret: client ids are told by the settings that name both. */
function clientOf(call: WireCall, account: FakeAccount, key: FakeKey | undefined): string | undefined {
  const settings = account.registered.find(
    ({ domain, appId }) => call.origin === `https://${domain}` && key?.place === `${call.origin}/${appId}`,
  );
  return settings && String(settings.clientId);
}

function asClient(answer: (account: FakeAccount) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    const given = basicOf(call);
    const key = account.enter(given?.password);
    if (!key || clientOf(call, account, key) !== given?.user) {
      const body = {
        error: 'invalid_client',
        error_description: 'The client secret supplied for a confidential client is invalid.',
      };
      return { status: 401, body, key: account.ownerOf(given?.password) };
    }
    return { ...answer(account), key };
  };
}

const secrets = '/api/v1/apps/{app}/credentials/secrets';

const clientRefused = (error_description: string): WireReply => ({
  status: 401,
  body: { error: 'invalid_client', error_description },
});

export const okta: Dialect = {
  provider: 'okta',
  awsValue: ({ secret }, { domain, clientId }) => ({
    clientId: String(clientId),
    clientSecret: secret,
    domain: String(domain),
  }),
  evidence: [
    'openapi 2026-11-28 https://github.com/okta/okta-management-openapi-spec dist/current/management-minimal.yaml: /api/v1/apps/{appId}/credentials/secrets; oauth-minimal.yaml: /oauth2/v1/introspect',
    'docs 2026-11-28 https://developer.okta.com/docs/guides/client-secret-rotation-key/ and /docs/reference/rl-best-practices/',
    'memory 2026-11-28 that introspection of an unknown token proves the client secret is reasoned from the shapes, not documented',
  ],
  described: { files: ['okta.json', 'okta-oauth.json'], known: [] },
  sample: {
    settings: { domain: 'acme.okta.com', appId: '0oa1supportbot', clientId: '0oa1supportbot' },
    scopes: [],
  },
  origins: settings => [`https://${settings.domain}`],
  place: settings => `https://${settings.domain}/${settings.appId}`,
  issuer: settings => ({ domain: String(settings.domain), token: issuerToken }),
  delays: { createMs: 1_000, revokeMs: 2_000 },
  pageSize: slots,
  capacity: slots,
  allows: { calls: 100, seconds: 60 },
  tooMany: (_now, resetAt) => ({
    ...failure(429, 'E0000047', 'API call exceeded rate limit due to too many requests.'),
    headers: {
      'x-rate-limit-limit': '600',
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(unixSeconds(resetAt)),
    },
  }),
  routes: [
    { kind: 'install', method: 'POST', path: secrets, answer: inApp(install) },
    {
      kind: 'list',
      method: 'GET',
      path: secrets,
      answer: inApp((_call, account, place) => ({ status: 200, body: account.present(place).map(shown) })),
    },
    {
      kind: 'install',
      method: 'POST',
      path: `${secrets}/{id}/lifecycle/activate`,
      answer: ofSecret((key, account) => {
        account.switchOn(key);
        return { status: 200, body: shown(key) };
      }),
    },
    {
      kind: 'revoke',
      method: 'POST',
      path: `${secrets}/{id}/lifecycle/deactivate`,
      answer: ofSecret((key, account, place) => {
        const others = account.present(place).filter(other => other.active && other !== key);
        if (!others.length) return refused("You can't deactivate the only active client secret.");
        account.switchOff(key);
        return { status: 200, body: shown(key) };
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: `${secrets}/{id}`,
      answer: ofSecret((key, account) => {
        if (key.active)
          return refused(
            "You can't delete an active client secret. Deactivate the secret before deleting it.",
          );
        account.revoke(key);
        return { status: 204 };
      }),
    },
    {
      kind: 'verify',
      method: 'POST',
      path: '/oauth2/v1/introspect',
      answer: asClient(() => ({ status: 200, body: { active: false } })),
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/oauth2/v1/token',
      answer: asClient(account => {
        const access_token = account.freshSecret(40);
        account.remember(access_token);
        return {
          status: 200,
          body: { token_type: 'Bearer', expires_in: 3600, access_token, scope: 'orders.read' },
        };
      }),
    },
  ],
  verifyAnswers: [
    [
      'a secret that is not the client’s',
      'rejected',
      clientRefused('The client secret supplied for a confidential client is invalid.'),
      'docs 2026-11-28 https://developer.okta.com/docs/reference/api/oidc/',
    ],
    [
      'a client that is not known at this host',
      'unknown',
      clientRefused("Invalid value for 'client_id' parameter."),
      'seen by third parties 2026-11-28',
    ],
    [
      'a client that has to prove itself in another way',
      'unknown',
      clientRefused('The client is not allowed to use this authentication method.'),
      'RFC 6749 section 5.2',
    ],
    [
      'a client outside its network zone',
      'unknown',
      failure(403, 'E0000006', 'You do not have permission to perform the requested action'),
      'https://github.com/okta/okta-management-openapi-spec 2026.06.3',
    ],
    [
      'an expired session of the org',
      'unknown',
      failure(401, 'E0000011', 'Invalid token provided'),
      'https://github.com/okta/okta-management-openapi-spec 2026.06.3',
    ],
    [
      'a request that is no form',
      'unknown',
      { status: 400, body: { error: 'invalid_request' } },
      'RFC 6749 section 5.2',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.domain}/oauth2/v1/token`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${settings.clientId}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials&scope=orders.read',
  }),
};
