import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { type Dialect, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';
import { retryAfter } from '../key-routes';

const [iam, login] = ['https://iam.googleapis.com', 'https://oauth2.googleapis.com'];
const keysAtMost = 10;

const pairs: { publicKey: string; privateKey: string }[] = [];

/** The n-th pair of this process: short, since making one takes long, and an account never sees the same twice. The first is the issuer's. */
function keyPair(n: number) {
  pairs[n] ??= generateKeyPairSync('rsa', {
    modulusLength: 512,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return pairs[n];
}

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
const grantRefused = (error_description: string, error = 'invalid_grant'): WireReply => ({
  status: 400,
  body: { error, error_description },
});
const wrongSignature = () => grantRefused('Invalid JWT Signature.');

interface Assertion {
  head: { alg?: string; kid?: string };
  claims: { iss?: string; aud?: string; scope?: string; iat?: number; exp?: number };
  isSignedBy(publicKey: string): boolean;
}

function assertionOf({ form }: WireCall): Assertion {
  const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const read = (part: string) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString());
    } catch {
      return {};
    }
  };
  return {
    head: read(head),
    claims: read(body),
    isSignedBy: publicKey =>
      verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url')),
  };
}

function token(call: WireCall, account: FakeAccount): WireReply {
  const { head, claims, isSignedBy } = assertionOf(call);
  if (call.form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return grantRefused('Invalid grant_type', 'unsupported_grant_type');
  const now = unixSeconds(account.now());
  const { iss, aud, iat = 0, exp = 0 } = claims;
  if (head.alg !== 'RS256' || aud !== `${login}/token`)
    return grantRefused('Invalid JWT: Failed audience check.');
  if (iat > now + 60 || exp <= now || exp > iat + 3600)
    return grantRefused(
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    );
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
  const { publicKey, privateKey } = keyPair(account.keys.length + 1);
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

/** As a server's library makes one; what is no key signs nothing. */
function assertionBy(privateKey: string, kid: string, iss: string, iat: number): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const scope = 'https://www.googleapis.com/auth/cloud-platform';
  const claims = { iss, scope, aud: `${login}/token`, iat, exp: iat + 3600 };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
  const isKey = privateKey.includes('END PRIVATE KEY');
  return `${signed}.${isKey ? sign('sha256', Buffer.from(signed), privateKey).toString('base64url') : 'none'}`;
}
