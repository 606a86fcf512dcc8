// API keys of one Algolia application. A key is its own id, and lists show all of them in clear: ids here are fingerprints.
import * as z from 'zod/mini';
import { hasCode, KeyturnError } from '../../core/errors';
import { fingerprint } from '../../core/key/generated-secret';
import { minuteMs } from '../../core/time';
import type { IssueConnector } from '../contract/connector';
import type { Http } from '../http/http';

const applicationId = z.string().check(z.regex(/^[A-Za-z0-9]{6,20}$/));
const settings = z.strictObject({
  applicationId,
  /** Patterns of the indexes that the key may use; all of them where left out. */
  indexes: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
});
type Settings = z.infer<typeof settings>;
const issuer = z.object({ applicationId, adminKey: z.string().check(z.minLength(1)) });
type Issuer = z.infer<typeof issuer>;

const issued = z.object({ key: z.string() });
const listedKey = z.object({
  value: z.string(),
  createdAt: z.number(),
  acl: z.array(z.string()),
  description: z.optional(z.string()),
});
const listed = z.object({ keys: z.array(listedKey) });
const self = z.object({ acl: z.array(z.string()) });
const unknownKey = z.object({
  status: z.literal(403),
  message: z.literal('Invalid Application-ID or API key'),
});

const shownPath = '/1/keys/{key}';
const needs = 'the Admin API key of this application (dashboard, Settings, API Keys)';
/** One more, and Algolia deletes the oldest: https://www.algolia.com/doc/rest-api/search/add-api-key */
const keysAtMost = 1_000;
/** Times above are milliseconds, and seconds below. */
const leastMs = 100_000_000_000;

export const algolia: IssueConnector<Issuer, Settings> = {
  provider: 'algolia',
  title: 'Algolia',
  kind: 'issue',
  origins: settings => [originOf(settings)],
  issuer,
  issuerHelp: `{"applicationId", "adminKey"}: ${needs}`,
  issuerOrigin: originOf,
  settings,
  scopes: 'required',
  // https://github.com/algolia/api-clients-automation has them in its specification, and the CLI documents usage.
  knownScopes: {
    source: 'https://www.algolia.com/doc/tools/cli/commands/apikeys/create',
    names: [
      ...['search', 'browse', 'addObject', 'deleteObject', 'deleteIndex', 'listIndexes', 'settings'],
      ...['editSettings', 'analytics', 'usage', 'logs', 'recommendation', 'personalization', 'inference'],
      'seeUnretrievableAttributes',
    ],
  },
  example: {
    env: { ALGOLIA_APPLICATION_ID: 'applicationId', ALGOLIA_API_KEY: 'secret' },
    scopes: ['search'],
    settings: { applicationId: 'EXAMPLEAPP', indexes: ['products'] },
    replace: 'applicationId, indexes and scopes: your application, and what the key may do there.',
  },
  tells: ['createdAt', 'expiresAt', 'scopes'],
  secretPattern: /^[0-9a-f]{32}$/,
  callOrigins: settings => [
    originOf(settings),
    ...['-dsn.algolia.net', '-1.algolianet.com', '-2.algolianet.com', '-3.algolianet.com'].map(
      ending => `https://${settings.applicationId.toLowerCase()}${ending}`,
    ),
  ],
  presents: [
    { in: 'header', name: 'x-algolia-api-key' },
    { in: 'query', name: 'x-algolia-api-key' },
  ],
  placeholder: '0'.repeat(32),
  unauthorizedMeansNotDone: true,
  // Keys are made and ended asynchronously; no figures are documented.
  propagation: { createMs: 30_000, revokeMs: minuteMs },
  nameMaxLength: 255,

  async create(http, issuer, { name, scopes, expiresAt, settings }) {
    const { length } = await readKeys(http, issuer);
    if (length >= keysAtMost)
      throw new KeyturnError(
        'refused',
        `Algolia holds ${length} keys for this application and would delete the oldest for another one; delete those that no one uses`,
      );
    const validity = Math.floor((expiresAt.getTime() - http.now().getTime()) / 1000);
    const json = { acl: scopes, description: name, validity, indexes: settings.indexes };
    const call = { headers: credentialHeaders(issuer), json, needs, once: true, reply: issued };
    const { body } = await http.send('POST', '/1/keys', call);
    const made = await readMade(http, issuer, body.key);
    return {
      keyId: fingerprint(body.key),
      secret: body.key,
      expiresAt: new Date(http.now().getTime() + validity * 1000).toISOString(),
      scopes: made?.acl,
      fields: { applicationId: settings.applicationId },
    };
  },

  async list(http, issuer) {
    const keys = await readKeys(http, issuer);
    return keys.map(({ value, description, acl, createdAt }) => ({
      id: fingerprint(value),
      name: description,
      scopes: acl,
      createdAt: new Date(createdAt > leastMs ? createdAt : createdAt * 1000),
    }));
  },

  async revoke(http, issuer, keyId) {
    const key = (await readKeys(http, issuer)).find(({ value }) => fingerprint(value) === keyId);
    if (!key) return;
    const call = { headers: credentialHeaders(issuer), shownPath, expect: [404], needs };
    await http.send('DELETE', `/1/keys/${encodeURIComponent(key.value)}`, call);
  },

  // Every key may ask about itself.
  verify: (http, { secret }, { applicationId }) =>
    http.probe(
      'GET',
      `/1/keys/${encodeURIComponent(secret)}`,
      { headers: credentialHeaders({ applicationId, adminKey: secret }) },
      [
        ['accepted', 200, self],
        ['rejected', 403, unknownKey],
      ],
    ),
};

/** The answer to a create says nothing of rights, and the key itself is there some seconds later. */
async function readMade(http: Http, issuer: Issuer, key: string): Promise<z.infer<typeof self> | undefined> {
  const call = { headers: credentialHeaders(issuer), shownPath, needs, notYet: [404], reply: self };
  try {
    return (await http.send('GET', `/1/keys/${encodeURIComponent(key)}`, call)).body;
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

async function readKeys(http: Http, issuer: Issuer): Promise<z.infer<typeof listedKey>[]> {
  return (await http.send('GET', '/1/keys', { headers: credentialHeaders(issuer), needs, reply: listed }))
    .body.keys;
}

function credentialHeaders({ applicationId, adminKey }: Issuer): Record<string, string> {
  return { 'x-algolia-application-id': applicationId, 'x-algolia-api-key': adminKey };
}

function originOf({ applicationId }: Pick<Settings, 'applicationId'>): string {
  return `https://${applicationId.toLowerCase()}.algolia.net`;
}
