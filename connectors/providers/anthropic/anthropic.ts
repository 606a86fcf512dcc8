// The admin API lists keys and switches them off; it makes none. Switched off is `inactive`, which an admin could undo in the
// Console, so that a person archives the key there once the incident is over.
import * as z from 'zod/mini';
import type { Federates, RevokeOnlyConnector } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import { placeholder } from '../../contract/presented';
import { everyPage } from '../../http/paging';
import { type FederationSettings, federation } from './federation';

const listed = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      created_at: z.string(),
      expires_at: z.nullish(z.string()),
    }),
  ),
  has_more: z.boolean(),
  last_id: z.nullish(z.string()),
});
const models = z.object({ data: z.array(z.object({ type: z.literal('model') })) });
const invalidKey = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.literal('authentication_error'), message: z.literal('invalid x-api-key') }),
});

const needs = 'the rights of an admin key of this organization';
const headersFor = (key: string) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' });
const keysPath = '/v1/organizations/api_keys';
const hosts = () => ['https://api.anthropic.com'] as const;

export interface Settings {
  /** Narrows what is listed to the workspace of the key: `wrkspc_...`. */
  workspace?: string;
}

export const anthropic: RevokeOnlyConnector<{ adminKey: string }, Settings> &
  Federates<never, FederationSettings> = {
  provider: 'anthropic',
  title: 'Anthropic',
  kind: 'revoke-only',
  example: { env: 'ANTHROPIC_API_KEY' },
  origins: hosts,
  callOrigins: hosts,
  presents: [
    { in: 'header', name: 'x-api-key' },
    { in: 'header', name: 'authorization', scheme: 'Bearer' },
  ],
  placeholder: `sk-ant-api03-${placeholder(93)}AA`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({ workspace: z.optional(z.string().check(z.startsWith('wrkspc_'))) }),
  scopes: 'none',
  secretPattern: /^sk-ant-api\d\d-[\w-]{80,120}$/,
  secretMark: /^sk-ant-/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'create a key in the Claude Console (platform.claude.com), under Settings, API keys, in a workspace of its own, with an expiry',
    end: 'disable the key in the Claude Console (platform.claude.com), under Settings, API keys',
  },
  federation,

  revoker: {
    by: 'issuer',
    tells: ['createdAt', 'expiresAt'],
    issuer: z.object({ adminKey: z.string().check(z.startsWith('sk-ant-admin')) }),
    issuerHelp:
      '{"adminKey"}: an admin key (Claude Console, Settings, Admin keys), which only an organization account has',

    list(http, { adminKey }, { workspace }) {
      return everyPage('Anthropic', async (after: string | undefined) => {
        const query = { limit: 100, status: 'active', workspace_id: workspace, after_id: after };
        const call = { query, headers: headersFor(adminKey), needs, reply: listed };
        const { data, has_more, last_id } = (await http.send('GET', keysPath, call)).body;
        const items = data.map(({ id, name, created_at, expires_at }) => {
          return { id, name, createdAt: new Date(created_at), expiresAt: timeOf(expires_at) };
        });
        return { items, next: has_more ? (last_id ?? undefined) : undefined };
      });
    },

    async revoke(http, { adminKey }, keyId) {
      await http.send('POST', `${keysPath}/${encodeURIComponent(keyId)}`, {
        headers: headersFor(adminKey),
        json: { status: 'inactive' },
        expect: [404],
        needs,
      });
    },
  },

  verify(http, { secret }) {
    const request = { query: { limit: 1 }, headers: headersFor(secret) };
    return http.probe('GET', '/v1/models', request, [
      ['accepted', 200, models],
      ['rejected', 401, invalidKey],
    ]);
  },
};
