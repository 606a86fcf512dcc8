// Keys of an in-house API, whose answers tell more than data can: a create that is refused says so inside a 200.
import { bearer, type IssueConnector, KeyturnError, placeholder, timeOf } from 'keyturn/connectors';
import * as z from 'zod/mini';

const failed = z.object({ ok: z.literal(false), reason: z.string() });
const made = z.object({ ok: z.literal(true), id: z.string(), key: z.string() });
const listed = z.object({
  keys: z.array(z.object({ id: z.string(), name: z.string(), lastUse: z.nullish(z.string()) })),
});
const needs = 'the group "api-admins"';

interface Settings {
  /** `search` */
  service: string;
}

export const inhouse: IssueConnector<{ adminToken: string }, Settings> = {
  provider: 'inhouse',
  title: 'In-house APIs',
  kind: 'issue',
  origins: () => ['https://apis.example.com'],
  issuer: z.object({ adminToken: z.string() }),
  issuerHelp: `{"adminToken"}: a token of somebody in ${needs}`,
  settings: z.strictObject({ service: z.string().check(z.regex(/^[a-z-]+$/)) }),
  scopes: 'none',
  tells: ['lastUsedAt'],
  example: { env: 'SEARCH_API_KEY', settings: { service: 'search' } },
  secretPattern: /^ih_[A-Za-z0-9]{20,60}$/,
  callOrigins: () => ['https://apis.example.com'],
  presents: [bearer],
  placeholder: `ih_${placeholder(30)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 120,

  async create(http, { adminToken }, { name, settings }) {
    const { body } = await http.send('POST', pathOf(settings), {
      bearer: adminToken,
      json: { name },
      needs,
      once: true,
      reply: z.union([made, failed]),
    });
    if (body.ok) return { keyId: body.id, secret: body.key };
    throw new KeyturnError(
      'refused',
      'In-house APIs made no key; see in their console why, and delete keys that no one uses',
    );
  },

  async list(http, { adminToken }, settings) {
    const call = { bearer: adminToken, needs, reply: listed };
    const { body } = await http.send('GET', pathOf(settings), call);
    return body.keys.map(({ id, name, lastUse }) => ({ id, name, lastUsedAt: timeOf(lastUse) }));
  },

  async revoke(http, { adminToken }, keyId, settings) {
    const path = `${pathOf(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: adminToken, expect: [404], needs });
  },

  verify: (http, { secret }) =>
    http.probe('GET', '/whoami', { bearer: secret }, [
      ['accepted', 200, z.object({ service: z.string() })],
      ['rejected', 401, z.object({ error: z.literal('unknown key') })],
    ]),
};

function pathOf({ service }: Settings): string {
  return `/admin/services/${encodeURIComponent(service)}/keys`;
}
