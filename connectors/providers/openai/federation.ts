// https://developers.openai.com/api/reference/workload-identity-federation: a workload identity provider of the organization
// trusts the AWS account, and a federation rule of it lets one role act as one service account.
import * as z from 'zod/mini';
import type { FederateConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import type { Http } from '../../http/http';
import { everyPage } from '../../http/paging';
import { exchangeIdentity, grants, jwtType } from '../../http/token-exchange';
import { askForModels } from './models';

export interface FederationSettings {
  /** Of the organization, which trusts the AWS account: `idp_...`. */
  identityProvider: string;
  /** That the server acts as; no other server's, or an emergency would end both. */
  serviceAccount: string;
  /** As the identity provider has it. @default 'https://api.openai.com/v1' */
  audience?: string;
}

const api = 'https://api.openai.com';
const id = z.string().check(z.regex(/^[\w-]{1,100}$/));
const rules = z.object({
  data: z.array(z.object({ id: z.string(), enabled: z.boolean(), service_account_id: z.string() })),
  has_more: z.boolean(),
  last_id: z.nullish(z.string()),
});
const needs = 'the right to manage workload identity';

export const federation: FederateConnector<{ adminKey: string }, FederationSettings> = {
  provider: 'openai',
  title: 'OpenAI',
  kind: 'federate',
  origins: () => ['https://auth.openai.com', api],
  settings: z.strictObject({
    identityProvider: id,
    serviceAccount: id,
    audience: z.optional(z.string().check(z.minLength(1))),
  }),
  scopes: 'none',
  example: {
    env: 'OPENAI_API_KEY',
    settings: { identityProvider: 'idp_example', serviceAccount: 'svc_acct_example' },
    replace: 'identityProvider and serviceAccount: the ids that OpenAI shows for them.',
  },
  secretPattern: /^[\w.-]{20,}$/,
  callOrigins: () => [api, 'https://*.api.openai.com'],
  presents: [bearer],
  placeholder: `oat-${placeholder(48)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'let the organization trust the AWS account as a workload identity provider (platform.openai.com, Organization, Workload identity), and let a rule of it map this role to a service account of its own',
    end: 'disable the rule that maps this role to its service account (platform.openai.com, Organization, Workload identity)',
  },
  audience: ({ audience = `${api}/v1` }) => audience,
  algorithm: 'ES384',
  // No token outlives its JWT.
  identitySeconds: 900,
  tokenSecondsAtMost: 3600,

  trustOf,

  exchange(http, identity, settings) {
    const { identityProvider, serviceAccount } = settings;
    const trust = trustOf(settings);
    const json = {
      grant_type: grants.tokenExchange,
      subject_token_type: jwtType,
      subject_token: identity,
      identity_provider_id: identityProvider,
      service_account_id: serviceAccount,
    };
    return exchangeIdentity(http, '/oauth/token', { json }, { title: 'OpenAI', trust, identity });
  },

  verify: (http, { secret }) => askForModels(http, secret),

  ender: {
    issuer: z.object({ adminKey: z.string().check(z.startsWith('sk-admin-')) }),
    issuerHelp: `{"adminKey"}: an admin key (platform.openai.com, Organization, Admin keys) with ${needs}`,
    ends: 'exchanges',

    async disable(http, { adminKey }, settings) {
      for (const rule of await rulesOf(http, adminKey, settings))
        if (rule.enabled)
          await http.send('POST', `${rulesPath(settings)}/${encodeURIComponent(rule.id)}`, {
            ...{ origin: api, bearer: adminKey, json: { enabled: false }, needs },
          });
    },

    async isDisabled(http, { adminKey }, settings) {
      return (await rulesOf(http, adminKey, settings)).every(({ enabled }) => !enabled);
    },
  },
};

function trustOf({ identityProvider, serviceAccount }: FederationSettings): string {
  return `the rule of ${identityProvider} for the service account ${serviceAccount}`;
}

function rulesPath({ identityProvider }: FederationSettings): string {
  return `/v1/organization/workload_identity_providers/${encodeURIComponent(identityProvider)}/federation_rules`;
}

/** Those that let anybody act as the service account of this server. */
async function rulesOf(http: Http, adminKey: string, settings: FederationSettings) {
  const { serviceAccount } = settings;
  const found = await everyPage('OpenAI', async (after: string | undefined) => {
    const query = { limit: 100, after, service_account_id: serviceAccount };
    const call = { origin: api, bearer: adminKey, query, needs, reply: rules };
    const { body } = await http.send('GET', rulesPath(settings), call);
    return { items: body.data, next: body.has_more ? (body.last_id ?? undefined) : undefined };
  });
  return found.filter(({ service_account_id }) => service_account_id === serviceAccount);
}
