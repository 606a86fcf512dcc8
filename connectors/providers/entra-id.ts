// Client secrets of one application in Microsoft Entra ID, by Microsoft Graph.
import * as z from 'zod/mini';
import { hasCode } from '../../core/errors';
import { minuteMs } from '../../core/time';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import { proveClientSecret, signInAsClient } from '../http/client-credentials';
import type { Cause } from '../http/http';

const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i));
const settings = z.strictObject({
  tenantId: uuid,
  /** The application's client id. */
  appId: uuid,
  cloud: z.optional(z.enum(['global', 'us-government', 'china'])),
  /** What the tenant's policy for applications allows secrets, where it limits them. */
  maxKeyDays: z.optional(z.int().check(z.minimum(1), z.maximum(730))),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ clientId: uuid, clientSecret: z.string().check(z.minLength(1)) });
type Issuer = z.infer<typeof issuer>;

const issued = z.object({ keyId: z.string(), secretText: z.string(), endDateTime: z.string() });
const listed = z.object({
  passwordCredentials: z.array(
    z.object({
      keyId: z.string(),
      displayName: z.nullish(z.string()),
      startDateTime: z.string(),
      endDateTime: z.string(),
    }),
  ),
});
/** 7000215: no secret of this application; 7000222: one that has expired. Codes, since texts are translated and quote the id. */
const deadSecret = z.object({
  error: z.literal('invalid_client'),
  error_codes: z.array(z.union([z.literal(7000215), z.literal(7000222)])).check(z.length(1)),
});

const needs =
  'an application with the permission Application.ReadWrite.OwnedBy (consented) that owns this one';
const failure = (code: RegExp) => z.object({ error: z.object({ code: z.string().check(z.regex(code)) }) });
const causes: Cause[] = [
  [
    'refused',
    failure(/^Credential(TypeNotAllowed|InvalidLifetime)AsPerAppPolicy$/),
    "the tenant's policy for applications does not allow such a secret; see which lifetime it allows, and set maxKeyDays or rotate more often",
  ],
  // Somebody else changes the same application: nothing was done.
  ['rate-limited', failure(/^Directory_ConcurrencyViolation$/)],
];

export const entraId: IssueConnector<Issuer, Settings> = {
  provider: 'entra-id',
  title: 'Microsoft Entra ID',
  kind: 'issue',
  origins: settings => [graphOf(settings), loginOf(settings)],
  issuer,
  issuerHelp: `{"clientId", "clientSecret"}: ${needs}`,
  settings,
  // What an application may do is consented to, and the same for all its secrets.
  scopes: 'none',
  example: {
    env: { AZURE_TENANT_ID: 'tenantId', AZURE_CLIENT_ID: 'clientId', AZURE_CLIENT_SECRET: 'secret' },
    settings: {
      tenantId: '00000000-0000-4000-8000-000000000001',
      appId: '00000000-0000-4000-8000-000000000002',
    },
    replace: 'tenantId and appId: your tenant, and the client id of the application.',
  },
  tells: ['createdAt', 'expiresAt'],
  secretPattern: /^[\w.~-]{16,64}$/,
  secretMark: /^[\w.~-]{3}\dQ~/,
  callOrigins: settings => [loginOf(settings)],
  presents: [
    { in: 'form', name: 'client_secret' },
    { in: 'basic', user: { field: 'clientId' } },
  ],
  placeholder: placeholder(40),
  unauthorizedMeansNotDone: true,
  // No figures are documented; seen are seconds to a few minutes.
  propagation: { createMs: 3 * minuteMs, revokeMs: 5 * minuteMs },
  maxKeyDays: ({ maxKeyDays }) => maxKeyDays,
  nameMaxLength: 100,

  signIn: (http, client, settings) => signInAsClient(http, ...tokenRequest(client, settings), needs),

  async create(http, _issuer, { name, expiresAt, settings }) {
    const passwordCredential = { displayName: name, endDateTime: expiresAt.toISOString() };
    const call = { json: { passwordCredential }, needs, causes, once: true, reply: issued };
    const { body } = await http.send('POST', `${appPath(settings)}/addPassword`, call);
    const { tenantId, appId } = settings;
    const fields = { tenantId, clientId: appId };
    return { keyId: body.keyId, secret: body.secretText, expiresAt: body.endDateTime, fields };
  },

  async list(http, _issuer, settings) {
    const query = { $select: 'id,appId,passwordCredentials' };
    const { body } = await http.send('GET', appPath(settings), { query, needs, causes, reply: listed });
    return body.passwordCredentials.map(({ keyId, displayName, startDateTime, endDateTime }) => ({
      id: keyId,
      name: displayName ?? undefined,
      createdAt: new Date(startDateTime),
      expiresAt: new Date(endDateTime),
    }));
  },

  async revoke(http, issuer, keyId, settings) {
    const isListed = async () => (await entraId.list(http, issuer, settings)).some(({ id }) => id === keyId);
    try {
      await http.send('POST', `${appPath(settings)}/removePassword`, { json: { keyId }, needs, causes });
    } catch (error) {
      // Which 4xx a secret gets that is already gone is not documented; the list tells.
      if (!hasCode(error, 'refused') || (await isListed())) throw error;
    }
  },

  verify: (http, { secret }, settings) => {
    const [path, request] = tokenRequest({ clientId: settings.appId, clientSecret: secret }, settings);
    return proveClientSecret(http, path, request, deadSecret);
  },
};

function tokenRequest({ clientId, clientSecret }: Issuer, settings: Settings) {
  const form = {
    client_id: clientId,
    client_secret: clientSecret,
    // A token may be had for any API, whatever the application may do there.
    scope: `${graphOf(settings)}/.default`,
  };
  return [`/${settings.tenantId}/oauth2/v2.0/token`, { origin: loginOf(settings), form }] as const;
}

function appPath({ appId }: Settings): string {
  return `/v1.0/applications(appId='${appId}')`;
}

// https://learn.microsoft.com/en-us/graph/deployments
function graphOf({ cloud }: Settings): string {
  if (cloud === 'us-government') return 'https://graph.microsoft.us';
  return cloud === 'china' ? 'https://microsoftgraph.chinacloudapi.cn' : 'https://graph.microsoft.com';
}

function loginOf({ cloud }: Settings): string {
  if (cloud === 'us-government') return 'https://login.microsoftonline.us';
  return cloud === 'china' ? 'https://login.chinacloudapi.cn' : 'https://login.microsoftonline.com';
}
