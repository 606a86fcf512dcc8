// Application keys of one service account, for reading. Such a key works only beside an API key of the same organization: servers
// have one of their own (`datadog`), and Keyturn asks beside the one of its issuer.
import * as z from 'zod/mini';
import { awsPartner } from '../contract/aws-partner';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import type { Http } from '../http/http';
import {
  api,
  authorized,
  everyKey,
  forbidden,
  type Issuer,
  issuer,
  propagation,
  site,
} from './datadog/datadog-api';

const settings = z.strictObject({ site, serviceAccountId: z.guid() });
export type Settings = z.infer<typeof settings>;

const scopes = z.nullish(z.array(z.string()));
const item = z.object({
  id: z.string(),
  attributes: z.object({
    name: z.string(),
    created_at: z.string(),
    last_used_at: z.nullish(z.string()),
    scopes,
  }),
});
const issued = z.object({
  data: z.object({ id: z.string(), attributes: z.object({ key: z.string(), scopes }) }),
});

const needs = 'the permission service_account_write, and every scope that the keys get';
const pathOf = ({ serviceAccountId }: Settings) =>
  `/api/v2/service_accounts/${serviceAccountId}/application_keys`;
/** A key without scopes may do all that its service account may. */
const scopesOf = (told: string[] | null | undefined) => told ?? ['everything'];

export const datadogApp: IssueConnector<Issuer, Settings> = {
  provider: 'datadog-app',
  title: 'Datadog',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'scopes'],
  origins: settings => [api(settings)],
  issuer,
  issuerHelp: `{"site"?, "apiKey", "applicationKey"}: an API key of its own, and an application key of a service account with ${needs}`,
  issuerOrigin: api,
  settings,
  scopes: 'required',
  knownScopes: {
    form: { pattern: /^[a-z0-9_]+$/, like: 'dashboards_read' },
    open: 'Datadog has permissions for each product, and lists those of your organization by its API alone',
  },
  // https://docs.datadoghq.com/account_management/rbac/permissions/
  adminScopes:
    /^(api_keys_(write|delete)|user_app_keys|org_app_keys_write|service_account_write|user_access_(invite|manage)|org_management|org_authorized_apps_write|security_monitoring_.*_write)$/,
  example: {
    env: 'DD_APPLICATION_KEY',
    scopes: ['dashboards_read'],
    settings: { site: 'datadoghq.com', serviceAccountId: '7b2f1d3e-0000-4000-8000-00{digits}' },
    replace: 'site and serviceAccountId: your organization, and the service account that the keys belong to.',
  },
  secretPattern: /^([0-9a-f]{40}|ddapp_[A-Za-z0-9]{34})$/,
  callOrigins: ({ site }) => [`https://api.${site}`],
  presents: [{ in: 'header', name: 'dd-application-key' }],
  placeholder: '0'.repeat(40),
  unauthorizedMeansNotDone: true,
  propagation,
  nameMaxLength: 100,
  awsPartner: awsPartner('datadog-app', {
    type: 'DatadogApplicationKey',
    secret: 'appKey',
    keyId: 'appKeyId',
    fields: ['appKey', 'appKeyId', 'serviceAccountId'],
    metadata: ['adminSecretArn'],
    ends: 'by-id',
    steps: {
      make: 'create an application key of the service account in Datadog (Organization Settings, Service Accounts)',
      end: 'revoke the application key of the service account in Datadog (Organization Settings, Service Accounts)',
    },
  }),

  async create(http, issuer, { name, scopes, settings }) {
    const json = { data: { type: 'application_keys', attributes: { name, scopes } } };
    const call = { ...authorized(issuer), json, needs, once: true, reply: issued };
    const { data } = (await http.send('POST', pathOf(settings), call)).body;
    return { keyId: data.id, secret: data.attributes.key, scopes: scopesOf(data.attributes.scopes) };
  },

  async list(http, issuer, settings) {
    const keys = await everyKey(http, issuer, pathOf(settings), item, needs);
    return keys.map(({ id, attributes: { name, created_at, last_used_at, scopes } }) => ({
      id,
      name,
      createdAt: new Date(created_at),
      lastUsedAt: timeOf(last_used_at),
      scopes: scopesOf(scopes),
    }));
  },

  async revoke(http, issuer, keyId, settings) {
    const call = { ...authorized(issuer), expect: [404], needs };
    await http.send('DELETE', `${pathOf(settings)}/${encodeURIComponent(keyId)}`, call);
  },

  verify: async () => 'unknown',

  verifyBeside: (http, { apiKey }, { secret }) => ask(http, apiKey, secret),

  control: (http, { apiKey, applicationKey }) => ask(http, apiKey, applicationKey),
};

function ask(http: Http, apiKey: string, applicationKey: string) {
  return http.probe('GET', '/api/v2/validate_keys', authorized({ apiKey, applicationKey }), [
    ['accepted', 200, z.object({ status: z.literal('ok') })],
    ['denied', 403, forbidden],
  ]);
}
