import { bearerOf } from '../dialect';
import { exchangeRoute, oauthError, oauthToken } from '../federation';
import { tokenDialect } from '../federations/token-dialect';
import { keyedRoute } from '../key-routes';

const api = 'https://api.buildkite.com';
const refused = {
  status: 401,
  body: { message: 'Authentication required. Please supply a valid API Access Token' },
};

export const buildkite = tokenDialect({
  provider: 'buildkite',
  evidence: [
    'docs 2026-11-29 https://buildkite.com/docs/apis/workload-identity-federation: a form with client_credentials, the client id and the JWT as assertion; https://buildkite.com/docs/apis/workload-identity-federation/aws: the subject is the role, no claims',
    'seen 2026-11-29 the parameter scope, in https://buildkite.com/resources/plugins/elastic/buildkite-auth-buildkite-plugin',
    'memory 2026-11-29 that a token lives for an hour at most, the words of refusals, and that a JWT is taken once',
  ],
  federation: {
    sample: { clientId: 'support', audience: 'https://buildkite.com/acme', scopes: ['read_builds'] },
    other: { clientId: 'other', audience: 'https://buildkite.com/acme' },
    origins: () => ['https://buildkite.com', api],
  },
  routes: [
    exchangeRoute({
      origin: 'https://buildkite.com',
      path: '/oauth/token',
      encoding: 'form',
      jwtField: 'client_assertion',
      fields: ({ clientId }) => ({
        grant_type: 'client_credentials',
        client_id: String(clientId),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }),
      optional: ['scope'],
      audience: ({ audience }) => String(audience),
      algorithms: ['RS256'],
      malformed: oauthError(400, 'invalid_request'),
      refused: oauthError(401, 'invalid_client'),
      token: account => account.freshSecret(40),
      lives: () => 3600,
      granted: oauthToken({ scope: 'read_builds' }),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/v2/access-token',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: { uuid: 'b63254c0', scopes: ['read_builds'] } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/v2/organizations/acme/pipelines',
      secretOf: bearerOf,
      refused,
      answer: () => ({ status: 200, body: [] }),
    }),
  ],
  use: ({ secret }) => ({
    url: `${api}/v2/organizations/acme/pipelines`,
    method: 'GET',
    headers: { authorization: `Bearer ${secret}` },
  }),
});
