import { bearerOf } from '../dialect';
import { exchangeRoute, oauthError, oauthToken } from '../federation';
import { tokenDialect } from '../federations/token-dialect';
import { keyedRoute } from '../key-routes';

const api = 'https://api.onkernel.com';
const auth = 'https://auth.onkernel.com';
const unauthorized = { status: 401, body: { code: 'unauthorized', message: 'unauthorized' } };
const browsers = {
  secretOf: bearerOf,
  refused: unauthorized,
  answer: () => ({ status: 200, body: [{ session_id: 'b1' }] }),
};

export const kernel = tokenDialect({
  provider: 'kernel',
  evidence: [
    'docs 2026-11-29 https://www.kernel.sh/docs/info/workload-identity/reference: the exchange, which takes no other parameter and no Authorization; a token ends with its rule (600 s at most) or its JWT',
    'docs 2026-11-29 https://www.kernel.sh/docs/info/workload-identity/troubleshooting: a JWT of AWS is taken once',
    'docs 2026-11-29 https://www.kernel.sh/docs/info/workload-identity/aws',
    'memory 2026-11-29 RS256; the answer to GET /browsers; the words of a 401',
  ],
  federation: {
    sample: { rule: 'wifr_support' },
    other: { rule: 'wifr_other' },
    origins: () => [auth, api],
  },
  routes: [
    exchangeRoute({
      origin: auth,
      path: '/token',
      encoding: 'form',
      jwtField: 'assertion',
      fields: ({ rule }) => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        federation_rule_id: String(rule),
        resource: api,
      }),
      optional: ['resource'],
      audience: settings => String(settings.audience ?? auth),
      algorithms: ['RS256', 'ES384'],
      malformed: oauthError(400, 'invalid_request'),
      refused: oauthError(400, 'invalid_grant'),
      token: account => account.freshSecret(60),
      lives: identityLeft => Math.min(600, identityLeft),
      granted: oauthToken(),
    }),
    keyedRoute({ kind: 'verify', method: 'GET', path: '/browsers', ...browsers }),
    keyedRoute({ kind: 'use', method: 'POST', path: '/browsers', ...browsers }),
  ],
  use: ({ secret }) => ({
    url: `${api}/browsers`,
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: '{}',
  }),
});
