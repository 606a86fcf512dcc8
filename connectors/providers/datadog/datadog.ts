// API keys of one organization, for sending data: they have no scopes. Application keys, which read, are in ../datadog-app.ts.
import * as z from 'zod/mini';
import { awsPartner } from '../../contract/aws-partner';
import type { IssueConnector } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import type { Http } from '../../http/http';
import { api, authorized, everyKey, forbidden, type Issuer, issuer, propagation, site } from './datadog-api';

const settings = z.strictObject({ site });
export type Settings = z.infer<typeof settings>;

const item = z.object({
  id: z.string(),
  attributes: z.object({
    name: z.string(),
    created_at: z.string(),
    date_last_used: z.nullish(z.string()),
  }),
});
const issued = z.object({ data: z.object({ id: z.string(), attributes: z.object({ key: z.string() }) }) });

const path = '/api/v2/api_keys';
const needs = 'the permissions api_keys_read, api_keys_write and api_keys_delete';

export const datadog: IssueConnector<Issuer, Settings> = {
  provider: 'datadog',
  title: 'Datadog',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt'],
  origins: settings => [api(settings)],
  issuer,
  issuerHelp: `{"site"?, "apiKey", "applicationKey"}: an API key of its own, and an application key of a service account with ${needs}`,
  issuerOrigin: api,
  settings,
  scopes: 'none',
  example: {
    env: 'DD_API_KEY',
    settings: { site: 'datadoghq.com' },
    replace: 'site: that of your organization.',
  },
  secretPattern: /^[0-9a-f]{32}$/,
  // Each product takes data at a host of its own.
  callOrigins: ({ site }) => [`https://api.${site}`, `https://*.${site}`],
  presents: [{ in: 'header', name: 'dd-api-key' }],
  placeholder: '0'.repeat(32),
  unauthorizedMeansNotDone: true,
  propagation,
  nameMaxLength: 100,
  awsPartner: awsPartner('datadog', {
    type: 'DatadogApiKey',
    secret: 'apiKey',
    keyId: 'apiKeyId',
    fields: ['apiKey', 'apiKeyId'],
    metadata: ['adminSecretArn'],
    ends: 'by-id',
    steps: {
      make: 'create an API key in Datadog (Organization Settings, API Keys)',
      end: 'revoke the API key in Datadog (Organization Settings, API Keys)',
    },
  }),

  async create(http, issuer, { name }) {
    const json = { data: { type: 'api_keys', attributes: { name } } };
    const call = { ...authorized(issuer), json, needs, once: true, reply: issued };
    const { data } = (await http.send('POST', path, call)).body;
    return { keyId: data.id, secret: data.attributes.key };
  },

  async list(http, issuer) {
    const keys = await everyKey(http, issuer, path, item, needs);
    return keys.map(({ id, attributes: { name, created_at, date_last_used } }) => {
      return { id, name, createdAt: new Date(created_at), lastUsedAt: timeOf(date_last_used) };
    });
  },

  async revoke(http, issuer, keyId) {
    const call = { ...authorized(issuer), expect: [404], needs };
    await http.send('DELETE', `${path}/${encodeURIComponent(keyId)}`, call);
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { apiKey }) => ask(http, apiKey),
};

function ask(http: Http, apiKey: string) {
  return http.probe('GET', '/api/v1/validate', { headers: { 'dd-api-key': apiKey } }, [
    ['accepted', 200, z.object({ valid: z.literal(true) })],
    ['denied', 403, forbidden],
  ]);
}
