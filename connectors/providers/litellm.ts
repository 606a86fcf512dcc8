// Virtual keys of a LiteLLM proxy. Their scopes are the models that they may call: without any, they could call all.
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { inUtc, timeOf } from '../contract/listed-time';
import { atOwnHost, ownHost } from '../contract/own-host';
import { bearer, placeholder } from '../contract/presented';
import type { Http } from '../http/http';
import { everyPage } from '../http/paging';

const issuer = z.object({ host: ownHost, masterKey: z.string().check(z.startsWith('sk-')) });
const settings = z.strictObject({
  host: ownHost,
  teamId: z.optional(z.string()),
  /** USD that the key may spend. */
  maxBudget: z.optional(z.number().check(z.positive())),
});

const date = z.nullish(z.string());
const models = z.array(z.string());
const issued = z.object({ key: z.string(), token: z.string(), expires: date, models });
const item = z.object({
  token: z.string(),
  key_alias: z.nullish(z.string()),
  models,
  created_at: date,
  expires: date,
  last_active: date,
});
const listed = z.object({ keys: z.array(item), total_pages: z.int() });
const failure = (type: string, message: RegExp) =>
  z.object({
    error: z.object({
      type: z.literal(type),
      code: z.literal('401'),
      message: z.string().check(z.regex(message)),
    }),
  });
// Newer and older words; also of a key of another proxy.
const unknown = failure(
  'token_not_found_in_db',
  /^Authentication Error, Invalid (API key provided\.$|proxy server token passed\b)/,
);
const expired = failure('expired_key', /^Authentication Error - Expired Key\./);

const pageSize = 100;
const needs = "the proxy's master key, or a key of a user with the role proxy_admin";

export const litellm: IssueConnector<z.infer<typeof issuer>, z.infer<typeof settings>> = {
  provider: 'litellm',
  title: 'LiteLLM',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'expiresAt', 'scopes'],
  ...atOwnHost,
  issuer,
  issuerHelp: `{"host", "masterKey"}: ${needs}`,
  settings,
  scopes: 'required',
  knownScopes: { open: 'models are named in the configuration of your proxy' },
  adminScopes: /^all-proxy-models$/,
  example: {
    env: 'LITELLM_API_KEY',
    scopes: ['gpt-5-mini'],
    settings: { host: 'litellm.example.com', maxBudget: 20 },
    replace:
      'host, scopes and maxBudget: your proxy, the models that the key may call, and what it may spend in USD.',
  },
  secretPattern: /^sk-[\w-]{16,}$/,
  presents: [
    bearer,
    { in: 'header', name: 'x-api-key' },
    { in: 'header', name: 'x-litellm-api-key', scheme: 'Bearer' },
  ],
  placeholder: `sk-${placeholder(22)}`,
  // It passes on what the makers of models answer.
  unauthorizedMeansNotDone: false,
  // Each instance of the proxy remembers keys for a minute.
  propagation: { createMs: 0, revokeMs: 60_000 },
  nameMaxLength: 255,

  async create(http, { masterKey }, { name, scopes, expiresAt, settings: { teamId, maxBudget } }) {
    const seconds = Math.ceil((expiresAt.getTime() - http.now().getTime()) / 1000);
    const life = { duration: `${seconds}s`, auto_rotate: false };
    const limits = { models: scopes, key_type: 'llm_api', team_id: teamId, max_budget: maxBudget };
    const json = { key_alias: name, ...life, ...limits };
    const call = { bearer: masterKey, json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', '/key/generate', call);
    const end = body.expires ? { expiresAt: inUtc(body.expires).toISOString() } : {};
    return { keyId: body.token, secret: body.key, scopes: body.models, ...end };
  },

  list(http, { masterKey }) {
    return everyPage('LiteLLM', async (page: number | undefined = 1) => {
      const query = { page, size: pageSize, return_full_object: 'true' };
      const call = { query, bearer: masterKey, needs, reply: listed };
      const { keys, total_pages } = (await http.send('GET', '/key/list', call)).body;
      return { items: keys.map(listedKey), next: page < total_pages ? page + 1 : undefined };
    });
  },

  async revoke(http, { masterKey }, keyId) {
    const call = { bearer: masterKey, json: { keys: [keyId] }, expect: [404], needs };
    await http.send('POST', '/key/delete', call);
  },

  keyIdOf: secret => createHash('sha256').update(secret).digest('hex'),

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { masterKey }) => ask(http, masterKey),
};

function ask(http: Http, bearer: string) {
  return http.probe('GET', '/v1/models', { bearer }, [
    ['accepted', 200, z.object({ object: z.literal('list'), data: z.array(z.unknown()) })],
    ['rejected', 401, expired],
    ['denied', 401, unknown],
  ]);
}

function listedKey({ token, key_alias, models, created_at, expires, last_active }: z.infer<typeof item>) {
  return {
    id: token,
    name: key_alias ?? '',
    scopes: models,
    ...(created_at && { createdAt: inUtc(created_at) }),
    expiresAt: timeOf(expires, inUtc),
    // Older versions leave it out.
    lastUsedAt: timeOf(last_active, inUtc),
  };
}
