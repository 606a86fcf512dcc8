import { type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';

const issuer = {
  clientId: 'keyturnM2M',
  clientSecret: 'FAKESECRETissuer00000000000000000000000000000000000000000000000',
};

const failure = (statusCode: number, error: string, message: string): WireReply => ({
  status: statusCode,
  body: { statusCode, error, message },
});
const invalidClient = (): WireReply => ({
  status: 401,
  body: { error: 'invalid_client', error_description: 'Client authentication failed' },
});

/** Management tokens of a tenant: kept, so that only tokens that were handed out are accepted. */
function managementToken(call: WireCall, account: FakeAccount): WireReply {
  const { audience } = call.json;
  if (audience !== `${call.origin}/api/v2/`)
    return failure(403, 'access_denied', 'Service not enabled within domain');
  return issuerToken(account, 86_400);
}

interface Client {
  client_id?: string;
  client_secret?: string;
}

function clientKey(call: WireCall, account: FakeAccount, { client_id, client_secret }: Client) {
  const key = account.enter(client_secret);
  return key?.place === `${call.origin}/${client_id}` ? key : undefined;
}

/** A form, and nothing else. */
function revoke(call: WireCall, account: FakeAccount): WireReply {
  const given: Client & { token?: string } = Object.fromEntries(call.form);
  if (!given.client_id || !given.token) return refused(400, 'invalid_request', 'Missing required parameter');
  const key = clientKey(call, account, given);
  return key
    ? { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK', key }
    : { ...invalidClient(), key: account.ownerOf(given.client_secret) };
}

const refused = (status: number, error: string, error_description: string): WireReply => ({
  status,
  body: { error, error_description },
});
const description =
  'description 2026-11-28 https://github.com/auth0/docs-v2 main/docs/oas/authentication/authentication-api-oas.json';

export const auth0: Dialect = {
  provider: 'auth0',
  awsValue: ({ secret }, { domain, clientId }) => ({
    clientId: String(clientId),
    clientSecret: secret,
    domain: String(domain),
    audience: `https://${domain}/api/v2/`,
  }),
  evidence: [
    'docs 2026-11-28 https://auth0.com/docs/get-started/applications/rotate-client-secret: PATCH with an own value, up to 30 s of either value',
    'openapi 2026-11-28 https://github.com/auth0/docs-v2 main/docs/oas: management /clients/{id}, authentication /oauth/token and /oauth/revoke',
    'memory 2026-11-28 that revoking an unknown token proves the client secret is reasoned from "or token was already invalid", not documented',
  ],
  sample: { settings: { domain: 'acme.eu.auth0.com', clientId: 'supportBotClient' }, scopes: [] },
  origins: settings => [`https://${settings.domain}`],
  place: settings => `https://${settings.domain}/${settings.clientId}`,
  issuer: settings => ({ domain: String(settings.domain), ...issuer }),
  delays: { createMs: 5_000, revokeMs: 20_000 },
  pageSize: 1,
  capacity: 1,
  allows: { calls: 2, seconds: 1 },
  tooMany: (_now, resetAt) => ({
    ...failure(429, 'Too Many Requests', 'Global limit has been reached'),
    headers: {
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(unixSeconds(resetAt)),
    },
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: '/oauth/token',
      when: call => call.json.client_id === issuer.clientId,
      answer: (call, account) =>
        call.json.client_secret === issuer.clientSecret ? managementToken(call, account) : invalidClient(),
    },
    {
      kind: 'install',
      method: 'PATCH',
      path: '/api/v2/clients/{client}',
      answer: (call, account) => {
        if (!hasIssuerToken(call, account)) return failure(401, 'Unauthorized', 'Invalid token');
        const place = `${call.origin}/${call.params.client}`;
        if (!account.hasPlace(place)) return failure(404, 'Not Found', 'The client does not exist');
        const secret = call.json.client_secret as string | undefined;
        if (!secret) return failure(400, 'Bad Request', 'Payload validation error');
        const present = account.present(place);
        const same = present.find(key => key.secret === secret);
        for (const key of present) if (key !== same) account.revoke(key);
        const key = same ?? account.add({ id: String(call.params.client), place, secret });
        return {
          status: 200,
          body: { client_id: call.params.client, name: 'support-bot', client_secret: secret },
          key,
        };
      },
    },
    {
      kind: 'verify',
      method: 'POST',
      path: '/oauth/revoke',
      answer: revoke,
    },
    {
      kind: 'use',
      method: 'POST',
      path: '/oauth/token',
      answer: (call, account) => {
        const given = call.json as Client;
        const key = clientKey(call, account, given);
        if (!key)
          return {
            status: 401,
            body: { error: 'access_denied', error_description: 'Unauthorized' },
            key: account.ownerOf(given.client_secret),
          };
        const access_token = account.freshSecret(80);
        account.remember(access_token);
        return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 86_400 }, key };
      },
    },
  ],
  verifyAnswers: [
    ['a secret that is not the client’s', 'rejected', invalidClient(), description],
    [
      'a secret that is not the client’s, in the words of /oauth/token',
      'rejected',
      refused(401, 'access_denied', 'Unauthorized'),
      'general knowledge',
    ],
    [
      'a request that is none',
      'unknown',
      refused(401, 'invalid_request', 'Missing required parameter: client_secret'),
      description,
    ],
    [
      'a client that may not do this',
      'unknown',
      refused(401, 'unauthorized_client', 'Grant type not allowed for the client.'),
      description,
    ],
    [
      'a client that a rule of the tenant refuses',
      'unknown',
      refused(401, 'access_denied', 'Not from here'),
      description,
    ],
    [
      'a client whose tenant blocks this address',
      'unknown',
      refused(403, 'access_denied', 'Access denied'),
      description,
    ],
    [
      'too many tries from here',
      'unknown',
      refused(429, 'too_many_requests', 'Too many attempts'),
      description,
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.domain}/oauth/token`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: settings.clientId,
      client_secret: value.secret,
      audience: 'https://orders.example.com',
    }),
  }),
};
