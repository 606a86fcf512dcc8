// Access tokens of one project or group. GitLab's own /rotate is never used: it ends the old token at once, and calling it
// with a token that is already revoked ends every token of its family.
import * as z from 'zod/mini';
import { dayMs } from '../../core/time';
import { awsPartner } from '../contract/aws-partner';
import type { IssueConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { ownHost } from '../contract/own-host';
import { bearer, placeholder } from '../contract/presented';
import type { Cause, Http } from '../http/http';
import { everyPage, nextPage } from '../http/paging';

/** GitLab's numbers for roles. */
const levels = { guest: 10, planner: 15, reporter: 20, developer: 30, maintainer: 40, owner: 50 };
/** Host and port; gitlab.com where absent. */
const host = z.optional(ownHost);
const path = z.optional(z.string().check(z.minLength(1)));
const accessLevel = z.optional(z.enum(['guest', 'planner', 'reporter', 'developer', 'maintainer', 'owner']));
/** What the instance allows tokens, where that is less than a year. */
const maxKeyDays = z.optional(z.int().check(z.minimum(2), z.maximum(365)));
const places = z.strictObject({ host, project: path, group: path, accessLevel, maxKeyDays });
type Settings = Omit<z.infer<typeof places>, 'project' | 'group'> &
  ({ project: string; group?: undefined } | { project?: undefined; group: string });
const settings = places.check(
  z.refine(({ project, group }) => project || group, { path: ['project or group'] }),
  z.refine(({ project, group }) => !project || !group, {
    path: ['group'],
    error: 'stands beside project; keep one of them',
  }),
) as z.ZodMiniType<Settings>;
const issuer = z.object({ token: z.string().check(z.minLength(1)), host });

// Not every number: of one that is too large, the last digits are another key's.
const told = { id: z.int(), scopes: z.array(z.string()) };
const issued = z.object({ ...told, token: z.string(), expires_at: z.string() });
const listed = z.object({
  ...told,
  name: z.string(),
  created_at: z.string(),
  last_used_at: z.nullish(z.string()),
  expires_at: z.nullish(z.string()),
});
const selfPath = '/api/v4/personal_access_tokens/self';
const about = { needs: 'nothing: every live token may ask this', reply: z.object(told) };
const self = (active: boolean) => z.object({ active: z.literal(active) });
// `invalid_token` alone is also said of tokens that live, such as one for impersonation where that is switched off.
const ended = z.object({
  error: z.literal('invalid_token'),
  error_description: z.string().check(z.regex(/^Token (was revoked|is expired)\./)),
});
const unauthorized = z.object({ message: z.literal('401 Unauthorized') });
const tooLong = z.object({ message: z.string().check(z.regex(/^400 Bad request - Expiration date/)) });

export const gitlab: IssueConnector<z.infer<typeof issuer>, Settings> = {
  provider: 'gitlab',
  title: 'GitLab',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt', 'expiresAt', 'scopes'],
  origins: ({ host = 'gitlab.com' }) => [`https://${host}`],
  issuer,
  issuerHelp:
    '{"token", "host"?}: a personal access token with the scope api, owned by a Maintainer of the project or an Owner of the group',
  issuerOrigin: ({ host = 'gitlab.com' }) => `https://${host}`,
  settings,
  scopes: 'required',
  // Those of projects and groups.
  knownScopes: {
    source: 'https://docs.gitlab.com/security/tokens/access_token_scopes/',
    names: [
      ...['api', 'read_api', 'self_rotate', 'create_runner', 'manage_runner', 'ai_features', 'k8s_proxy'],
      ...['repository', 'registry', 'virtual_registry'].flatMap(of => [`read_${of}`, `write_${of}`]),
    ],
  },
  adminScopes: /^(api|sudo|admin_mode|create_runner|manage_runner|self_rotate)$/,
  // Self-managed instances choose their own prefix.
  example: {
    env: 'GITLAB_TOKEN',
    scopes: ['read_api'],
    settings: { project: 'example/{server}', accessLevel: 'reporter' },
    replace: 'project: the path of your project, or write group in its place.',
  },
  secretPattern: /^[\w.=-]{20,}$/,
  secretMark: /^glpat-/,
  callOrigins: ({ host = 'gitlab.com' }) => [`https://${host}`],
  // https://docs.gitlab.com/api/rest/authentication/: also as the parameter private_token, which ends up in logs. Git takes any user.
  presents: [{ in: 'header', name: 'private-token' }, bearer, { in: 'basic', user: { text: 'oauth2' } }],
  placeholder: `glpat-${placeholder(20)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  // GitLab allows 365, and an instance may allow less; the last day is cut, because tokens end at midnight.
  maxKeyDays: ({ maxKeyDays = 365 }) => maxKeyDays - 1,
  adminSettings: ({ accessLevel }) => (accessLevel === 'owner' ? ['accessLevel: owner'] : []),
  nameMaxLength: 255,
  // AWS calls /rotate: the old token ends at once.
  awsPartner: awsPartner('gitlab', {
    type: 'GitLabAccessToken',
    secret: 'token',
    keyId: 'tokenId',
    fields: ['token', 'tokenId', 'gitlabUrl', 'projectId?', 'groupId?'],
    metadata: ['adminSecretArn?', 'daysToExpiry?'],
    keyDays: ({ daysToExpiry }) => (daysToExpiry ? Number(daysToExpiry) : undefined),
    ends: 'by-id',
    steps: {
      make: 'create an access token of the project or group in GitLab (Settings, Access tokens)',
      end: 'revoke the access token of the project or group in GitLab (Settings, Access tokens)',
    },
  }),

  async create(http, { token }, { name, scopes, expiresAt, settings }) {
    const role = settings.accessLevel ?? 'developer';
    const json = { name, scopes, expires_at: dayAfter(expiresAt), access_level: levels[role] };
    const needs = `the scope api and at least the role ${role}, which it grants`;
    const fix =
      'this GitLab lets tokens live for less time; set maxKeyDays in the settings of this key to what it allows, or rotate this key more often';
    const causes: Cause[] = [['refused', tooLong, fix]];
    const call = { bearer: token, json, needs, causes, once: true, reply: issued };
    const { body } = await http.send('POST', tokensPath(settings), call);
    const end = `${body.expires_at}T00:00:00.000Z`;
    return { keyId: String(body.id), secret: body.token, expiresAt: end, scopes: body.scopes };
  },

  async list(http, { token }, settings) {
    const common = { bearer: token, needs: 'the scope read_api', reply: z.array(listed) };
    const tokens = await everyPage('GitLab', async (page: string | undefined) => {
      const query = { state: 'active', per_page: 100, page };
      const reply = await http.send('GET', tokensPath(settings), { ...common, query });
      return { items: reply.body, next: nextPage('GitLab', reply.headers) };
    });
    return tokens.map(({ id, name, scopes, created_at, last_used_at, expires_at }) => {
      const times = { lastUsedAt: timeOf(last_used_at), expiresAt: timeOf(expires_at) };
      return { id: String(id), name, scopes, createdAt: new Date(created_at), ...times };
    });
  },

  async revoke(http, { token }, keyId, settings) {
    const path = `${tokensPath(settings)}/${encodeURIComponent(keyId)}`;
    await http.send('DELETE', path, { bearer: token, expect: [404], needs: 'the scope api' });
  },

  async identify(http, secret) {
    const { body } = await http.send('GET', selfPath, { bearer: secret, ...about });
    return String(body.id);
  },

  verify: (http, { secret }) => ask(http, secret),

  control: (http, { token }) => ask(http, token),

  issuerPower: {
    // The others are part of it.
    needed: /^(api|read_api|read_user)$/,
    async scopes(http, { token }) {
      return (await http.send('GET', selfPath, { bearer: token, ...about })).body.scopes;
    },
  },
};

/** Every token may ask this. One that is unknown gets no words of its own: another host's token, or a deleted bot's. */
function ask(http: Http, bearer: string) {
  return http.probe('GET', selfPath, { bearer }, [
    ['accepted', 200, self(true)],
    ['rejected', 200, self(false)],
    ['rejected', 401, ended],
    ['denied', 401, unauthorized],
  ]);
}

/** A token dies at the start of a day: the first that begins after `instant`. */
function dayAfter(instant: Date): string {
  return new Date(Math.ceil(instant.getTime() / dayMs) * dayMs).toISOString().slice(0, 10);
}

function tokensPath({ project, group }: Settings): string {
  const [owners, owner] = group === undefined ? ['projects', project] : ['groups', group];
  return `/api/v4/${owners}/${encodeURIComponent(owner)}/access_tokens`;
}
