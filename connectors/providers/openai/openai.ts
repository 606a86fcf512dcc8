// One service account for each version of a key: the only kind of key whose deletion OpenAI documents.
import * as z from 'zod/mini';
import type { Federates, IssueConnector, ListedKey } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import { bearer, placeholder } from '../../contract/presented';
import type { Cause, Http } from '../../http/http';
import { everyPage } from '../../http/paging';
import { type FederationSettings, federation } from './federation';
import { askForModels, coded, failure, lacksScope } from './models';

const issued = z.object({
  id: z.string(),
  api_key: z.object({ value: z.string(), expires_at: z.nullish(z.number()) }),
});
const account = z.object({ id: z.string(), name: z.string(), created_at: z.number() });
const owner = z.object({ service_account: z.optional(z.object({ id: z.string() })) });
const projectKey = z.object({ last_used_at: z.nullish(z.number()), owner });
const needs = 'the permission "Organization Administration: Write"';
const needsLife = failure.check(z.refine(({ error }) => /\bexpires_in_seconds\b/.test(error.message)));
const causes: Cause[] = [
  [
    'refused',
    needsLife,
    'the organization limits how long keys live; set maxKeyDays in the settings of this key to what it allows',
  ],
  ['refused', lacksScope, `the admin key needs ${needs}`],
  [
    'refused',
    coded('ip_not_authorized'),
    "the organization's IP allowlist does not contain this address; add it there",
  ],
];

const settings = z.strictObject({
  project: z.string().check(z.startsWith('proj_')),
  /** What the organization lets keys live, where it limits that; else keys have no end. */
  maxKeyDays: z.optional(z.int().check(z.minimum(1), z.maximum(365))),
});
type Settings = z.infer<typeof settings>;

export const openai: IssueConnector<{ adminKey: string }, Settings> &
  Federates<{ adminKey: string }, FederationSettings> = {
  provider: 'openai',
  title: 'OpenAI',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt'],
  origins: () => ['https://api.openai.com'],
  issuer: z.object({ adminKey: z.string().check(z.startsWith('sk-admin-')) }),
  issuerHelp: `{"adminKey"}: an admin key (platform.openai.com, Organization, Admin keys) with ${needs}`,
  settings,
  scopes: 'none',
  example: {
    tier: 'high',
    env: 'OPENAI_API_KEY',
    settings: { project: 'proj_example' },
    replace: 'project: the id of your project.',
  },
  secretPattern: /^sk-[\w-]{20,}$/,
  // Others begin their keys with sk-, too; https://github.com/trufflesecurity/trufflehog pkg/detectors/openai knows the middle.
  secretMark: /^sk-(?:proj|svcacct|service)-|^sk-\w+T3BlbkFJ/,
  // Regions have hosts of their own: https://platform.openai.com/docs/guides/your-data
  callOrigins: () => ['https://api.openai.com', 'https://*.api.openai.com'],
  presents: [bearer],
  placeholder: `sk-svcacct-${placeholder(48)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 30_000, revokeMs: 30_000 },
  maxKeyDays: ({ maxKeyDays }) => maxKeyDays,
  nameMaxLength: 100,

  async create(http, { adminKey }, { name, expiresAt, settings }) {
    const seconds = Math.floor((expiresAt.getTime() - http.now().getTime()) / 1000);
    const call = {
      bearer: adminKey,
      json: { name, ...(settings.maxKeyDays && { expires_in_seconds: seconds }) },
      needs,
      causes,
      once: true,
      reply: issued,
    };
    const { body } = await http.send('POST', accountsPath(settings), call);
    const { value, expires_at } = body.api_key;
    return {
      keyId: body.id,
      secret: value,
      ...(expires_at && { expiresAt: new Date(expires_at * 1000).toISOString() }),
    };
  },

  async list(http, { adminKey }, settings) {
    const accounts = await listAll(http, adminKey, accountsPath(settings), account);
    // Use is told of keys, not of the accounts that own them.
    const keys = await listAll(http, adminKey, `${projectPath(settings)}/api_keys`, projectKey);
    const lastUse = new Map(keys.map(({ owner, last_used_at }) => [owner.service_account?.id, last_used_at]));
    return accounts.map(({ id, name, created_at }): ListedKey => {
      const lastUsedAt = timeOf(lastUse.get(id), seconds => new Date(seconds * 1000));
      return { id, name, createdAt: new Date(created_at * 1000), lastUsedAt };
    });
  },

  async revoke(http, { adminKey }, keyId, settings) {
    const path = `${accountsPath(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: adminKey, expect: [404], needs, causes });
  },

  verify: (http, { secret }) => askForModels(http, secret),

  federation,
};

function projectPath({ project }: { project: string }): string {
  return `/v1/organization/projects/${encodeURIComponent(project)}`;
}

function accountsPath(settings: { project: string }): string {
  return `${projectPath(settings)}/service_accounts`;
}

function listAll<T>(http: Http, adminKey: string, path: string, item: z.ZodMiniType<T>): Promise<T[]> {
  const reply = z.object({ data: z.array(item), has_more: z.boolean(), last_id: z.nullish(z.string()) });
  return everyPage('OpenAI', async (after: string | undefined) => {
    const query = { limit: 100, after };
    const { body } = await http.send('GET', path, {
      query,
      bearer: adminKey,
      needs,
      causes,
      reply,
    });
    return { items: body.data, next: body.has_more ? (body.last_id ?? undefined) : undefined };
  });
}
