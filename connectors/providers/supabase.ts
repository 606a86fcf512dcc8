// Secret API keys of one project (sb_secret_...). Their names take no dashes, so that Keyturn's name is the description.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';

const issuer = z.object({ accessToken: z.string().check(z.startsWith('sbp_')) });
const settings = z.strictObject({ projectRef: z.string().check(z.regex(/^[a-z]{20}$/)) });
type Settings = z.infer<typeof settings>;

const issued = z.object({ id: z.string(), api_key: z.string() });
const item = z.object({
  id: z.nullish(z.string()),
  name: z.string(),
  description: z.nullish(z.string()),
  inserted_at: z.nullish(z.string()),
});
const unknown = z.object({ message: z.enum(['Invalid API key', 'Unregistered API key']) });
const needs = 'the permission "API Keys: Read-write" on this project';
const path = ({ projectRef }: Settings) => `/v1/projects/${projectRef}/api-keys`;
const projectOf = ({ projectRef }: Settings) => `https://${projectRef}.supabase.co`;

export const supabase: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'supabase',
  title: 'Supabase',
  kind: 'issue',
  tells: ['createdAt'],
  origins: settings => ['https://api.supabase.com', projectOf(settings)],
  issuer,
  issuerHelp: `{"accessToken"}: a scoped personal access token with ${needs}; one without scopes can do all that you can`,
  settings,
  // A secret key passes by all row level security.
  scopes: 'none',
  example: {
    tier: 'high',
    env: 'SUPABASE_SECRET_KEY',
    settings: { projectRef: 'abcdefghijklmnopqrst' },
    replace: 'projectRef: the reference of your project.',
  },
  secretPattern: /^sb_secret_[\w-]{20,}$/,
  secretMark: /^sb_secret_/,
  callOrigins: settings => [projectOf(settings)],
  presents: [
    { in: 'header', name: 'apikey' },
    { in: 'query', name: 'apikey' },
  ],
  placeholder: `sb_secret_${placeholder(31)}`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  nameMaxLength: 100,

  async create(http, { accessToken }, { name, settings }) {
    const legal = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .slice(-63);
    const json = {
      type: 'secret',
      name: /^[a-z]/.test(legal) ? legal : `k${legal}`,
      description: name,
      secret_jwt_template: { role: 'service_role' },
    };
    const common = { query: { reveal: 'true' }, bearer: accessToken, needs };
    const { body } = await http.send('POST', path(settings), { ...common, json, once: true, reply: issued });
    return { keyId: body.id, secret: body.api_key };
  },

  async list(http, { accessToken }, settings) {
    const call = {
      query: { reveal: 'false' },
      bearer: accessToken,
      needs,
      reply: z.array(item),
    };
    const { body } = await http.send('GET', path(settings), call);
    return body.flatMap(({ id, name, description, inserted_at }) => {
      // The two keys that are JWTs have none; they cannot be deleted one by one.
      if (!id) return [];
      return { id, name: description ?? name, ...(inserted_at && { createdAt: new Date(inserted_at) }) };
    });
  },

  async revoke(http, { accessToken }, keyId, settings) {
    const keyPath = `${path(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', keyPath, { bearer: accessToken, expect: [404], needs });
  },

  verify(http, { secret }, settings) {
    const request = { origin: projectOf(settings), headers: { apikey: secret } };
    return http.probe('GET', '/auth/v1/settings', request, [
      ['accepted', 200, z.object({ external: z.object({}), disable_signup: z.boolean() })],
      ['rejected', 401, unknown],
    ]);
  },
};
