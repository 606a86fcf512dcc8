import * as z from 'zod/mini';
import type { Federates, IssueConnector } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import { bearer } from '../../contract/presented';
import type { Http } from '../../http/http';
import { everyPage } from '../../http/paging';
import { type FederationSettings, federation } from './federation';

const issuer = z.object({ managementKey: z.string().check(z.startsWith('sk-or-')) });
/** What a key may spend, in USD, and when that starts anew. */
const settings = z.strictObject({
  limit: z.optional(z.number().check(z.positive())),
  limitReset: z.optional(z.enum(['daily', 'weekly', 'monthly'])),
});

const item = z.object({
  hash: z.string(),
  name: z.string(),
  created_at: z.string(),
  expires_at: z.nullish(z.string()),
});
const issued = z.object({ data: item, key: z.string() });
const listed = z.object({ data: z.array(item) });
const needs = 'a management key (openrouter.ai, Settings, Management keys), which a person makes';
// Live keys got it as well while OpenRouter's own users were away: https://github.com/anomalyco/opencode/issues/14252
const unknown = z.object({
  error: z.object({ code: z.literal(401), message: z.literal('User not found.') }),
});

export const openrouter: IssueConnector<z.infer<typeof issuer>, z.infer<typeof settings>> &
  Federates<{ managementKey: string }, FederationSettings> = {
  federation,
  provider: 'openrouter',
  title: 'OpenRouter',
  kind: 'issue',
  tells: ['createdAt', 'expiresAt'],
  origins: () => ['https://openrouter.ai'],
  issuer,
  issuerHelp: `{"managementKey"}: ${needs}; it cannot be used for completions`,
  settings,
  scopes: 'none',
  example: { env: 'OPENROUTER_API_KEY', settings: { limit: 20, limitReset: 'monthly' } },
  secretPattern: /^sk-or-v1-[0-9a-f]{64}$/,
  secretMark: /^sk-or-v1-/,
  callOrigins: () => ['https://openrouter.ai'],
  presents: [bearer],
  placeholder: `sk-or-v1-${'0'.repeat(64)}`,
  // It passes on what the makers of models answer.
  unauthorizedMeansNotDone: false,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 100,

  async create(http, { managementKey }, { name, expiresAt, settings: { limit, limitReset } }) {
    const json = { name, limit, limit_reset: limitReset, expires_at: expiresAt.toISOString() };
    const call = { bearer: managementKey, json, needs, once: true, reply: issued };
    const { data, key } = (await http.send('POST', '/api/v1/keys', call)).body;
    return { keyId: data.hash, secret: key, ...(data.expires_at && { expiresAt: data.expires_at }) };
  },

  list(http, { managementKey }) {
    const common = { bearer: managementKey, needs, reply: listed };
    return everyPage('OpenRouter', async (offset: number | undefined = 0) => {
      const query = { offset, include_disabled: 'true' };
      const { data } = (await http.send('GET', '/api/v1/keys', { ...common, query })).body;
      const items = data.map(({ hash, name, created_at, expires_at }) => {
        return { id: hash, name, createdAt: new Date(created_at), expiresAt: timeOf(expires_at) };
      });
      // How many a page has is not documented.
      return { items, next: items.length ? offset + items.length : undefined };
    });
  },

  async revoke(http, { managementKey }, keyId) {
    const path = `/api/v1/keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: managementKey, expect: [404], needs });
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { managementKey }) => ask(http, managementKey),
};

function ask(http: Http, bearer: string) {
  return http.probe('GET', '/api/v1/key', { bearer }, [
    ['accepted', 200, z.object({ data: z.object({ label: z.string() }) })],
    ['denied', 401, unknown],
  ]);
}
