// https://buildkite.com/docs/apis/workload-identity-federation: a workload identity lets one AWS role reach the pipelines that an
// administrator selects, with the scopes that it has.
import * as z from 'zod/mini';
import type { FederateConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';
import { exchangeIdentity, jwtAssertion } from '../http/token-exchange';

export interface Settings {
  /** Of the workload identity. */
  clientId: string;
  /** As the workload identity has it. */
  audience: string;
  /** What a token may do, of what the workload identity grants. @default - all of it */
  scopes?: readonly string[];
}

const api = 'https://api.buildkite.com';
const trustOf = ({ clientId }: Settings) => `the workload identity ${clientId}`;

export const buildkite: FederateConnector<never, Settings> = {
  provider: 'buildkite',
  title: 'Buildkite',
  kind: 'federate',
  origins: () => ['https://buildkite.com', api],
  settings: z.strictObject({
    clientId: z.string().check(z.regex(/^[\w-]{1,100}$/)),
    audience: z.string().check(z.minLength(1)),
    scopes: z.optional(z.array(z.string().check(z.regex(/^[a-z_]{1,60}$/)))),
  }),
  scopes: 'none',
  example: {
    env: 'BUILDKITE_API_TOKEN',
    settings: { clientId: 'example', audience: 'https://buildkite.com/example' },
    replace: 'clientId and audience: those of the workload identity.',
  },
  secretPattern: /^[\w.-]{20,}$/,
  callOrigins: () => [api],
  presents: [bearer],
  placeholder: placeholder(40),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'create a workload identity for this role (Buildkite, organization settings, Workload identities), with the provider AWS, no claims, the scopes that the server needs, and its pipelines',
    end: 'delete or disable the workload identity of this role (Buildkite, organization settings, Workload identities)',
  },
  trustOf,
  audience: ({ audience }) => audience,
  algorithm: 'RS256',
  identitySeconds: 300,
  tokenSecondsAtMost: 3600,

  exchange(http, identity, settings) {
    const { clientId, scopes = [] } = settings;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: jwtAssertion,
      client_assertion: identity,
      ...(scopes.length && { scope: scopes.join(' ') }),
    };
    const about = { title: 'Buildkite', trust: trustOf(settings), identity };
    return exchangeIdentity(http, '/oauth/token', { form }, about);
  },

  verify(http, { secret }) {
    return http.probe('GET', '/v2/access-token', { origin: api, bearer: secret }, [
      ['accepted', 200, z.object({ uuid: z.string(), scopes: z.array(z.string()) })],
    ]);
  },
};
