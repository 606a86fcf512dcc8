import { bearerOf, type Dialect, type WireReply } from '../dialect';
import { keyedRoute, keyRoutes, retryAfter } from '../key-routes';

const issuerToken = `glsa_${'FAKESECRETissuer'.padEnd(32, '0')}_00000000`;

const failure = (status: number, message: string, messageId?: string): WireReply => ({
  status,
  body: { message, ...(messageId && { messageId, statusCode: status, traceID: '', extra: null }) },
});
const invalid = () => failure(401, 'Invalid API key', 'api-key.invalid');
const source = 'source 2026-11-29 https://github.com/grafana/grafana pkg/services/authn/clients/api_key.go';

export const grafana: Dialect = {
  provider: 'grafana',
  evidence: [
    'source 2026-11-29 https://github.com/grafana/grafana pkg/services/serviceaccounts/api/token.go; answers to tokens: pkg/services/authn/clients/api_key.go',
    'docs 2026-11-28 https://grafana.com/docs/grafana/latest/developers/http_api/serviceaccount/',
    'memory 2026-11-28 names have at most 190 characters; every role may read /api/org, or is told what it lacks',
  ],
  sample: { settings: { host: 'acme.grafana.net', serviceAccountId: '12' }, scopes: [] },
  origins: settings => [`https://${settings.host}`],
  place: settings => `${settings.host} ${settings.serviceAccountId}`,
  issuer: settings => ({ host: String(settings.host), token: issuerToken }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'too many requests'),
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    ...keyRoutes({
      path: '/api/serviceaccounts/{account}/tokens',
      refuse: call => (bearerOf(call) === issuerToken ? undefined : invalid()),
      place: call => `${new URL(call.origin).host} ${call.params.account}`,
      create(call, account, place) {
        const { name = '', secondsToLive = 0 } = call.json as { name?: string; secondsToLive?: number };
        if (account.keys.some(key => key.name === name && !key.revokedAt))
          return failure(409, 'service account token with given name already exists in the organization');
        const key = account.add({
          id: String(Number(account.fresh(6, '123456789'))),
          place,
          name,
          secret: `glsa_${account.freshSecret(32)}_${account.fresh(8, '0123456789abcdef')}`,
          details: {
            expiration: secondsToLive ? new Date(Number(account.now()) + secondsToLive * 1000) : null,
          },
        });
        return { status: 200, body: { id: Number(key.id), name, key: key.secret }, key };
      },
      list: keys => ({
        status: 200,
        body: keys.map(({ id, name, createdAt, lastUsedAt, details }) => ({
          id: Number(id),
          name,
          created: createdAt.toISOString(),
          lastUsedAt: lastUsedAt?.toISOString() ?? null,
          expiration: details.expiration,
          secondsUntilExpiration: 0,
          hasExpired: false,
          isRevoked: false,
        })),
      }),
      revoked: () => ({ status: 200, body: { message: 'Service account token deleted' } }),
      missing: () => failure(404, 'Failed to delete service account token'),
    }),
    keyedRoute({
      kind: 'verify',
      method: 'GET',
      path: '/api/org',
      secretOf: bearerOf,
      refused: invalid(),
      issuer: call =>
        bearerOf(call) === issuerToken ? { status: 200, body: { id: 1, name: 'Main Org.' } } : undefined,
      answer: () => ({ status: 200, body: { id: 1, name: 'Main Org.' } }),
    }),
    keyedRoute({
      kind: 'use',
      method: 'GET',
      path: '/api/search',
      secretOf: bearerOf,
      refused: invalid(),
      answer: () => ({ status: 200, body: [{ uid: 'orders', title: 'Orders' }] }),
    }),
  ],
  verifyAnswers: [
    ['a deleted token, or one of another Grafana', 'denied', invalid(), source],
    ['a token that has ended', 'rejected', failure(401, 'Expired API key', 'api-key.expired'), source],
    ['a token that was revoked', 'rejected', failure(401, 'Revoked API key', 'api-key.revoked'), source],
    [
      'a token of another organization',
      'unknown',
      failure(401, 'API key does not belong to the requested organization', 'api-key.organization-mismatch'),
      source,
    ],
    [
      'a token of a service account that is switched off',
      'unknown',
      failure(401, 'Unauthorized', 'auth.unauthorized'),
      'general knowledge',
    ],
    ['a request without the header', 'unknown', failure(401, 'Unauthorized'), 'general knowledge'],
    [
      'a token whose role may not read the organization',
      'accepted',
      {
        status: 403,
        body: {
          accessErrorId: 'ACE0000000000',
          message: "You'll need additional permissions to perform this action. Permissions needed: orgs:read",
          title: 'Access denied',
        },
      },
      'source 2026-11-28 https://github.com/grafana/grafana pkg/services/accesscontrol/middleware.go',
    ],
    [
      'an address that the allowlist of Grafana Cloud does not have',
      'unknown',
      { status: 403, body: 'Access denied' },
      'general knowledge',
    ],
  ],
  use: (value, settings) => ({
    url: `https://${settings.host}/api/search?query=orders`,
    method: 'GET',
    headers: { authorization: `Bearer ${value.secret}` },
  }),
};
