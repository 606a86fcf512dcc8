// Service tokens for LaunchDarkly's REST API. Their scopes are one base role, or the ids of custom roles.
import * as z from 'zod/mini';
import type { IssueConnector } from '../contract/connector';
import { atOwnHost } from '../contract/own-host';
import type { Http } from '../http/http';
import { everyPage } from '../http/paging';

const host = z._default(
  z.enum(['app.launchdarkly.com', 'app.launchdarkly.us', 'app.eu.launchdarkly.com']),
  'app.launchdarkly.com',
);
const issuer = z.object({ token: z.string().check(z.startsWith('api-')), host });
const settings = z.strictObject({ host });
type Settings = z.infer<typeof settings>;

const rights = { role: z.nullish(z.string()), customRoleIds: z.nullish(z.array(z.string())) };
const issued = z.object({ ...rights, _id: z.string(), token: z.string() });
const item = z.object({
  ...rights,
  _id: z.string(),
  name: z.nullish(z.string()),
  creationDate: z.number(),
  lastUsed: z.nullish(z.number()),
});
const listed = z.object({ items: z.array(item), totalCount: z.nullish(z.number()) });
const identity = z.object({ accountId: z.string(), tokenId: z.nullish(z.string()) });
const unknown = z.object({
  code: z.literal('unauthorized'),
  message: z.string().check(z.regex(/^invalid access token$/i)),
});

const pageSize = 100;
const needs =
  'the role Admin, or a custom role with createAccessToken and deleteAccessToken on service tokens and every right that the keys get';
const path = '/api/v2/tokens';
const baseRole = /^(reader|writer|admin)$/;
const scopesOf = ({ role, customRoleIds }: Pick<z.infer<typeof item>, 'role' | 'customRoleIds'>) =>
  customRoleIds?.length ? customRoleIds : role ? [role] : [];
/** LaunchDarkly takes tokens as they are, without a scheme. */
const authorized = (token: string) => ({ headers: { authorization: token, 'ld-api-version': '20240415' } });

export const launchdarkly: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'launchdarkly',
  title: 'LaunchDarkly',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'scopes'],
  ...atOwnHost,
  issuer,
  issuerHelp: `{"token", "host"?}: an access token with ${needs}`,
  settings,
  scopes: 'required',
  knownScopes: {
    form: { pattern: /^[\w.-]+$/, like: 'reader' },
    open: 'LaunchDarkly takes the keys of your own roles, too',
  },
  adminScopes: /^admin$/,
  example: { env: 'LAUNCHDARKLY_ACCESS_TOKEN', scopes: ['reader'] },
  secretPattern: /^api-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  presents: [{ in: 'header', name: 'authorization' }],
  placeholder: 'api-00000000-0000-0000-0000-000000000000',
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 100,

  async create(http, { token }, { name, scopes }) {
    const [first = ''] = scopes;
    const given = scopes.length === 1 && baseRole.test(first) ? { role: first } : { customRoleIds: scopes };
    const json = { name, serviceToken: true, ...given };
    const call = { ...authorized(token), json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', path, call);
    return { keyId: body._id, secret: body.token, scopes: scopesOf(body) };
  },

  list(http, { token }) {
    return everyPage('LaunchDarkly', async (offset: number | undefined = 0) => {
      const query = { limit: pageSize, offset };
      const call = { ...authorized(token), query, needs, reply: listed };
      const { items, totalCount } = (await http.send('GET', path, call)).body;
      const end = offset + items.length;
      const hasMore = items.length > 0 && (totalCount ?? Number.POSITIVE_INFINITY) > end;
      return { items: items.map(listedKey), next: hasMore ? end : undefined };
    });
  },

  async revoke(http, { token }, keyId) {
    const call = { ...authorized(token), expect: [404], needs };
    await http.send('DELETE', `${path}/${encodeURIComponent(keyId)}`, call);
  },

  async identify(http, secret) {
    const call = { ...authorized(secret), needs: 'nothing: every token may ask this' };
    const reply = z.object({ tokenId: z.string() });
    return (await http.send('GET', '/api/v2/caller-identity', { ...call, reply })).body.tokenId;
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { token }) => ask(http, token),
};

/** Every token may ask this. One of another instance (EU, federal) gets the words for a deleted one. */
function ask(http: Http, token: string) {
  return http.probe('GET', '/api/v2/caller-identity', authorized(token), [
    ['accepted', 200, identity],
    ['denied', 401, unknown],
  ]);
}

function listedKey({ _id, name, creationDate, lastUsed, ...rights }: z.infer<typeof item>) {
  return {
    id: _id,
    name: name ?? '',
    createdAt: new Date(creationDate),
    // Left out, or 0, of a token that was not used.
    lastUsedAt: lastUsed ? new Date(lastUsed) : ('never' as const),
    scopes: scopesOf(rights),
  };
}
