// Keys have no scopes but one permission, which Resend tells nobody again; so it is a setting.
import * as z from 'zod/mini';
import type { IssueConnector, ListedKey } from '../contract/connector';
import type { HttpReply } from '../http/http';
import { everyPage } from '../http/paging';

const issued = z.object({ id: z.string(), token: z.string() });
const date = z.nullish(z.string());
const item = z.object({ id: z.string(), name: z.string(), created_at: date, last_used_at: date });
const listed = z.object({ data: z.array(item), has_more: z.boolean() });
const domains = z.object({ data: z.array(z.unknown()) });
const failure = z.object({ name: z.string() });

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
  origins: () => ['https://api.resend.com'],
  issuer: z.object({ apiKey: z.string().check(z.startsWith('re_')) }),
  issuerHelp: `{"apiKey"}: an API key with ${needs}`,
  settings: z.strictObject({
    permission: z._default(z.enum(['sending_access', 'full_access']), 'sending_access'),
    domainId: z.optional(z.string()),
  }),
  scopes: 'none',
  secretPattern: /^re_\w{20,}$/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 50,

  async create(http, { apiKey }, { name, settings }) {
    const json = { name, permission: settings.permission, domain_id: settings.domainId };
    const call = { bearer: apiKey, json, expect: [201], needs, once: true, reply: issued };
    const { body } = await http.send('POST', '/api-keys', call);
    return { keyId: body.id, secret: body.token };
  },

  list(http, { apiKey }) {
    return everyPage('Resend', async (after: string | undefined) => {
      const call = { query: { limit: 100, after }, bearer: apiKey, expect: [200], needs, reply: listed };
      const { data, has_more } = (await http.send('GET', '/api-keys', call)).body;
      return { items: data.map(listedKey), next: has_more ? data.at(-1)?.id : undefined };
    });
  },

  async revoke(http, { apiKey }, keyId) {
    const path = `/api-keys/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: apiKey, expect: [200, 404], needs });
  },

  verify(http, { secret }) {
    // A key that may only send is refused here with 401, too: the name tells it from a key that is not known.
    const named = ({ body }: HttpReply, ...names: string[]) =>
      names.includes(failure.safeParse(body).data?.name ?? '');
    const accepted = (reply: HttpReply) =>
      (reply.status === 200 && domains.safeParse(reply.body).success) || named(reply, 'restricted_api_key');
    const rejected = (reply: HttpReply) =>
      [400, 401, 403].includes(reply.status) && named(reply, 'invalid_api_key', 'validation_error');
    return http.probe('GET', '/domains', { bearer: secret }, { accepted, rejected });
  },
};

function listedKey({ id, name, created_at, last_used_at }: z.infer<typeof item>): ListedKey {
  const at = (text: string | null | undefined) => (text ? new Date(text) : undefined);
  return { id, name, createdAt: at(created_at), lastUsedAt: at(last_used_at) };
}
