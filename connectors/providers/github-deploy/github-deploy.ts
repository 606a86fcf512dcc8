// SSH keys of one repository at GitHub. Keyturn makes the pair and gives GitHub the public half. Such a key speaks SSH alone, and Keyturn
// does not: what GitHub accepts is what it lists for the repository.
import * as z from 'zod/mini';
import type { IssueConnector } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import { placeholder } from '../../contract/presented';
import type { Cause, Http } from '../../http/http';
import { everyPage, nextPage } from '../../http/paging';
import { appToken, headers, said } from '../github-app/github-api';
import { makeSshKeyPair, publicKeyOf } from './ssh-key';

const part = z.string().check(z.regex(/^[\w.-]+$/), z.regex(/[^.]/));
const settings = z.strictObject({
  owner: part,
  repository: part,
  access: z._default(z.enum(['read', 'write']), 'read'),
});
export type Settings = z.infer<typeof settings>;
const issuer = z.object({
  appId: part,
  installationId: z.string().check(z.regex(/^\d+$/)),
  privateKey: z.string(),
});
export type Issuer = z.infer<typeof issuer>;

const token = z.object({ token: z.string(), expires_at: z.string() });
const item = z.object({
  id: z.number(),
  title: z.string(),
  key: z.string().check(z.regex(/^(ssh|ecdsa|sk)-\S+ \S+/)),
  created_at: z.string(),
  last_used: z.nullish(z.string()),
  /** False where the organization has switched deploy keys off. */
  enabled: z.optional(z.boolean()),
});
const listed = z.array(item);

const needs =
  'a GitHub App with the repository permission Administration (read and write), installed on this repository';
const causes: Cause[] = [
  ['rate-limited', said(/^(API rate limit exceeded|You have exceeded a secondary rate limit)\b/)],
];
const pathOf = ({ owner, repository }: Settings) => `/repos/${owner}/${repository}/keys`;
const pageSize = 100;

export const githubDeploy: IssueConnector<Issuer, Settings> = {
  provider: 'github-deploy',
  title: 'GitHub',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt'],
  origins: () => ['https://api.github.com'],
  issuer,
  issuerHelp: `{"appId", "installationId", "privateKey"}: ${needs}, and nothing else`,
  settings,
  // Read, or read and write, of this repository.
  scopes: 'none',
  // "Can perform the same actions as an organization member with admin access": https://docs.github.com/rest/deploy-keys/deploy-keys
  adminSettings: ({ access }) => (access === 'write' ? ['access: write'] : []),
  example: {
    env: 'DEPLOY_KEY',
    settings: { owner: 'example', repository: 'docs' },
    replace: 'owner and repository: the one that the server reads.',
  },
  secretPattern: /^-----BEGIN OPENSSH PRIVATE KEY-----\n/,
  callOrigins: () => ['ssh://github.com'],
  presents: [{ in: 'ssh' }],
  placeholder: `-----BEGIN OPENSSH PRIVATE KEY-----\n${placeholder(64)}\n`,
  unauthorizedMeansNotDone: true,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 255,

  async signIn(http, { appId, installationId, privateKey }) {
    const { body } = await http.send('POST', `/app/installations/${installationId}/access_tokens`, {
      headers,
      bearer: appToken(privateKey, appId, http.now()),
      json: { permissions: { administration: 'write' } },
      needs,
      causes,
      reply: token,
    });
    const seconds = (Date.parse(body.expires_at) - http.now().getTime()) / 1000;
    return { token: body.token, seconds };
  },

  async create(http, _issuer, { name, settings }) {
    const { privateKey, publicKey } = makeSshKeyPair();
    const json = { title: name, key: publicKey, read_only: settings.access === 'read' };
    const reply = z.object({ id: z.number(), read_only: z.literal(json.read_only) });
    const call = { headers, json, needs, causes, once: true, reply };
    const { body } = await http.send('POST', pathOf(settings), call);
    return { keyId: String(body.id), secret: privateKey };
  },

  async list(http, _issuer, settings) {
    const { keys } = await readKeys(http, settings);
    return keys.map(({ id, title, created_at, last_used }) => ({
      id: String(id),
      name: title,
      createdAt: new Date(created_at),
      lastUsedAt: timeOf(last_used),
    }));
  },

  async revoke(http, _issuer, keyId, settings) {
    const path = `${pathOf(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { headers, expect: [404], needs, causes });
  },

  verify: async () => 'unknown',

  async verifyBeside(http, _issuer, { secret }, settings) {
    const publicKey = publicKeyOf(secret);
    // Not a key at all: GitHub was not asked.
    if (publicKey === undefined) return 'unknown';
    const { keys, isWhole } = await readKeys(http, settings);
    if (!isWhole) return 'unknown';
    const mine = keys.find(({ key }) => key.startsWith(publicKey));
    if (mine?.enabled === false) return 'unknown';
    return mine ? 'accepted' : 'rejected';
  },
};

/** `isWhole`: every page came with the documented status, so that what is not listed is not there. */
async function readKeys(http: Http, settings: Settings) {
  let isWhole = true;
  const keys = await everyPage('GitHub', async (page: string | undefined) => {
    const query = { per_page: pageSize, page };
    const call = { headers, query, needs, causes, reply: listed };
    const reply = await http.send('GET', pathOf(settings), call);
    isWhole &&= reply.status === 200;
    return { items: reply.body, next: nextPage('GitHub', reply.headers) };
  });
  return { keys, isWhole };
}
