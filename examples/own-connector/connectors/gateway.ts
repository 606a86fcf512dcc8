// An in-house gateway to models that accepts the AWS role of a server: no key exists. Its admins register a client for each server,
// with the issuer of the AWS account, the role and this audience.
import { bearer, exchangeIdentity, type FederateConnector, grants, placeholder } from 'keyturn/connectors';
import * as z from 'zod/mini';

interface Settings {
  /** As the gateway's admins registered it: `search` */
  client: string;
}

const origin = 'https://models.example.com';
const needs = 'the group "gateway-admins"';
const clientShape = z.object({ enabled: z.boolean() });
const clientPath = ({ client }: Settings) => `/admin/clients/${encodeURIComponent(client)}`;
const trustOf = ({ client }: Settings) => `the client ${client}`;

export const gateway: FederateConnector<{ adminToken: string }, Settings> = {
  provider: 'gateway',
  title: 'Model gateway',
  kind: 'federate',
  origins: () => [origin],
  settings: z.strictObject({ client: z.string().check(z.regex(/^[a-z-]+$/)) }),
  scopes: 'none',
  example: { env: 'MODELS_TOKEN', settings: { client: 'search' } },
  secretPattern: /^[\w.-]{20,}$/,
  callOrigins: () => [origin],
  presents: [bearer],
  placeholder: placeholder(40),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  trust: {
    make: 'register a client for this role with the team of the gateway (its console, Clients, New)',
    end: 'disable the client of this role (console of the gateway, Clients)',
  },
  trustOf,
  audience: () => origin,
  algorithm: 'RS256',
  identitySeconds: 300,
  tokenSecondsAtMost: 600,

  exchange(http, identity, settings) {
    const form = { grant_type: grants.jwtBearer, client_id: settings.client, assertion: identity };
    const about = { title: 'Model gateway', trust: trustOf(settings), identity };
    return exchangeIdentity(http, '/oauth/token', { form }, about);
  },

  verify: (http, { secret }) =>
    http.probe('GET', '/v1/models', { bearer: secret }, [
      ['accepted', 200, z.object({ models: z.array(z.string()) })],
    ]),

  // With it, `npx keyturn federation disable` takes the trust away; without it, a person does what `trust.end` says.
  ender: {
    issuer: z.object({ adminToken: z.string() }),
    issuerHelp: `{"adminToken"}: a token of somebody in ${needs}`,
    ends: 'exchanges',

    async disable(http, { adminToken }, settings) {
      const call = { bearer: adminToken, json: { enabled: false }, needs };
      await http.send('PATCH', clientPath(settings), call);
    },

    async isDisabled(http, { adminToken }, settings) {
      const call = { bearer: adminToken, needs, reply: clientShape };
      return !(await http.send('GET', clientPath(settings), call)).body.enabled;
    },
  },
};
