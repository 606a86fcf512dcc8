// An authorization server as strict as the standards allow: it wants its clients' ids and secrets form-encoded, takes each
// refresh token once, and ends a whole consent where one comes twice.

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { SecretValue } from '../../../core/key/secret-value';
import { basicOf, bearerOf, type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey, Settings } from '../fake-account';
import { retryAfter } from '../key-routes';

const sampleOrigin = 'https://auth.example.com';
const originOf = ({ tokenUrl }: Settings) => new URL(String(tokenUrl)).origin;
const initialAccessToken = 'FAKESECRETinitialaccesstoken000';
const tokenLifeSeconds = 600;
const ordinary = ['orders.read', 'orders.write'];
const knownTo = ({ planned }: FakeAccount) => [...ordinary, ...planned];

const privateKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const failure = (status: number, error: string): WireReply => ({
  status,
  body: { error, error_description: `the request was refused: ${error}` },
});
const invalidClient = (call: WireCall, account: FakeAccount): WireReply => ({
  ...failure(401, 'invalid_client'),
  headers: { 'www-authenticate': 'Basic realm="clients"' },
  key: account.ownerOf(credentialsOf(call, account).secret),
});

/** In Basic, id and secret come form-encoded. A JWT proves the key that it is signed by. */
function credentialsOf(call: WireCall, account: FakeAccount) {
  const basic = basicOf(call);
  const id = call.form.get('client_id') ?? undefined;
  const assertion = call.form.get('client_assertion');
  if (assertion) {
    const client = account.keys.find(key => key.id === id);
    return { id, secret: isSigned(assertion, client, call, account) ? client?.secret : undefined };
  }
  if (id) return { id, secret: call.form.get('client_secret') ?? undefined };
  const decode = (text = '') => new URLSearchParams(`text=${text}`).get('text') ?? undefined;
  return { id: decode(basic?.user), secret: decode(basic?.password) };
}

/** RFC 7523, section 3. */
function isSigned(jwt: string, client: FakeKey | undefined, call: WireCall, { now }: FakeAccount): boolean {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  if (!client?.secret.startsWith('-----BEGIN')) return false;
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('sha256', signed, createPublicKey(client.secret), Buffer.from(signature, 'base64url')))
    return false;
  const { iss, sub, aud, exp, jti } = JSON.parse(Buffer.from(body, 'base64url').toString());
  const isFor = aud === `${call.origin}/oauth/token`;
  return iss === client.id && sub === client.id && isFor && jti !== undefined && exp > unixSeconds(now());
}

function clientOf(call: WireCall, account: FakeAccount): FakeKey | undefined {
  const { id, secret } = credentialsOf(call, account);
  const client = account.find(call.origin, id);
  return client && account.enter(secret) === client ? client : undefined;
}

function grant(call: WireCall, account: FakeAccount): WireReply {
  const client = clientOf(call, account);
  if (!client) return invalidClient(call, account);
  const scopes = call.form.get('scope')?.split(' ') ?? client.scopes;
  if (scopes.some(scope => !client.scopes.includes(scope))) {
    return { ...failure(400, 'invalid_scope'), key: client };
  }
  if (call.form.get('grant_type') === 'client_credentials') return tokens(client, scopes, account);
  if (call.form.get('grant_type') !== 'refresh_token') return failure(400, 'unsupported_grant_type');
  const given = call.form.get('refresh_token');
  if (account.tokens.get(`refresh ${client.id}`) !== given) {
    account.tokens.delete(`refresh ${client.id}`);
    return { ...failure(400, 'invalid_grant'), key: client };
  }
  return tokens(client, scopes, account, newConsent(client, account));
}

function newConsent(client: FakeKey, account: FakeAccount): string {
  const token = account.freshSecret(40);
  account.remember(token);
  account.tokens.set(`refresh ${client.id}`, token);
  return token;
}

function tokens(client: FakeKey, scopes: string[], account: FakeAccount, refresh_token?: string): WireReply {
  const expiresAt = new Date(account.now().getTime() + tokenLifeSeconds * 1000);
  const details = { client: client.id, expiresAt };
  const token = account.add({
    id: account.fresh(12),
    place: 'tokens',
    secret: account.freshSecret(48),
    scopes,
    details,
  });
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    key: client,
    body: {
      access_token: token.secret,
      token_type: 'bearer',
      expires_in: tokenLifeSeconds,
      scope: scopes.join(' '),
      refresh_token,
    },
  };
}

function newClient(
  account: FakeAccount,
  origin: string,
  name: string,
  scopes: string[],
  key?: () => string,
): FakeKey {
  // Characters that mean something in a header or a form, so that nobody forgets to encode them.
  const id = `client:${account.fresh(8)}/+`;
  const secret = key?.() ?? `${account.freshSecret(30)} %+:${account.fresh(8)}`;
  const registrationToken = account.freshSecret(40);
  account.remember(registrationToken);
  return account.add({ id, place: origin, name, secret, scopes, details: { registrationToken } });
}

function register(call: WireCall, account: FakeAccount): WireReply {
  if (bearerOf(call) !== initialAccessToken) return failure(401, 'invalid_token');
  const { client_name, grant_types, scope, token_endpoint_auth_method } = call.json as Record<
    string,
    unknown
  >;
  const isOurs =
    String(grant_types) === 'client_credentials' &&
    /^client_secret_(basic|post)$/.test(String(token_endpoint_auth_method));
  const scopes = String(scope ?? '').split(' ');
  if (!isOurs || scopes.some(one => !knownTo(account).includes(one)))
    return failure(400, 'invalid_client_metadata');
  const client = newClient(account, call.origin, String(client_name), scopes);
  return {
    status: 201,
    key: client,
    body: {
      client_id: client.id,
      client_secret: client.secret,
      client_secret_expires_at: 0,
      registration_access_token: client.details.registrationToken,
      registration_client_uri: `${call.origin}/oauth/register/manage?client_id=${encodeURIComponent(client.id)}`,
    },
  };
}

function deregister(call: WireCall, account: FakeAccount): WireReply {
  const client = account.find(call.origin, call.query.get('client_id') ?? undefined);
  if (!client || bearerOf(call) !== client.details.registrationToken) return failure(401, 'invalid_token');
  account.revoke(client);
  return { status: 204, key: client };
}

function revoke(call: WireCall, account: FakeAccount): WireReply {
  const client = clientOf(call, account);
  if (!client) return invalidClient(call, account);
  const token = account.ownerOf(call.form.get('token') ?? undefined);
  if (token?.details.client === client.id) account.revoke(token);
  return { status: 200, key: client };
}

/** RFC 7662: of a token that it does not know it says no more than that. */
function introspect(call: WireCall, account: FakeAccount): WireReply {
  const client = clientOf(call, account);
  if (!client) return invalidClient(call, account);
  const token = account.ownerOf(call.form.get('token') ?? undefined);
  const isLive = token?.details.client === client.id && account.accepts(token);
  return { status: 200, body: { active: isLive }, key: client };
}

const rfc = 'RFC 6749 section 5.2';

export const oauthClient: Dialect = {
  provider: 'oauth-client',
  evidence: [
    'docs 2026-11-28 RFC 6749 sections 2.3.1, 4.4, 5.2 and 6; RFC 7009 section 2.2; RFC 7591 section 3.2; RFC 7592 section 2.3',
    'docs 2026-11-28 RFC 9700 section 4.14.2: a refresh token that comes twice ends its consent',
  ],
  sample: {
    settings: {
      tokenUrl: `${sampleOrigin}/oauth/token`,
      revocationUrl: `${sampleOrigin}/oauth/revoke`,
      registrationUrl: `${sampleOrigin}/oauth/register`,
    },
    scopes: ['orders.read', 'orders.write'],
  },
  origins: settings => [originOf(settings)],
  place: originOf,
  issuer: settings => ({ origin: originOf(settings), initialAccessToken }),
  pathsIn({ tokenUrl, revocationUrl, registrationUrl, introspectionUrl }) {
    const paths = {
      '/oauth/token': tokenUrl,
      '/oauth/revoke': revocationUrl,
      '/oauth/register': registrationUrl,
      '/oauth/introspect': introspectionUrl,
    };
    return Object.fromEntries(
      Object.entries(paths).flatMap(([path, url]) => (url ? [[path, new URL(String(url)).pathname]] : [])),
    );
  },
  root(settings, account): SecretValue {
    const secret = settings.authentication === 'private_key_jwt' ? privateKey : undefined;
    const client = newClient(account, originOf(settings), 'made by a person', knownTo(account), secret);
    return {
      secret: client.secret,
      keyId: client.id,
      provider: 'oauth-client',
      issuedAt: account.now().toISOString(),
      ...(settings.grant === 'refresh_token' && { refreshToken: newConsent(client, account) }),
    };
  },
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'slow_down'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    { kind: 'other', method: 'POST', path: '/oauth/token', answer: grant },
    { kind: 'create', method: 'POST', path: '/oauth/register', answer: register },
    { kind: 'revoke', method: 'DELETE', path: '/oauth/register/manage', answer: deregister },
    {
      kind: 'verify',
      method: 'POST',
      path: '/oauth/revoke',
      // Nothing that this server ever made.
      when: call => !call.form.get('token')?.startsWith('FAKESECRET'),
      answer: revoke,
    },
    { kind: 'other', method: 'POST', path: '/oauth/revoke', answer: revoke },
    { kind: 'verify', method: 'POST', path: '/oauth/introspect', answer: introspect },
    {
      kind: 'use',
      method: 'GET',
      path: '/v1/orders',
      answer: (call, account) => {
        const token = account.enter(bearerOf(call));
        const isLive = token?.place === 'tokens' && (token.details.expiresAt as Date) > account.now();
        return isLive ? { status: 200, body: { orders: [] } } : failure(401, 'invalid_token');
      },
    },
  ],
  verifyAnswers: [
    ['a client that failed to prove itself by a header', 'rejected', failure(401, 'invalid_client'), rfc],
    ['a client that failed to prove itself', 'rejected', failure(400, 'invalid_client'), rfc],
    ['a client that may not do this', 'unknown', failure(401, 'unauthorized_client'), rfc],
    ['a request that is none', 'unknown', failure(401, 'invalid_request'), rfc],
    ['a client that a policy refuses', 'unknown', failure(403, 'access_denied'), rfc],
    ['a token of another kind', 'unknown', failure(400, 'unsupported_token_type'), 'RFC 7009 section 2.2.1'],
    [
      'a proxy that wants a login',
      'unknown',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="proxy"' } },
      'RFC 9110 section 11.6.1',
    ],
  ],
  use: (value, settings) => ({
    url: `${originOf(settings)}/v1/orders`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
