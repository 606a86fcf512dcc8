// API tokens of users: a person makes them, an admin of the organization sees when they end and revokes them.
import * as z from 'zod/mini';
import type { RevokeOnlyConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { placeholder } from '../contract/presented';
import { everyPage } from '../http/paging';

const settings = z.strictObject({
  /** `acme.atlassian.net` */
  site: z.string().check(z.regex(/^[a-z0-9-]+\.(atlassian\.net|jira\.com)$/)),
  /** Whose token it is. */
  email: z.string().check(z.regex(/^[^\s@:]+@[^\s@:]+$/)),
  /** Id of the organization, for its admin API. */
  organization: z.string().check(z.regex(/^[\w-]+$/)),
  /** Id of the site, where the token has scopes: such a token is not accepted at the site's own host. */
  cloudId: z.optional(z.string().check(z.regex(/^[\w-]+$/))),
});
export type Settings = z.infer<typeof settings>;

const listed = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      label: z.nullish(z.string()),
      status: z.string(),
      createdAt: z.nullish(z.string()),
      expiresAt: z.nullish(z.string()),
      lastActiveAt: z.nullish(z.string()),
    }),
  ),
  links: z.nullish(z.object({ next: z.nullish(z.string()) })),
});
const myself = z.object({ accountId: z.string() });
const words = z.literal('Client must be authenticated to access this resource.');
// Also what a token with scopes gets at the wrong host: but `adopt` takes a token only once these settings have accepted it.
const notAuthenticated = [
  words,
  z.object({ message: words, 'status-code': z.literal(401) }),
  z.object({ errorMessages: z.tuple([words]) }),
] as const;

const api = 'https://api.atlassian.com';
const needs = 'the scopes read:tokens:admin and write:tokens:admin of the organization';
const hostOf = ({ site, cloudId }: Settings) => (cloudId ? api : `https://${site}`);

export const atlassian: RevokeOnlyConnector<{ apiKey: string }, Settings> = {
  provider: 'atlassian',
  title: 'Atlassian',
  kind: 'revoke-only',
  example: {
    env: { JIRA_API_TOKEN: 'secret', JIRA_EMAIL: 'email' },
    settings: { site: 'example.atlassian.net', email: 'bot@example.com', organization: '0f1e2d3c' },
    replace: 'site, email and organization: your site, whose token it is, and the id of your organization.',
  },
  origins: settings => [...new Set([hostOf(settings), api])],
  callOrigins: settings => [hostOf(settings)],
  presents: [{ in: 'basic', user: { field: 'email' } }],
  placeholder: `ATATT3${placeholder(180)}`,
  unauthorizedMeansNotDone: true,
  settings,
  fields: ({ email, site }) => ({ email, site }),
  scopes: 'none',
  secretPattern: /^ATATT3[\w=-]{150,}$/,
  secretMark: /^ATATT3/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  maxKeyDays: () => 365,
  steps: {
    make: 'create an API token with scopes at id.atlassian.com, under Security, API tokens, for an account that only this server uses',
    end: 'revoke the token in admin.atlassian.com, under Insights, API token activity',
  },
  couldBe: 'use an OAuth 2.0 client of a service account, whose tokens Keyturn mints (`oauth-client`)',

  revoker: {
    by: 'issuer',
    tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
    issuer: z.object({ apiKey: z.string().check(z.minLength(20)) }),
    issuerHelp: `{"apiKey"}: an API key of the organization (admin.atlassian.com, Settings, API keys) with ${needs}; it lives for a year at most`,

    list(http, { apiKey }, { organization }) {
      const path = `/admin/api-access/v1/orgs/${organization}/api-tokens`;
      return everyPage('Atlassian', async (cursor: string | undefined) => {
        const call = { origin: api, query: { pageSize: 100, cursor }, bearer: apiKey };
        const { body } = await http.send('GET', path, { ...call, needs, reply: listed });
        const items = body.data
          .filter(({ status }) => status === 'ALLOWED')
          .map(({ id, label, createdAt, expiresAt, lastActiveAt }) => ({
            id,
            ...(label && { name: label }),
            ...(createdAt && { createdAt: new Date(createdAt) }),
            expiresAt: timeOf(expiresAt),
            lastUsedAt: timeOf(lastActiveAt),
          }));
        return { items, next: cursorOf(body.links?.next) };
      });
    },

    async revoke(http, { apiKey }, keyId, { organization }) {
      const path = `/admin/api-access/v1/orgs/${organization}/api-tokens/${encodeURIComponent(keyId)}`;
      await http.send('DELETE', path, { origin: api, bearer: apiKey, expect: [404], needs });
    },
  },

  verify(http, { secret }, settings) {
    const { email, cloudId } = settings;
    const path = `${cloudId ? `/ex/jira/${cloudId}` : ''}/rest/api/3/myself`;
    const request = {
      origin: hostOf(settings),
      basic: { user: email, password: secret },
      headers: { accept: 'application/json' },
    };
    return http.probe('GET', path, request, [
      ['accepted', 200, myself],
      ...notAuthenticated.map(shape => ['rejected', 401, shape] as const),
    ]);
  },
};

/** A link, or the cursor alone. */
function cursorOf(next: string | null | undefined): string | undefined {
  if (!next) return undefined;
  return new URLSearchParams(next.split('?')[1] ?? '').get('cursor') ?? next;
}
