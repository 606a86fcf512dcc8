import { type Dialect, signerOf, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import {
  assertionBy,
  assertionOf,
  faultOf,
  grantRefused,
  keyPair,
  login,
  wrongSignature,
} from '../google-login';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const iam = 'https://iam.googleapis.com';
const keysAtMost = 10;

const issuerEmail = 'keyturn@acme-prod.iam.gserviceaccount.com';
const issuer = () => ({
  client_email: issuerEmail,
  private_key_id: 'issuer0000',
  private_key: keyPair(0).privateKey,
});

const failure = (code: number, status: string, message: string): WireReply => ({
  status: code,
  body: { error: { code, message, status } },
});
function token(call: WireCall, account: FakeAccount): WireReply {
  const { head, claims, isSignedBy } = assertionOf(call);
  const { iss } = claims;
  const fault = faultOf(call, account);
  if (fault) return fault;
  if (iss === issuerEmail)
    return isSignedBy(keyPair(0).publicKey) ? issuerToken(account, 3599) : wrongSignature();
  if (!account.hasPlace(String(iss))) return grantRefused('Invalid grant: account not found');
  const named = account.keys.find(({ id, place }) => id === head.kid && place === iss);
  const key = named && isSignedBy(String(named.details.publicKey)) ? account.enter(named.secret) : undefined;
  if (!key) return { ...wrongSignature(), key: named };
  const access_token = account.freshSecret(60);
  account.remember(access_token);
  return { status: 200, body: { access_token, expires_in: 3599, token_type: 'Bearer' }, key };
}

function onAccount(answer: (call: WireCall, account: FakeAccount, email: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!hasIssuerToken(call, account))
      return failure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    const { email = '' } = call.params;
    return account.hasPlace(email)
      ? answer(call, account, email)
      : failure(404, 'NOT_FOUND', `Unknown service account ${email}`);
  };
}

const shown = (key: FakeKey) => ({
  name: `projects/acme-prod/serviceAccounts/${key.place}/keys/${key.id}`,
  keyAlgorithm: 'KEY_ALG_RSA_2048',
  keyOrigin: 'GOOGLE_PROVIDED',
  keyType: 'USER_MANAGED',
  validAfterTime: key.createdAt.toISOString(),
  validBeforeTime: '9999-12-31T23:59:59Z',
});

function create(_call: WireCall, account: FakeAccount, place: string): WireReply {
  if (account.present(place).length >= keysAtMost)
    return failure(429, 'RESOURCE_EXHAUSTED', 'Maximum number of keys on account reached.');
  const { publicKey, privateKey } = keyPair(account.added + 1);
  const id = account.fresh(40, '0123456789abcdef');
  const key = account.add({ id, place, secret: privateKey, details: { publicKey } });
  const file = {
    type: 'service_account',
    project_id: 'acme-prod',
    private_key_id: id,
    private_key: privateKey,
    client_email: place,
    token_uri: `${login}/token`,
  };
  const privateKeyData = Buffer.from(JSON.stringify(file, null, 2)).toString('base64');
  const body = { ...shown(key), privateKeyType: 'TYPE_GOOGLE_CREDENTIALS_FILE', privateKeyData };
  return { status: 200, body, key };
}

const keysPath = '/v1/projects/-/serviceAccounts/{email}/keys';
const seen = 'corroborated 2026-11-28 https://github.com/googleapis/google-cloud-python/issues/10004';

export const googleCloud: Dialect = {
  provider: 'google-cloud',
  evidence: [
    'source 2026-11-28 https://github.com/googleapis/googleapis google/iam/admin/v1/iam.proto',
    'docs 2026-11-28 https://developers.google.com/identity/protocols/oauth2/service-account',
    'seen 2026-11-29 https://github.com/googleapis/google-cloud-python/issues/10004 and https://github.com/google-github-actions/setup-gcloud/issues/76: the words for a key that was rotated',
    'memory 2026-11-28 the words for an eleventh key and for a wrong clock, and that a new key needs up to a minute: 60 s here',
  ],
  sample: {
    settings: { serviceAccount: 'support-bot@acme-prod.iam.gserviceaccount.com' },
    scopes: [],
  },
  origins: () => [iam, login],
  place: settings => String(settings.serviceAccount),
  issuer,
  isOwn(call, account) {
    const signer = signerOf(call.form.get('assertion'));
    return signer === undefined || signer === issuerEmail || account.hasPlace(signer);
  },
  delays: { createMs: 60_000, revokeMs: 60_000 },
  pageSize: 100,
  capacity: keysAtMost,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric.'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: '/token',
      when: call => assertionOf(call).claims.iss === issuerEmail,
      answer: token,
    },
    { kind: 'verify', method: 'POST', path: '/token', answer: token },
    { kind: 'create', method: 'POST', path: keysPath, answer: onAccount(create) },
    {
      kind: 'list',
      method: 'GET',
      path: keysPath,
      answer: onAccount((_call, account, email) => {
        const keys = account.present(email).map(shown);
        return { status: 200, body: keys.length ? { keys } : {} };
      }),
    },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: `${keysPath}/{id}`,
      answer: onAccount((call, account, email) => {
        const key = account.find(email, call.params.id);
        if (!key) return failure(404, 'NOT_FOUND', 'Service account key does not exist.');
        account.revoke(key);
        return { status: 200, body: {}, key };
      }),
    },
  ],
  verifyAnswers: [
    ['a key that was deleted or switched off', 'rejected', wrongSignature(), seen],
    [
      'a key of an account that is not there',
      'unknown',
      grantRefused('Invalid grant: account not found'),
      'general knowledge',
    ],
    [
      'a caller with a wrong clock',
      'unknown',
      grantRefused(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
      ),
      'corroborated 2026-11-28 https://github.com/erebusnz/gapi-google-analytics-php-interface/issues/147',
    ],
    [
      'a key of an account that is switched off',
      'unknown',
      {
        status: 401,
        body: { error: 'disabled_client', error_description: 'The OAuth client was disabled.' },
      },
      'general knowledge',
    ],
    [
      'a key of an account that was deleted',
      'unknown',
      { status: 401, body: { error: 'deleted_client', error_description: 'The OAuth client was deleted.' } },
      'corroborated 2026-11-28 https://github.com/websightgmbh/l5-google-cloud-storage/issues/6',
    ],
    [
      'a scope that a policy blocks',
      'unknown',
      { status: 403, body: { error: 'access_denied', error_description: 'Account restricted' } },
      'general knowledge',
    ],
  ],
  use: (value, _settings, now) => ({
    url: `${login}/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertionBy(value.secret, value.keyId, String(value.clientEmail), unixSeconds(now)),
    }).toString(),
  }),
};
