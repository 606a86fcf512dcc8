// Keys have no scopes but one permission, which Resend tells nobody again; so it is a setting.
import * as z from 'zod/mini';
import type { IssueConnector, ListedKey } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { bearer, placeholder } from '../contract/presented';
import { everyPage } from '../http/paging';

const issued = z.object({ id: z.string(), token: z.string() });
const date = z.nullish(z.string());
const item = z.object({ id: z.string(), name: z.string(), created_at: date, last_used_at: date });
const listed = z.object({ data: z.array(item), has_more: z.boolean() });
const domains = z.object({ data: z.array(z.unknown()) });
const named = (name: string) => z.object({ name: z.literal(name), message: z.string() });
// What a key that may only send gets here, and by that is known.
const restricted = named('restricted_api_key');
// Documented with 403, seen with 401; and seen as validation_error, which other faults are called as well.
const invalid = named('invalid_api_key');
const invalidToo = named('validation_error').check(
  z.refine(({ message }) => /^(The )?API key is invalid\.?$/.test(message)),
);

const needs = 'the permission full_access';

export interface ResendSettings {
  permission: 'sending_access' | 'full_access';
  /** Narrows sending to one domain. */
  domainId?: string;
}

export const resend: IssueConnector<{ apiKey: string }, ResendSettings> = {
  provider: 'resend',
  title: 'Resend',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt'],
  origins: () => ['https://api.resend.com'],
  issuer: z.object({ apiKey: z.string().check(z.startsWith('re_')) }),
  issuerHelp: `{"apiKey"}: an API key with ${needs}`,
  settings: z.strictObject({
    permission: z._default(z.enum(['sending_access', 'full_access']), 'sending_access'),
    domainId: z.optional(z.string()),
  }),
  scopes: 'none',
  example: { env: 'RESEND_API_KEY' },
  adminSettings: ({ permission }) => (permission === 'full_access' ? ['permission: full_access'] : []),
  secretPattern: /^re_\w{20,}$/,
  callOrigins: () => ['https://api.resend.com'],
  presents: [bearer],
  placeholder: `re_${placeholder(33)}`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 50,

  async create(http, { apiKey }, { name, settings }) {
    const json = { name, permission: settings.permission, domain_id: settings.domainId };
    const call = { bearer: apiKey, json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', '/api-keys', call);
    return { keyId: body.id, secret: body.token };
  },

  list(http, { apiKey }) {
    return everyPage('Resend', async (after: string | undefined) => {
      const call = { query: { limit: 100, after }, bearer: apiKey, needs, reply: listed };
      const { data, has_more } = (await http.send('GET', '/api-keys', call)).body;
      return { items: data.map(listedKey), next: has_more ? data.at(-1)?.id : undefined };
    });
  },

  async revoke(http, { apiKey }, keyId) {
    const path = `/api-keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: apiKey, expect: [404], needs });
  },

  verify(http, { secret }) {
    return http.probe('GET', '/domains', { bearer: secret }, [
      ['accepted', 200, domains],
      ['accepted', 401, restricted],
      ['rejected', 403, invalid],
      ['rejected', 401, invalid],
      ['rejected', 401, invalidToo],
      ['rejected', 400, invalidToo],
    ]);
  },
};

function listedKey({ id, name, created_at, last_used_at }: z.infer<typeof item>): ListedKey {
  const createdAt = created_at ? new Date(created_at) : undefined;
  return { id, name, createdAt, lastUsedAt: timeOf(last_used_at) };
}
