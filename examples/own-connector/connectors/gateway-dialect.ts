// What the gateway says on the wire, written from its documentation. `exchangeRoute` checks each JWT as a provider does: by the key
// set of its issuer, and by what an admin has registered.
import {
  bearerOf,
  type Dialect,
  exchangeRoute,
  type FakeAccount,
  keyedRoute,
  oauthError,
  oauthToken,
  type Route,
  tokenDialect,
  type WireCall,
} from 'keyturn/connectors/suite';

const origin = 'https://models.example.com';
const admin = 'gw_FAKESECRETadmin000000000000';
const models = {
  secretOf: bearerOf,
  refused: { status: 401, body: { error: 'invalid_token' } },
  answer: () => ({ status: 200, body: { models: ['small', 'large'] } }),
};

/** The admins' own API. */
function adminRoute(kind: 'list' | 'revoke', method: string): Route {
  return {
    kind,
    method,
    path: '/admin/clients/{client}',
    answer(call: WireCall, account: FakeAccount) {
      if (bearerOf(call) !== admin) return { status: 403, body: { error: 'not an admin' } };
      const trust = account.trusts.find(({ settings }) => settings.client === call.params.client);
      if (!trust) return { status: 404, body: { error: 'no such client' } };
      if (call.json.enabled === false) trust.enabled = false;
      return { status: 200, body: { enabled: trust.enabled } };
    },
  };
}

export const dialect: Dialect = {
  ...tokenDialect({
    provider: 'gateway',
    evidence: ['source 2026-11-29 https://git.example.com/platform/gateway'],
    federation: {
      sample: { client: 'search' },
      other: { client: 'other' },
      origins: () => [origin],
    },
    routes: [
      exchangeRoute({
        origin,
        path: '/oauth/token',
        encoding: 'form',
        jwtField: 'assertion',
        fields: ({ client }) => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          client_id: String(client),
        }),
        audience: () => origin,
        algorithms: ['RS256'],
        malformed: oauthError(400, 'invalid_request'),
        refused: oauthError(400, 'invalid_grant'),
        token: account => account.freshSecret(40),
        lives: () => 600,
        granted: oauthToken(),
      }),
      adminRoute('list', 'GET'),
      adminRoute('revoke', 'PATCH'),
      keyedRoute({ kind: 'verify', method: 'GET', path: '/v1/models', ...models }),
      keyedRoute({ kind: 'use', method: 'POST', path: '/v1/completions', ...models }),
    ],
    use: ({ secret }) => ({
      url: `${origin}/v1/completions`,
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: '{}',
    }),
  }),
  issuer: () => ({ adminToken: admin }),
};
