// Tokens of a private npm registry. They have no names, so that each key has a user of its own, whose password makes its tokens.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import type { IssueConnector } from '../contract/connector';
import { atOwnHost, ownHost } from '../contract/own-host';
import { bearer, placeholder } from '../contract/presented';
import type { Http, HttpRequest } from '../http/http';

const settings = z.strictObject({
  host: ownHost,
  user: z.string().check(
    z.regex(/^[\w.-]+$/),
    z.refine(name => name !== 'host', {
      error: 'is a field of the issuer credential; name the user otherwise',
    }),
  ),
});
type Settings = z.infer<typeof settings>;
export interface Issuer extends Record<string, string> {
  host: string;
}
const issuer = z.catchall(z.object({ host: ownHost }), z.string());

const issued = z.object({ token: z.string(), key: z.string() });
const listed = z.object({ objects: z.array(z.object({ key: z.string(), created: z.string() })) });
const end = z.object({ exp: z.number() });
const ended = z.object({ error: z.literal('unauthorized access') });
const unknown = z.object({ message: z.literal('You must be logged in to publish packages.') });

const path = '/-/npm/v1/tokens';
const needs = 'the password of the user';

export const verdaccio: IssueConnector<Issuer, Settings> = {
  provider: 'verdaccio',
  title: 'Verdaccio',
  kind: 'issue',
  tells: ['createdAt', 'expiresAt'],
  exclusive: true,
  ...atOwnHost,
  issuer,
  issuerHelp:
    '{"host", "<user>": "<password>", ...}: the password of every user that a key names; let none of them log in elsewhere',
  settings,
  scopes: 'none',
  example: {
    env: 'NPM_TOKEN',
    settings: { host: 'npm.example.com', user: '{server}' },
    replace: 'host and user: your registry, and a user there for this server alone.',
  },
  secretPattern: /^[\w.+/=-]{40,}$/,
  presents: [bearer],
  placeholder: placeholder(60),
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength: 100,

  async create(http, issuer, { settings }) {
    const basic = passwordOf(issuer, settings);
    const json = { password: basic.password, readonly: false, cidr_whitelist: [] };
    const { body } = await http.send('POST', path, { basic, json, needs, once: true, reply: issued });
    return { keyId: body.key, secret: body.token, ...endOf(body.token) };
  },

  async list(http, issuer, settings) {
    const call = { basic: passwordOf(issuer, settings), needs, reply: listed };
    const { body } = await http.send('GET', path, call);
    return body.objects.map(({ key, created }) => ({ id: key, createdAt: new Date(created) }));
  },

  async revoke(http, issuer, keyId, settings) {
    const basic = passwordOf(issuer, settings);
    await http.send('DELETE', `${path}/token/${encodeURIComponent(keyId)}`, { basic, expect: [404], needs });
  },

  verify: (http, { secret }) => ask(http, { bearer: secret }),

  control: (http, issuer, settings) => ask(http, { basic: passwordOf(issuer, settings) }),
};

/** /-/whoami would say 200 to everybody. */
function ask(http: Http, request: HttpRequest) {
  return http.probe('GET', '/-/npm/v1/user', request, [
    ['accepted', 200, z.object({ name: z.string(), tfa: z.unknown() })],
    ['denied', 403, ended],
    ['denied', 401, unknown],
  ]);
}

/** @throws {KeyturnError} bad-issuer */
function passwordOf(issuer: Issuer, { user }: Settings): { user: string; password: string } {
  const password = issuer[user];
  if (password) return { user, password };
  throw new KeyturnError(
    'bad-issuer',
    `the issuer credential of Verdaccio has no password of the user ${user}; set it again with \`npx keyturn issuer set verdaccio\`, with the passwords of all users`,
  );
}

/** The registry's own configuration decides how long tokens live, and each says so itself; older ones are no JWTs. */
function endOf(token: string): { expiresAt?: string } {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (payload === undefined) return {};
  const { success, data } = end.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return success ? { expiresAt: new Date(data.exp * 1000).toISOString() } : {};
}
