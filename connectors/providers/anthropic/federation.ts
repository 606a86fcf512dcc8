// https://platform.claude.com/docs/en/manage-claude/workload-identity-federation: a federation rule lets one AWS role act as a
// service account in a workspace. Its API to archive rules takes no admin key, so that a person takes the trust away. Servers send
// the token as Bearer, with `anthropic-beta: oauth-2025-04-20`, and no x-api-key.
import * as z from 'zod/mini';
import type { FederateConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import { exchangeIdentity, grants } from '../../http/token-exchange';

export interface FederationSettings {
  /** The federation rule: `fdrl_...`. */
  rule: string;
  /** The id of the organization. */
  organization: string;
  /** The service account: `svac_...`. */
  serviceAccount: string;
  /** The workspace, where the rule is for several: `wrkspc_...` or `default`. */
  workspace?: string;
  /** As the rule has it. @default 'https://api.anthropic.com' */
  audience?: string;
}

const api = 'https://api.anthropic.com';
const oauth = 'oauth-2025-04-20';
const trustOf = ({ rule }: FederationSettings) => `the federation rule ${rule}`;

export const federation: FederateConnector<never, FederationSettings> = {
  provider: 'anthropic',
  title: 'Anthropic',
  kind: 'federate',
  origins: () => [api],
  settings: z.strictObject({
    rule: z.string().check(z.regex(/^fdrl_\w{1,100}$/)),
    organization: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
    serviceAccount: z.string().check(z.regex(/^svac_\w{1,100}$/)),
    workspace: z.optional(z.string().check(z.regex(/^(wrkspc_\w{1,100}|default)$/))),
    audience: z.optional(z.string().check(z.minLength(1))),
  }),
  scopes: 'none',
  example: {
    env: 'ANTHROPIC_AUTH_TOKEN',
    settings: {
      rule: 'fdrl_example',
      organization: '00000000-0000-4000-8000-000000000000',
      serviceAccount: 'svac_example',
    },
    replace: 'rule, organization and serviceAccount: the ids that the Claude Console shows for them.',
  },
  secretPattern: /^sk-ant-oat\d\d-[\w-]{10,}$/,
  secretMark: /^sk-ant-oat/,
  callOrigins: () => [api],
  presents: [bearer],
  placeholder: `sk-ant-oat01-${placeholder(40)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'register the AWS account as a federation issuer and make a rule for this role, with a service account of its own and a token lifetime of an hour at most (Claude Console, Settings, Workload identity)',
    end: 'archive the federation rule of this role (Claude Console, Settings, Workload identity)',
  },
  trustOf,
  audience: ({ audience = api }) => audience,
  algorithm: 'RS256',
  identitySeconds: 900,
  tokenSecondsAtMost: 3600,

  exchange(http, identity, settings) {
    const json = {
      grant_type: grants.jwtBearer,
      assertion: identity,
      federation_rule_id: settings.rule,
      organization_id: settings.organization,
      service_account_id: settings.serviceAccount,
      ...(settings.workspace && { workspace_id: settings.workspace }),
    };
    const headers = { 'anthropic-beta': `${oauth},oidc-federation-2026-04-01` };
    const about = { title: 'Anthropic', trust: trustOf(settings), identity };
    return exchangeIdentity(http, '/v1/oauth/token', { json, headers }, about);
  },

  verify(http, { secret }) {
    const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': oauth };
    return http.probe('GET', '/v1/models', { query: { limit: 1 }, headers, bearer: secret }, [
      ['accepted', 200, z.object({ data: z.array(z.object({ type: z.literal('model') })) })],
    ]);
  },
};
