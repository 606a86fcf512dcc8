// An application has one client secret. Keyturn chooses the new one, so that a lost answer loses nothing.
import * as z from 'zod/mini';
import { fingerprint, generateSecret } from '../../core/key/generated-secret';
import { awsPartner } from '../contract/aws-partner';
import type { RollConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';

const domain = z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/));
const text = z.string().check(z.minLength(1));
const issuer = z.object({ domain, clientId: text, clientSecret: text });
const granted = z.object({ access_token: z.string(), expires_in: z.number() });
const revoked = z.string().check(z.regex(/^\s*(OK)?\s*$/));
const wrongSecret = z.union([
  z.object({ error: z.literal('invalid_client') }),
  // What it says to a wrong secret where tokens are asked for.
  z.object({ error: z.literal('access_denied'), error_description: z.literal('Unauthorized') }),
]);

export const auth0: RollConnector<z.infer<typeof issuer>, { domain: string; clientId: string }> = {
  provider: 'auth0',
  title: 'Auth0',
  kind: 'roll',
  origins: ({ domain }) => [`https://${domain}`],
  issuer,
  issuerHelp:
    '{"domain", "clientId", "clientSecret"}: a machine-to-machine application with the scope update:client_keys of the Management API',
  issuerOrigin: ({ domain }) => `https://${domain}`,
  settings: z.strictObject({ domain, clientId: text }),
  scopes: 'none',
  example: {
    env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
    settings: { domain: 'example.eu.auth0.com', clientId: 'client-of-{server}' },
    replace: 'domain and clientId: your tenant, and the client id of the application.',
  },
  secretPattern: /^[\x21-\x7e]{16,}$/,
  callOrigins: ({ domain }) => [`https://${domain}`],
  presents: [
    { in: 'json', name: 'client_secret' },
    { in: 'form', name: 'client_secret' },
    { in: 'basic', user: { field: 'clientId' } },
  ],
  placeholder: placeholder(64),
  unauthorizedMeansNotDone: true,
  // https://auth0.com/docs/get-started/applications/rotate-client-secret: for up to 30 s either secret may be the valid one.
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  awsPartner: awsPartner('auth0', {
    type: 'Auth0OAuthClientSecret',
    secret: 'clientSecret',
    fields: ['clientId', 'clientSecret', 'domain', 'audience'],
    metadata: ['adminSecretArn?'],
    // An application has one secret.
    ends: 'by-hand',
    steps: {
      make: 'copy the client secret of the application from Auth0 (Applications, Settings)',
      end: 'rotate the client secret of the application in Auth0 (Applications, Settings)',
    },
  }),

  generate({ settings }) {
    const secret = generateSecret();
    return { keyId: fingerprint(secret), secret, fields: { ...settings } };
  },

  async signIn(http, { domain, clientId, clientSecret }) {
    const client = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const json = { ...client, audience: `https://${domain}/api/v2/` };
    const needs = 'access to the Management API';
    const { body } = await http.send('POST', '/oauth/token', { json, needs, reply: granted });
    return { token: body.access_token, seconds: body.expires_in };
  },

  async install(http, _issuer, { secret }, { clientId }) {
    const needs = 'update:client_keys on the Management API';
    const path = `/api/v2/clients/${encodeURIComponent(clientId)}`;
    await http.send('PATCH', path, { json: { client_secret: secret }, needs });
  },

  verify(http, { secret }, { clientId }) {
    // Revoking a token that does not exist takes a valid client secret, and uses no quota of tokens.
    const form = { client_id: clientId, client_secret: secret, token: 'none' };
    return http.probe('POST', '/oauth/revoke', { form }, [
      ['accepted', 200, revoked],
      ['rejected', 401, wrongSecret],
    ]);
  },
};
