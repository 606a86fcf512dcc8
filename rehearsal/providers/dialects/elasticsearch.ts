import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import { keyedRoute, keyRoutes, retryAfter } from '../key-routes';

const issuer = { username: 'keyturn', password: 'FAKESECRETissuer0000000000' };

const failure = (status: number, type: string, reason: string): WireReply => ({
  status,
  headers: { 'www-authenticate': 'ApiKey' },
  body: { error: { root_cause: [{ type, reason }], type, reason }, status },
});
const security = (status: number, reason: string) => failure(status, 'security_exception', reason);
const unknown = () =>
  security(
    401,
    'unable to authenticate with provided credentials and anonymous access is not allowed for this request',
  );
const isIssuer = (call: WireCall) => basicOf(call)?.password === issuer.password;
const keyOf = ({ headers }: WireCall) => /^ApiKey (.+)$/.exec(headers.authorization ?? '')?.[1];
const source =
  'source 2026-11-28 https://github.com/elastic/elasticsearch x-pack/plugin/core DefaultAuthenticationFailureHandler';

export const elasticsearch: Dialect = {
  provider: 'elasticsearch',
  evidence: [
    'openapi 2026-11-28 https://github.com/elastic/elasticsearch-specification output/openapi/elasticsearch-serverless-openapi.json: /_security/api_key, /_security/_authenticate',
    'docs 2026-11-28 https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key',
    'source 2026-11-28 https://github.com/elastic/elasticsearch: words of refusals; that an unknown id is 404',
    'memory 2026-11-28 a name may have 256 characters',
  ],
  sample: {
    settings: {
      host: 'acme.es.eu-central-1.aws.elastic.cloud',
      roles: { reader: { indices: [{ names: ['orders-*'], privileges: ['read'] }] } },
    },
    scopes: [],
  },
  origins: settings => [`https://${settings.host}`],
  place: settings => String(settings.host),
  issuer: settings => ({ host: String(settings.host), ...issuer }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'es_rejected_execution_exception', 'rejected execution'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/_security/api_key',
      ending: {
        method: 'DELETE',
        path: '/_security/api_key',
        idIn: call => (call.json as { ids?: string[] }).ids?.[0],
      },
      refuse: call => (isIssuer(call) ? undefined : unknown()),
      place: call => new URL(call.origin).host,
      create(call, account, place) {
        const {
          name = '',
          expiration,
          role_descriptors,
        } = call.json as {
          name?: string;
          expiration?: string;
          role_descriptors?: object;
        };
        if (!role_descriptors) return failure(400, 'illegal_argument_exception', 'no rights');
        const [id, apiKey] = [account.fresh(20), account.freshSecret(22)];
        const encoded = Buffer.from(`${id}:${apiKey}`).toString('base64');
        const end = expiration ? Number(account.now()) + Number.parseInt(expiration, 10) * 1000 : undefined;
        const key = account.add({ id, place, name, secret: encoded, details: { expiration: end } });
        return { status: 200, body: { id, name, expiration: end, api_key: apiKey, encoded }, key };
      },
      list: keys => ({
        status: 200,
        body: {
          api_keys: keys.map(({ id, name, createdAt, details }) => ({
            id,
            name,
            type: 'rest',
            creation: createdAt.getTime(),
            expiration: details.expiration,
            invalidated: false,
            username: issuer.username,
            realm: 'native',
            metadata: {},
          })),
        },
      }),
      revoked: ({ id }) => ({
        status: 200,
        body: { invalidated_api_keys: [id], previously_invalidated_api_keys: [], error_count: 0 },
      }),
      missing: id => failure(404, 'resource_not_found_exception', `no API key with id [${id}] found`),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/_security/_authenticate',
      secretOf: keyOf,
      refused: unknown(),
      issuer: call =>
        isIssuer(call)
          ? { status: 200, body: { username: issuer.username, authentication_type: 'realm' } }
          : undefined,
      answer: ({ id, name }) => ({
        status: 200,
        body: { username: issuer.username, authentication_type: 'api_key', api_key: { id, name } },
      }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/{index}/_search',
      secretOf: keyOf,
      refused: unknown(),
      answer: () => ({ status: 200, body: { hits: { total: { value: 0 }, hits: [] } } }),
    }),
  ],
  verifyAnswers: [
    ['a key that has ended, or one of another cluster', 'denied', unknown(), source],
    [
      'a request without the header',
      'unknown',
      security(401, 'missing authentication credentials for REST request [/_security/_authenticate]'),
      source,
    ],
    [
      'a licence that has expired',
      'unknown',
      security(403, 'current license is non-compliant for [security]'),
      source,
    ],
    [
      'an address that a traffic filter does not have',
      'unknown',
      { status: 403, body: 'Forbidden' },
      'general knowledge',
    ],
    [
      'a key that may not do this',
      'unknown',
      security(403, 'action [cluster:monitor/main] is unauthorized for API key id [0] of user [keyturn]'),
      source,
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/orders-2026/_search`,
    method: 'POST',
    headers: { authorization: `ApiKey ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: { term: { order: 17 } } }),
  }),
};
