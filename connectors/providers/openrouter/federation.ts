// https://openrouter.ai/docs/guides/overview/auth/workload-identity-federation: a policy lets one AWS role act as one API key. Pausing
// it ends no token; disabling the key does, since its state is looked at for every request.
import * as z from 'zod/mini';
import type { FederateConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import { exchangeIdentity, grants, jwtType } from '../../http/token-exchange';

export interface FederationSettings {
  /** The id of the federation policy. */
  policy: string;
  /** The hash of the API key that the policy acts as: with it, Keyturn can end all tokens at once. @default - a person does */
  actsAs?: string;
  /** As the policy has it. @default 'https://openrouter.ai/api/v1' */
  audience?: string;
}

const origin = 'https://openrouter.ai';
const needs = 'a management key (openrouter.ai, Settings, Management keys), which a person makes';
const key = z.object({ data: z.object({ hash: z.string(), disabled: z.boolean() }) });
const keyPath = ({ actsAs = '' }: FederationSettings) => `/api/v1/keys/${encodeURIComponent(actsAs)}`;
const trustOf = ({ policy }: FederationSettings) => `the federation policy ${policy}`;

export const federation: FederateConnector<{ managementKey: string }, FederationSettings> = {
  provider: 'openrouter',
  title: 'OpenRouter',
  kind: 'federate',
  origins: () => [origin],
  settings: z.strictObject({
    policy: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
    actsAs: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
    audience: z.optional(z.string().check(z.minLength(1))),
  }),
  scopes: 'none',
  example: {
    env: 'OPENROUTER_API_KEY',
    settings: { policy: '00000000-0000-4000-8000-000000000000' },
    replace: 'policy: the id that stands under its name.',
  },
  secretPattern: /^[\w.-]{20,}$/,
  callOrigins: () => [origin],
  presents: [bearer],
  placeholder: placeholder(40),
  // It passes on what the makers of models answer.
  unauthorizedMeansNotDone: false,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'add the AWS account as an issuer, and a policy for this role that acts as an API key of its own (openrouter.ai, Settings, Workload identity, which OpenRouter enables for organizations)',
    end: 'disable the API key that the policy acts as, which ends its tokens at once, and pause the policy (openrouter.ai, Settings, Workload identity)',
  },
  trustOf,
  audience: ({ audience = `${origin}/api/v1` }) => audience,
  algorithm: 'RS256',
  // No token outlives its JWT.
  identitySeconds: 900,
  tokenSecondsAtMost: 900,

  exchange(http, identity, settings) {
    const form = {
      grant_type: grants.tokenExchange,
      subject_token_type: jwtType,
      subject_token: identity,
      federation_policy_id: settings.policy,
    };
    const about = { title: 'OpenRouter', trust: trustOf(settings), identity };
    return exchangeIdentity(http, '/api/v1/oauth/token', { form }, about);
  },

  verify(http, { secret }) {
    return http.probe('GET', '/api/v1/key', { bearer: secret }, [
      ['accepted', 200, z.object({ data: z.object({ label: z.string() }) })],
    ]);
  },

  ender: {
    issuer: z.object({ managementKey: z.string().check(z.startsWith('sk-or-')) }),
    issuerHelp: `{"managementKey"}: ${needs}`,
    works: ({ actsAs }) => actsAs !== undefined,
    ends: 'tokens',

    async disable(http, { managementKey }, settings) {
      const call = { bearer: managementKey, json: { disabled: true }, needs };
      await http.send('PATCH', keyPath(settings), call);
    },

    async isDisabled(http, { managementKey }, settings) {
      const call = { bearer: managementKey, needs, reply: key };
      return (await http.send('GET', keyPath(settings), call)).body.data.disabled;
    },
  },
};
