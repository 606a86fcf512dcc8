import { failure, forbidden, issuer, listed, ofOrganization, uuid } from '../datadog-organization';
import type { Dialect, WireCall } from '../dialect';
import type { FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes } from '../key-routes';

const place = 'organization';

const apiKeyOf = ({ headers }: WireCall) => headers['dd-api-key'];
const isIssuer = (call: WireCall) =>
  apiKeyOf(call) === issuer.apiKey && call.headers['dd-application-key'] === issuer.applicationKey;
const docs = 'docs 2026-11-28 https://docs.datadoghq.com/account_management/api-app-keys/';

export const datadog: Dialect = {
  provider: 'datadog',
  awsValue: ({ keyId, secret }) => ({ apiKey: secret, apiKeyId: keyId }),
  evidence: [
    'openapi 2026-11-28 https://github.com/DataDog/datadog-api-client-typescript .generator/schemas/v2/openapi.yaml: /api/v2/api_keys; v1: /api/v1/validate',
    'recorded 2026-11-28 https://github.com/DataDog/datadog-api-client-typescript cassettes of the key management API',
    'docs 2026-11-28 https://docs.datadoghq.com/account_management/api-app-keys/: keys take a few seconds to begin and to end (3 s here); 50 keys an organization',
    'seen 2026-11-29 a web page of 403 to a key of another shape: https://github.com/zorkian/go-datadog-api/issues/286',
    'memory 2026-11-28 a name may have 100 characters',
  ],
  described: { files: ['datadog-v2.json', 'datadog-v1.json'], known: [] },
  sample: { settings: { site: 'datadoghq.eu' }, scopes: [] },
  ...ofOrganization,
  place: () => place,
  routes: [
    ...keyRoutes({
      path: '/api/v2/api_keys',
      refuse: call => (isIssuer(call) ? undefined : forbidden()),
      place: () => place,
      create(call, account) {
        const { attributes } = (call.json as { data: { attributes: { name?: string } } }).data;
        if (!attributes.name) return failure(400, 'name is required');
        const secret = account.fresh(32, '0123456789abcdef');
        const key = account.add({
          id: uuid(length => account.fresh(length, '0123456789abcdef')),
          place,
          name: attributes.name,
          secret,
        });
        const { data } = told(key);
        return {
          status: 201,
          body: { data: { ...data, attributes: { ...data.attributes, key: secret } } },
          key,
        };
      },
      list: (keys, call) => listed(keys, call, key => told(key).data, { max_allowed: 50 }),
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'API key not found'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/v1/validate',
      secretOf: apiKeyOf,
      refused: forbidden(),
      issuer: call => (apiKeyOf(call) === issuer.apiKey ? { status: 200, body: { valid: true } } : undefined),
      answer: () => ({ status: 200, body: { valid: true } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'POST',
      path: '/api/v2/series',
      secretOf: apiKeyOf,
      refused: forbidden(),
      answer: () => ({ status: 202, body: { errors: [] } }),
    }),
  ],
  verifyAnswers: [
    ['a deleted key, or one of another site', 'denied', forbidden(), docs],
    [
      'a key of another shape',
      'unknown',
      {
        status: 403,
        headers: { 'content-type': 'text/html' },
        body: '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
      },
      'seen by third parties 2026-11-29 https://github.com/zorkian/go-datadog-api/issues/286',
    ],
    ['a request without the key', 'unknown', failure(401, 'Unauthorized'), 'general knowledge'],
    [
      'an address that the allowlist does not have',
      'unknown',
      failure(403, 'Forbidden: this IP address is not in the allowlist'),
      'general knowledge',
    ],
  ],
  use: (value, settings) => ({
    url: `https://api.${settings.site}/api/v2/series`,
    method: 'POST',
    headers: { 'dd-api-key': value.secret, 'content-type': 'application/json' },
    body: JSON.stringify({ series: [{ metric: 'orders.paid', points: [{ timestamp: 1, value: 17 }] }] }),
  }),
};

function told({ id, name, createdAt, lastUsedAt, secret }: FakeKey) {
  const attributes = {
    name,
    last4: secret.slice(-4),
    category: 'default',
    created_at: createdAt.toISOString(),
    modified_at: createdAt.toISOString(),
    date_last_used: lastUsedAt?.toISOString() ?? null,
    remote_config_read_enabled: true,
  };
  return { data: { type: 'api_keys', id, attributes } };
}
