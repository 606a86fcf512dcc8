// OpenRouter: policies of an organization, each of which lets a role act as one API key.
import { bearerOf, type Evidence, type FederationDialect, type Route, type WireCall } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { exchangeRoute, oauthError, oauthToken } from '../federation';

const origin = 'https://openrouter.ai';

export const federationEvidence: Evidence[] = [
  'docs 2026-11-29 https://openrouter.ai/docs/guides/overview/auth/workload-identity-federation: the exchange, its refusals, 15 minutes or the life of the JWT, and that disabling the key ends tokens at once',
  'memory 2026-11-29 that a policy whose key is disabled gives no token; GET /api/v1/key with a token',
];

export const federation: FederationDialect = {
  sample: { policy: '11111111-1111-4111-8111-111111111111', actsAs: 'a'.repeat(64) },
  other: { policy: '22222222-2222-4222-8222-222222222222', actsAs: 'b'.repeat(64) },
  origins: () => [origin],
};

/** @param issuerKey of the admin, who disables the key that a policy acts as */
export function federationRoutes(issuerKey: string): Route[] {
  const trustOf = (call: WireCall, account: FakeAccount) =>
    account.trusts.find(({ settings }) => settings.actsAs === call.params.hash);
  const admin =
    (carryOut: (call: WireCall, account: FakeAccount) => void): Route['answer'] =>
    (call, account) => {
      if (bearerOf(call) !== issuerKey)
        return { status: 403, body: { error: { code: 403, message: 'Only management keys can do this' } } };
      const trust = trustOf(call, account);
      if (!trust) return { status: 404, body: { error: { code: 404, message: 'Resource not found' } } };
      carryOut(call, account);
      return { status: 200, body: { data: { hash: call.params.hash, disabled: !trust.enabled } } };
    };
  const path = '/api/v1/keys/{hash}';
  return [
    exchangeRoute({
      origin,
      path: '/api/v1/oauth/token',
      encoding: 'form',
      jwtField: 'subject_token',
      fields: ({ policy }) => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        federation_policy_id: String(policy),
      }),
      optional: ['scope', 'requested_token_type', 'audience', 'resource'],
      audience: settings => String(settings.audience ?? `${origin}/api/v1`),
      algorithms: ['RS256', 'ES256'],
      malformed: oauthError(400, 'invalid_request'),
      refused: oauthError(400, 'invalid_grant'),
      token: account => account.freshSecret(80),
      lives: identityLeft => Math.min(900, identityLeft),
      granted: oauthToken({
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        scope: 'inference',
      }),
      takesAgain: true,
    }),
    { kind: 'list', method: 'GET', path, answer: admin(() => {}) },
    {
      kind: 'revoke',
      method: 'PATCH',
      path,
      answer: admin((call, account) => {
        const trust = trustOf(call, account);
        if (!trust || call.json.disabled !== true) return;
        trust.enabled = false;
        for (const key of account.keys) if (key.details.trust === trust) account.revoke(key);
      }),
    },
  ];
}
