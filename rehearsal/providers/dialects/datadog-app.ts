import { failure, forbidden, issuer, listed, ofOrganization, uuid } from '../datadog-organization';
import type { Dialect, WireCall } from '../dialect';
import type { FakeKey } from '../fake-account';
import { keyedRoute, keyRoutes } from '../key-routes';

/** What the server holds beside its application key. */
const companion = 'FAKESECRETcompanion0000000000000';

const serviceAccountId = '7b2f1d3e-0000-4000-8000-00000000000a';
const isLive = (apiKey: string | undefined) => apiKey === issuer.apiKey || apiKey === companion;
const appKeyOf = ({ headers }: WireCall) =>
  isLive(headers['dd-api-key']) ? headers['dd-application-key'] : undefined;
const isIssuer = (call: WireCall) => appKeyOf(call) === issuer.applicationKey;
const docs =
  'docs 2026-11-29 https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/';

export const datadogApp: Dialect = {
  provider: 'datadog-app',
  awsValue: ({ keyId, secret }, { serviceAccountId }) => ({
    appKey: secret,
    appKeyId: keyId,
    serviceAccountId: String(serviceAccountId),
  }),
  evidence: [
    'openapi 2026-11-28 https://github.com/DataDog/datadog-api-client-typescript .generator/schemas/v2/openapi.yaml: /api/v2/service_accounts/{id}/application_keys',
    `${docs}: {"status": "ok"}, 401 or 403`,
    'docs 2026-11-28 https://docs.datadoghq.com/account_management/api-app-keys/: keys take a few seconds to begin and to end (3 s here), and are shown once',
    'memory 2026-11-29 the words for an application key that is not valid, and a name may have 100 characters',
  ],
  described: {
    files: ['datadog-v2.json'],
    known: [
      [
        'GET /api/v2/validate_keys: this call is not described',
        'the slice was cut before; it is documented: https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/',
      ],
    ],
  },
  sample: {
    settings: { site: 'datadoghq.eu', serviceAccountId },
    scopes: ['dashboards_read', 'monitors_read'],
  },
  ...ofOrganization,
  place: settings => String(settings.serviceAccountId),
  routes: [
    ...keyRoutes({
      path: '/api/v2/service_accounts/{account}/application_keys',
      refuse: call => (isIssuer(call) ? undefined : forbidden()),
      place: call => String(call.params.account),
      create(call, account, place) {
        const { attributes } = (call.json as { data: { attributes: { name?: string; scopes?: string[] } } })
          .data;
        if (!attributes.name) return failure(400, 'name is required');
        if (!account.hasPlace(place)) return failure(404, 'Service account not found');
        const hex = (length: number) => account.fresh(length, '0123456789abcdef');
        const key = account.add({
          id: uuid(hex),
          place,
          name: attributes.name,
          scopes: attributes.scopes ?? [],
          secret: hex(40),
        });
        const { attributes: shown, ...rest } = told(key);
        const { last4: _last4, ...others } = shown;
        return {
          status: 201,
          body: { data: { ...rest, attributes: { ...others, key: key.secret, last4: shown.last4 } } },
          key,
        };
      },
      list: (keys, call) => listed(keys, call, told, { max_allowed_per_user: 1_000 }),
      revoked: () => ({ status: 204 }),
      missing: () => failure(404, 'Application key not found'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/v2/validate_keys',
      secretOf: appKeyOf,
      refused: forbidden(),
      issuer: call => (isIssuer(call) ? { status: 200, body: { status: 'ok' } } : undefined),
      answer: () => ({ status: 200, body: { status: 'ok' } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/api/v1/dashboard',
      secretOf: appKeyOf,
      refused: forbidden(),
      answer: ({ scopes }) =>
        scopes.includes('dashboards_read') ? { status: 200, body: { dashboards: [] } } : forbidden(),
    }),
  ],
  verifyAnswers: [
    ['a deleted key, one of another site, or a companion that was deleted', 'denied', forbidden(), docs],
    ['a request without keys', 'unknown', failure(401, 'Unauthorized'), docs],
    [
      'an address that the allowlist does not have',
      'unknown',
      failure(403, 'Forbidden: this IP address is not in the allowlist'),
      'memory 2026-11-29',
    ],
    [
      'a key of another shape',
      'unknown',
      {
        status: 403,
        body: '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
      },
      'seen by third parties 2026-11-29 https://github.com/zorkian/go-datadog-api/issues/286',
    ],
  ],
  use: (value, settings) => ({
    url: `https://api.${settings.site}/api/v1/dashboard`,
    method: 'GET',
    headers: { 'dd-api-key': companion, 'dd-application-key': value.secret },
  }),
};

function told({ id, name, scopes, createdAt, lastUsedAt, secret }: FakeKey) {
  const attributes = {
    name,
    last4: secret.slice(-4),
    scopes: scopes.length ? scopes : null,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
  return { type: 'application_keys', id, attributes };
}
