// Anthropic: federation rules of an organization, each of which lets a role act as a service account in a workspace.
import { bearerOf, type Evidence, type FederationDialect, type Route, type WireReply } from '../dialect';
import { exchangeRoute, oauthError, oauthToken } from '../federation';
import { keyedRoute } from '../key-routes';

const origin = 'https://api.anthropic.com';
const oauth = 'oauth-2025-04-20';

export const federationEvidence: Evidence[] = [
  'docs 2026-11-29 https://platform.claude.com/docs/en/manage-claude/wif-providers/aws, and the exchange in https://platform.claude.com/docs/en/manage-claude/wif-reference',
  'source 2026-11-29 https://github.com/anthropics/anthropic-sdk-typescript src/lib/credentials/oidc-federation.ts: the fields, and the two values of anthropic-beta',
  'docs 2026-11-29 https://platform.claude.com/docs/en/api/http/organization/federation/rules/archive: takes no admin key, and ends no token',
  'seen 2026-11-29 tokens begin with sk-ant-oat01-; with a JWT of 15 minutes they live for twice as long',
  'memory 2026-11-29 that a rule allows an hour at most, and the words of a 401',
];

export const federation: FederationDialect = {
  sample: {
    rule: 'fdrl_support',
    organization: '11111111-1111-4111-8111-111111111111',
    serviceAccount: 'svac_support',
  },
  other: {
    rule: 'fdrl_other',
    organization: '11111111-1111-4111-8111-111111111111',
    serviceAccount: 'svac_other',
    workspace: 'wrkspc_1',
  },
  origins: () => [origin],
  use: token => ({
    url: `${origin}/v1/messages`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': oauth,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'claude-x', max_tokens: 8, messages: [] }),
  }),
};

const refused: WireReply = {
  status: 401,
  body: { type: 'error', error: { type: 'authentication_error', message: 'Invalid bearer token' } },
};
const hasBeta = (headers: Record<string, string>, beta: string) =>
  headers['anthropic-beta']?.split(',').includes(beta) ?? false;

/** With a token, where calls with keys have the same paths. */
function tokenRoute(kind: Route['kind'], method: string, path: string, body: object): Route {
  return {
    ...keyedRoute({
      kind,
      method,
      path,
      secretOf: call => (hasBeta(call.headers, oauth) ? bearerOf(call) : undefined),
      refused,
      answer: () => ({ status: 200, body }),
    }),
    when: call => bearerOf(call) !== undefined,
  };
}

export function federationRoutes(): Route[] {
  const exchange = exchangeRoute({
    origin,
    path: '/v1/oauth/token',
    encoding: 'json',
    jwtField: 'assertion',
    fields: ({ rule, organization, serviceAccount, workspace }) => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      federation_rule_id: String(rule),
      organization_id: String(organization),
      service_account_id: String(serviceAccount),
      ...(workspace ? { workspace_id: String(workspace) } : {}),
    }),
    optional: ['workspace_id'],
    audience: settings => String(settings.audience ?? origin),
    algorithms: ['RS256'],
    malformed: oauthError(400, 'invalid_request'),
    refused: oauthError(401, 'invalid_grant'),
    token: account => `sk-ant-oat01-${account.freshSecret(60)}`,
    lives: identityLeft => Math.min(3600, 2 * identityLeft),
    granted: oauthToken(),
  });
  return [
    // Another service answers to whoever does not name this version.
    { ...exchange, when: call => hasBeta(call.headers, 'oidc-federation-2026-04-01') },
    tokenRoute('verify', 'GET', '/v1/models', { data: [{ type: 'model', id: 'claude-x' }], has_more: false }),
    tokenRoute('use', 'POST', '/v1/messages', { type: 'message', content: [] }),
  ];
}
