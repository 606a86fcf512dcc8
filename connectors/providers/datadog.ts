// API keys of one organization, for sending data: they have no scopes. Application keys, which read, are another kind.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import type { Http } from '../http/http';
import { everyPage } from '../http/paging';

/** https://docs.datadoghq.com/getting_started/site/ */
const site = z._default(
  z.enum([
    'datadoghq.com',
    'us3.datadoghq.com',
    'us5.datadoghq.com',
    'ap1.datadoghq.com',
    'ap2.datadoghq.com',
    'uk1.datadoghq.com',
    'datadoghq.eu',
    'ddog-gov.com',
    'us2.ddog-gov.com',
  ]),
  'datadoghq.com',
);
const issuer = z.object({ site, apiKey: z.string(), applicationKey: z.string() });
type Issuer = z.infer<typeof issuer>;
const settings = z.strictObject({ site });
type Settings = z.infer<typeof settings>;

const item = z.object({
  id: z.string(),
  attributes: z.object({
    name: z.string(),
    created_at: z.string(),
    date_last_used: z.nullish(z.string()),
  }),
});
const issued = z.object({ data: z.object({ id: z.string(), attributes: z.object({ key: z.string() }) }) });
const listed = z.object({
  data: z.array(item),
  meta: z.object({ page: z.object({ total_filtered_count: z.number() }) }),
});
// Also what an address gets that the allowlist does not have.
const forbidden = z.object({ errors: z.tuple([z.literal('Forbidden')]) });

const pageSize = 100;
const path = '/api/v2/api_keys';
const needs = 'the permissions api_keys_read, api_keys_write and api_keys_delete';
const authorized = ({ apiKey, applicationKey }: Issuer) => ({
  headers: { 'dd-api-key': apiKey, 'dd-application-key': applicationKey },
  needs,
});
const api = ({ site }: Settings) => `https://api.${site}`;

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
  // "A few seconds": https://docs.datadoghq.com/account_management/api-app-keys/
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  nameMaxLength: 100,

  async create(http, issuer, { name }) {
    const json = { data: { type: 'api_keys', attributes: { name } } };
    const call = { ...authorized(issuer), json, once: true, reply: issued };
    const { data } = (await http.send('POST', path, call)).body;
    return { keyId: data.id, secret: data.attributes.key };
  },

  async list(http, issuer) {
    const keys = await everyPage('Datadog', async (page: number | undefined = 0) => {
      const query = { 'page[size]': pageSize, 'page[number]': page };
      const call = { ...authorized(issuer), query, reply: listed };
      const { data, meta } = (await http.send('GET', path, call)).body;
      const hasMore = data.length > 0 && (page + 1) * pageSize < meta.page.total_filtered_count;
      return { items: data, next: hasMore ? page + 1 : undefined };
    });
    return keys.map(({ id, attributes: { name, created_at, date_last_used } }) => {
      return { id, name, createdAt: new Date(created_at), lastUsedAt: timeOf(date_last_used) };
    });
  },

  async revoke(http, issuer, keyId) {
    const call = { ...authorized(issuer), expect: [404] };
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
