import { bearerOf, type Dialect, signerOf, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { assertionOf, faultOf, grantRefused, keyPair, login, wrongSignature } from '../google-login';
import { retryAfter } from '../key-routes';

const storage = 'https://storage.googleapis.com';
const auth = 'https://www.googleapis.com/auth';
const leastScope = `${auth}/userinfo.email`;
const known = ['devstorage.read_only', 'devstorage.read_write', 'bigquery.readonly', 'userinfo.email'];
const tokenSeconds = 3599;

const isKnown = (scope: string, { planned }: FakeAccount) =>
  planned.has(scope) || known.some(name => scope === `${auth}/${name}`);
const notAToken = (): WireReply => ({
  status: 400,
  body: { error: 'invalid_token', error_description: 'Invalid Value' },
});
const unauthenticated: WireReply = {
  status: 401,
  body: {
    error: {
      code: 401,
      message:
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      status: 'UNAUTHENTICATED',
    },
  },
};
const scopesIn = (call: WireCall) => (assertionOf(call).claims.scope ?? '').split(' ');

function token(call: WireCall, account: FakeAccount): WireReply {
  const fault = faultOf(call, account);
  if (fault) return fault;
  const { head, claims, isSignedBy } = assertionOf(call);
  if (!account.hasPlace(String(claims.iss))) return grantRefused('Invalid grant: account not found');
  const named = account.keys.find(({ id, place }) => id === head.kid && place === claims.iss);
  const key = named && isSignedBy(String(named.details.publicKey)) ? account.enter(named.secret) : undefined;
  if (!key) return { ...wrongSignature(), key: named };
  const scopes = scopesIn(call);
  if (!scopes.every(scope => isKnown(scope, account)))
    return { ...grantRefused('Invalid OAuth scope or ID token audience provided.', 'invalid_scope'), key };
  const expiresAt = new Date(account.now().getTime() + tokenSeconds * 1000);
  const made = account.add({
    id: account.fresh(12),
    place: 'tokens',
    secret: `ya29.c.${account.freshSecret(60)}`,
    scopes,
    details: { expiresAt },
  });
  return {
    status: 200,
    body: { access_token: made.secret, expires_in: tokenSeconds, token_type: 'Bearer' },
    key,
  };
}

function liveToken(secret: string | null | undefined, account: FakeAccount): FakeKey | undefined {
  const found = account.enter(secret ?? undefined);
  return found?.place === 'tokens' && (found.details.expiresAt as Date) > account.now() ? found : undefined;
}

const docs = 'docs 2026-11-29 https://developers.google.com/identity/protocols/oauth2/service-account';

export const googleTokens: Dialect = {
  provider: 'google-tokens',
  evidence: [
    `${docs}: the assertion, a token of an hour at most, and its answer`,
    'seen 2026-11-29 https://github.com/googleapis/google-cloud-python/issues/10004: the words for a key that was rotated',
    'seen 2026-11-29 the words for a scope that is none: https://generatecode.dev/post/how-to-resolve-invalid_scope-error-in-oauth-20-java',
    'memory 2026-11-29 that tokeninfo tells scopes of such a token, its words for one that has ended, and that no call ends one sooner',
  ],
  sample: {
    settings: { serviceAccount: 'reports@acme-prod.iam.gserviceaccount.com' },
    scopes: [`${auth}/devstorage.read_only`, `${auth}/bigquery.readonly`],
  },
  origins: () => [login, storage],
  place: settings => String(settings.serviceAccount),
  issuer: () => ({}),
  root(settings, account) {
    const { publicKey, privateKey } = keyPair(account.added + 1);
    const id = account.fresh(40, '0123456789abcdef');
    account.add({ id, place: String(settings.serviceAccount), secret: privateKey, details: { publicKey } });
    // A part of it is as bad as the whole.
    for (const line of privateKey.split('\n').slice(1, -2)) account.remember(line);
    return {
      secret: privateKey,
      keyId: id,
      provider: 'google-tokens',
      issuedAt: account.now().toISOString(),
    };
  },
  isOwn(call, account) {
    const signer = signerOf(call.form.get('assertion'));
    return signer === undefined || account.hasPlace(signer);
  },
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: (now, resetAt) => ({
    status: 429,
    body: { error: 'rate_limit_exceeded', error_description: 'Quota exceeded' },
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'verify',
      method: 'POST',
      path: '/token',
      when: call => scopesIn(call).join(' ') === leastScope,
      answer: token,
    },
    { kind: 'other', method: 'POST', path: '/token', answer: token },
    {
      kind: 'other',
      method: 'GET',
      path: '/tokeninfo',
      answer(call, account) {
        const found = liveToken(call.query.get('access_token'), account);
        if (!found) return notAToken();
        const end = unixSeconds(found.details.expiresAt as Date);
        const body = {
          scope: found.scopes.join(' '),
          exp: String(end),
          expires_in: String(end - unixSeconds(account.now())),
        };
        return { status: 200, body: { ...body, access_type: 'online' } };
      },
    },
    {
      kind: 'use',
      method: 'GET',
      path: '/storage/v1/b',
      answer: (call, account) =>
        liveToken(bearerOf(call), account)
          ? { status: 200, body: { kind: 'storage#buckets' } }
          : unauthenticated,
    },
  ],
  verifyAnswers: [
    [
      'a key that was deleted or switched off',
      'rejected',
      wrongSignature(),
      'seen by third parties 2026-11-28 https://github.com/googleapis/google-cloud-python/issues/10004',
    ],
    [
      'a key of an account that is not there',
      'unknown',
      grantRefused('Invalid grant: account not found'),
      'memory 2026-11-29',
    ],
    [
      'a caller with a wrong clock',
      'unknown',
      grantRefused(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
      ),
      'seen by third parties 2026-11-28 https://github.com/erebusnz/gapi-google-analytics-php-interface/issues/147',
    ],
    [
      'a key of an account that is switched off',
      'unknown',
      {
        status: 401,
        body: { error: 'disabled_client', error_description: 'The OAuth client was disabled.' },
      },
      'memory 2026-11-29',
    ],
    [
      'a key of an account that was deleted',
      'unknown',
      { status: 401, body: { error: 'deleted_client', error_description: 'The OAuth client was deleted.' } },
      'seen by third parties 2026-11-28 https://github.com/websightgmbh/l5-google-cloud-storage/issues/6',
    ],
    [
      'a scope that a policy blocks',
      'unknown',
      { status: 403, body: { error: 'access_denied', error_description: 'Account restricted' } },
      'memory 2026-11-29',
    ],
  ],
  use: value => ({
    url: `${storage}/storage/v1/b`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
