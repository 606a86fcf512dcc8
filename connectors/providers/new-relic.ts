// User keys of New Relic, by NerdGraph: one GraphQL endpoint, which tells most failures inside a 200.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import { minuteMs } from '../../core/time';
import type { IssueConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';
import type { Cause, Http } from '../http/http';
import { everyPage } from '../http/paging';

const id = z.number().check(z.gte(1));
const settings = z.strictObject({
  accountId: id,
  /** Whose key it is: it may do what this user may. */
  userId: id,
  region: z.optional(z.enum(['us', 'eu'])),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ userKey: z.string().check(z.startsWith('NRAK-')) });

const text = z.string();
const made = z.object({ id: text, key: text });
const created = z.object({
  data: z.object({
    apiAccessCreateKeys: z.object({
      createdKeys: z.nullish(z.array(made)),
      errors: z.nullish(z.array(z.unknown())),
    }),
  }),
});
const listedKey = z.object({ id: text, name: z.nullish(text), createdAt: z.number() });
const search = z.object({ nextCursor: z.nullish(text), keys: z.array(listedKey) });
const listed = z.object({
  data: z.object({ actor: z.object({ apiAccess: z.object({ keySearch: search }) }) }),
});
const deletion = z.object({ errors: z.nullish(z.array(z.object({ errorType: z.optional(text) }))) });
const deleted = z.object({ data: z.object({ apiAccessDeleteKeys: deletion }) });
const actor = z.object({ data: z.object({ actor: z.object({ user: z.object({ id: z.number() }) }) }) });

const failed = (extensions: z.ZodMiniType) =>
  z.object({ errors: z.array(z.object({ extensions })).check(z.minLength(1)) });
/** https://github.com/newrelic/newrelic-client-go/pull/603; keys of another region get it, too. */
const badKey = failed(z.object({ error_code: z.literal('BAD_API_KEY') }));
const classed = (...names: string[]) => failed(z.object({ errorClass: z.enum(names) }));
const needs = 'a user key of a full platform user who may manage the API keys of this account';
const causes: Cause[] = [
  ['issuer-rejected', badKey],
  ['refused', classed('ACCESS_DENIED', 'FORBIDDEN'), `the user key needs to be ${needs}`],
  ['rate-limited', classed('TOO_MANY_REQUESTS')],
  ['provider-down', classed('TIMEOUT', 'SERVER_ERROR', 'SERVICE_UNAVAILABLE')],
  [
    'refused',
    z.object({ errors: z.array(z.unknown()).check(z.minLength(1)) }),
    "it does not take this query; see that the key's settings name an account and a user of this region",
  ],
];

const createQuery = `mutation($accountId: Int!, $userId: Int!, $name: String!) {
  apiAccessCreateKeys(keys: {user: [{accountId: $accountId, userId: $userId, name: $name}]}) {
    createdKeys { id key } errors { message } } }`;
const listQuery = `query($accountId: Int!, $userId: Int!, $cursor: String) { actor { apiAccess {
  keySearch(query: {types: [USER], scope: {accountIds: [$accountId], userIds: [$userId]}}, cursor: $cursor) {
    nextCursor keys { id name createdAt } } } } }`;
const deleteQuery = `mutation($id: ID!) { apiAccessDeleteKeys(keys: {userKeyIds: [$id]}) {
  deletedKeys { id } errors { message ... on ApiAccessUserKeyError { errorType } } } }`;
const actorQuery = '{ actor { user { id } } }';

export const newRelic: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'new-relic',
  title: 'New Relic',
  kind: 'issue',
  origins: settings => [originOf(settings)],
  issuer,
  issuerHelp: `{"userKey"}: ${needs}`,
  settings,
  // What a user may do is in the groups of that user, and the same for all keys.
  scopes: 'none',
  example: {
    env: 'NEW_RELIC_API_KEY',
    settings: { accountId: 1234567, userId: 1000000001 },
    replace: 'accountId and userId: your account, and the user whose keys rotate.',
  },
  tells: ['createdAt'],
  secretPattern: /^NRAK-[A-Z0-9]{27}$/,
  secretMark: /^NRAK-/,
  callOrigins: settings => [originOf(settings)],
  presents: [{ in: 'header', name: 'api-key' }],
  placeholder: `NRAK-${placeholder(27).toUpperCase()}`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 30_000, revokeMs: minuteMs },
  nameMaxLength: 100,

  async create(http, { userKey }, { name, settings: { accountId, userId } }) {
    const call = { ...asked(userKey, createQuery, { accountId, userId, name }), once: true, reply: created };
    const { createdKeys } = (await http.send('POST', '/graphql', call)).body.data.apiAccessCreateKeys;
    const key = createdKeys?.[0];
    if (key) return { keyId: key.id, secret: key.key };
    throw new KeyturnError(
      'refused',
      `New Relic made no key for user ${userId} in account ${accountId}; see that both exist in this region, and that the issuer credential is ${needs}`,
    );
  },

  async list(http, { userKey }, { accountId, userId }) {
    const keys = await everyPage('New Relic', async (cursor: string | undefined) => {
      const call = asked(userKey, listQuery, { accountId, userId, cursor });
      const { body } = await http.send('POST', '/graphql', { ...call, reply: listed });
      const { keys, nextCursor } = body.data.actor.apiAccess.keySearch;
      return { items: keys, next: nextCursor ?? undefined };
    });
    return keys.map(({ id, name, createdAt }) => ({
      id,
      name: name ?? undefined,
      createdAt: new Date(createdAt * 1000),
    }));
  },

  async revoke(http, { userKey }, keyId) {
    const call = { ...asked(userKey, deleteQuery, { id: keyId }), reply: deleted };
    const { errors } = (await http.send('POST', '/graphql', call)).body.data.apiAccessDeleteKeys;
    if (!errors?.some(({ errorType }) => errorType !== 'NOT_FOUND')) return;
    throw new KeyturnError(
      'refused',
      `New Relic did not delete the key ${keyId}; see that the issuer credential is ${needs}`,
    );
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { userKey }) => ask(http, userKey),
};

/** Every user key may ask whose it is. One of the other region is turned away like a dead one. */
function ask(http: Http, key: string) {
  const request = { headers: { 'api-key': key }, json: { query: actorQuery } };
  return http.probe('POST', '/graphql', request, [
    ['accepted', 200, actor],
    ['denied', 401, badKey],
  ]);
}

function asked(key: string, query: string, variables: Record<string, unknown>) {
  return { headers: { 'api-key': key }, json: { query, variables }, needs, causes };
}

function originOf({ region }: Pick<Settings, 'region'>): string {
  return region === 'eu' ? 'https://api.eu.newrelic.com' : 'https://api.newrelic.com';
}
