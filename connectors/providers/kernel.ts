// https://www.kernel.sh/docs/info/workload-identity/reference: a federation rule lets one AWS role act in one project. A JWT of AWS
// is taken once.
import * as z from 'zod/mini';
import type { FederateConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';
import { exchangeIdentity, grants } from '../http/token-exchange';

export interface Settings {
  /** The federation rule: `wifr_...`. */
  rule: string;
  /** As the rule has it. @default 'https://auth.onkernel.com' */
  audience?: string;
}

const api = 'https://api.onkernel.com';
const auth = 'https://auth.onkernel.com';
const trustOf = ({ rule }: Settings) => `the federation rule ${rule}`;

export const kernel: FederateConnector<never, Settings> = {
  provider: 'kernel',
  title: 'Kernel',
  kind: 'federate',
  origins: () => [auth, api],
  settings: z.strictObject({
    rule: z.string().check(z.regex(/^wifr_\w{1,100}$/)),
    audience: z.optional(z.string().check(z.minLength(1))),
  }),
  scopes: 'none',
  example: {
    env: 'KERNEL_API_KEY',
    settings: { rule: 'wifr_example' },
    replace: 'rule: the id of the federation rule.',
  },
  secretPattern: /^[\w.-]{20,}$/,
  callOrigins: () => [api],
  presents: [bearer],
  placeholder: placeholder(40),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'register the AWS account as an issuer (dashboard.onkernel.com, Keys, Workload identity), and make a rule for this role, with a service account, a project and permissions, and a token lifetime of 600 s at most',
    end: 'disable the rule of this role (dashboard.onkernel.com, Keys, Workload identity)',
  },
  trustOf,
  audience: ({ audience = auth }) => audience,
  algorithm: 'RS256',
  // No token outlives its JWT.
  identitySeconds: 600,
  tokenSecondsAtMost: 600,

  exchange(http, identity, settings) {
    const form = {
      grant_type: grants.jwtBearer,
      federation_rule_id: settings.rule,
      resource: api,
      assertion: identity,
    };
    return exchangeIdentity(
      http,
      '/token',
      { form },
      { title: 'Kernel', trust: trustOf(settings), identity },
    );
  },

  verify(http, { secret }) {
    return http.probe('GET', '/browsers', { origin: api, bearer: secret }, [
      ['accepted', 200, z.array(z.object({ session_id: z.string() }))],
    ]);
  },
};
