// OAuth secrets of one Databricks service principal: five at most, beside each other.
import * as z from 'zod/mini';
import { awsPartner } from '../contract/aws-partner';
import type { IssueConnector } from '../contract/connector';
import { proveClientSecret, signInAsClient } from '../http/client-credentials';
import { everyPage } from '../http/paging';

const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i));
const settings = z.strictObject({
  accountId: uuid,
  /** The service principal's number, which differs from its application id. */
  servicePrincipalId: z.string().check(z.regex(/^\d{1,20}$/)),
  /** Its application id. */
  clientId: uuid,
  cloud: z.optional(z.enum(['aws', 'azure', 'gcp'])),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ clientId: uuid, clientSecret: z.string().check(z.minLength(1)) });

const domains = { aws: '.cloud.databricks.com', azure: '.azuredatabricks.net', gcp: '.gcp.databricks.com' };

const times = { create_time: z.string(), expire_time: z.optional(z.string()) };
const issued = z.object({ id: z.string(), secret: z.string(), ...times });
const listed = z.object({
  // Left out where there are none.
  secrets: z._default(z.array(z.object({ id: z.string(), ...times })), []),
  next_page_token: z.optional(z.string()),
});

const needs =
  'a service principal that is account admin, or has the role Service Principal: Manager on this one';

export const databricks: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'databricks',
  title: 'Databricks',
  kind: 'issue',
  origins: settings => [hostOf(settings)],
  issuer,
  issuerHelp: `{"clientId", "clientSecret"}: ${needs}`,
  settings,
  // What a service principal may do is granted to it, and the same for all its secrets.
  scopes: 'none',
  example: {
    env: { DATABRICKS_CLIENT_ID: 'clientId', DATABRICKS_CLIENT_SECRET: 'secret' },
    settings: {
      accountId: '00000000-0000-4000-8000-000000000001',
      servicePrincipalId: '{digits}',
      clientId: '00000000-0000-4000-8000-000000000002',
    },
    replace:
      'accountId, servicePrincipalId and clientId: your account, and the number and application id there.',
  },
  tells: ['createdAt', 'expiresAt'],
  secretPattern: /^dose[0-9a-f]{20,}$/,
  secretMark: /^dose[0-9a-f]{32}/,
  callOrigins: settings => [hostOf(settings), `https://*${domains[settings.cloud ?? 'aws']}`],
  presents: [{ in: 'basic', user: { field: 'clientId' } }],
  placeholder: `dose${'0'.repeat(32)}`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  maxKeyDays: () => 730,
  exclusive: true,
  placeOf: ({ accountId, servicePrincipalId }) => `${accountId}/${servicePrincipalId}`,
  nameMaxLength: Number.POSITIVE_INFINITY,
  awsPartner: awsPartner('databricks', {
    type: 'DatabricksSPSecret',
    secret: 'clientSecret',
    keyId: 'oauthSecretId',
    fields: ['accountId', 'servicePrincipalId', 'clientId', 'clientSecret', 'oauthSecretId'],
    metadata: ['adminSecretArn?', 'secretLifetimeDays?'],
    keyDays: ({ secretLifetimeDays = '730' }) => Number(secretLifetimeDays),
    ends: 'by-id',
    steps: {
      make: 'generate an OAuth secret of the service principal in the account console of Databricks',
      end: 'delete the OAuth secret of the service principal in the account console of Databricks',
    },
  }),

  signIn: (http, { clientId, clientSecret }, settings) =>
    signInAsClient(http, tokenPath(settings), asClient(clientId, clientSecret), needs),

  async create(http, _issuer, { expiresAt, settings }) {
    const seconds = Math.floor((expiresAt.getTime() - http.now().getTime()) / 1000);
    const call = { json: { lifetime: `${seconds}s` }, needs, once: true, reply: issued };
    const { body } = await http.send('POST', secretsPath(settings), call);
    const fields = { clientId: settings.clientId };
    return { keyId: body.id, secret: body.secret, expiresAt: body.expire_time, fields };
  },

  async list(http, _issuer, settings) {
    const secrets = await everyPage('Databricks', async (token: string | undefined) => {
      const query = { page_size: 100, page_token: token };
      const { body } = await http.send('GET', secretsPath(settings), { query, needs, reply: listed });
      return { items: body.secrets, next: body.next_page_token || undefined };
    });
    return secrets.map(({ id, create_time, expire_time }) => ({
      id,
      createdAt: new Date(create_time),
      expiresAt: expire_time ? new Date(expire_time) : undefined,
    }));
  },

  async revoke(http, _issuer, keyId, settings) {
    const path = `${secretsPath(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { expect: [404], needs });
  },

  verify: (http, { secret }, settings) =>
    proveClientSecret(http, tokenPath(settings), asClient(settings.clientId, secret)),
};

/** The account's host; those of workspaces are below the same domain. */
function hostOf({ cloud }: Settings): string {
  return `https://accounts${domains[cloud === 'azure' || cloud === 'gcp' ? cloud : 'aws']}`;
}

function asClient(user: string, password: string) {
  return { basic: { user, password }, form: { scope: 'all-apis' } };
}

function tokenPath({ accountId }: Settings): string {
  return `/oidc/accounts/${accountId}/v1/token`;
}

function secretsPath({ accountId, servicePrincipalId }: Settings): string {
  return `/api/2.0/accounts/${accountId}/servicePrincipals/${servicePrincipalId}/credentials/secrets`;
}
