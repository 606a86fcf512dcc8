// Passwords of one Redis user, of which an ACL user may have several. Keyturn chooses them, and sends Redis their SHA-256 alone.
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import { fingerprint, generateSecret } from '../../core/key/generated-secret';
import type { InstallConnector } from '../contract/connector';
import { ownHost } from '../contract/own-host';
import { placeholder } from '../contract/presented';
import type { Cause, Http, HttpCall } from '../http/http';
import { redisTransport } from '../transports/redis-transport';

const name = z.string().check(z.regex(/^[\w.-]+$/));
const issuer = z.object({ host: ownHost, username: name, password: z.string().check(z.minLength(1)) });
const settings = z.strictObject({
  /** Of one node; its port is 6379 where none is named. */
  host: ownHost,
  user: name,
  /** Of the server's certificate, as PEM. @default - those that Node knows */
  ca: z.optional(z.string()),
});
export type Issuer = z.infer<typeof issuer>;
export type Settings = z.infer<typeof settings>;

const failure = (words: RegExp) => z.object({ error: z.string().check(z.regex(words)) });
const noUser = z.object({ reply: z.null() });
/** Names and values in turn; `passwords` are SHA-256, in hexadecimal. */
const user = z.object({ reply: z.array(z.unknown()) });
const list = z.array(z.string());
const needs = 'the commands acl|getuser, acl|setuser, acl|save and client|kill';
const origin = ({ host }: { host: string }) => `https://${host}`;
const sha256 = (secret: string) => createHash('sha256').update(secret).digest('hex');

export const redis: InstallConnector<Issuer, Settings> = {
  provider: 'redis',
  title: 'Redis',
  kind: 'install',
  tells: [],
  placeOf: ({ host, user }) => `${host} ${user}`,
  origins: settings => [origin(settings)],
  transport: ({ ca }) => redisTransport(ca),
  issuer,
  issuerHelp: `{"host", "username", "password"}: a user of its own that may run ${needs}`,
  issuerOrigin: origin,
  settings,
  // What a password may do is in the rules of its user.
  scopes: 'none',
  example: {
    env: { REDIS_USERNAME: 'username', REDIS_PASSWORD: 'secret' },
    settings: { host: 'redis.example.com', user: '{server}' },
    replace: 'host and user: your server, and the user that the MCP server has there for itself alone.',
  },
  secretPattern: /^keyturn_\w{49}$/,
  callOrigins: ({ host }) => [`rediss://${host}`],
  presents: [{ in: 'session' }],
  placeholder: `keyturn_${placeholder(49)}`,
  // A connection stays open whatever happens to its password, and commands are not done twice.
  unauthorizedMeansNotDone: false,
  propagation: { createMs: 0, revokeMs: 0 },

  generate({ settings: { user } }) {
    const secret = generateSecret();
    return { keyId: fingerprint(secret), secret, fields: { username: user } };
  },

  async install(http, issuer, { secret }, { user }) {
    // SETUSER would make a user that is not there.
    await hashesOf(http, issuer, user);
    // First, too: what it cannot keep it is not told.
    await save(http, issuer);
    await run(http, issuer, 'acl/setuser', [user, `#${sha256(secret)}`]);
    await save(http, issuer);
  },

  async list(http, issuer, { user }) {
    return (await hashesOf(http, issuer, user)).map(hash => ({ id: hash.slice(0, 16) }));
  },

  async revoke(http, issuer, keyId, { user }) {
    const hash = (await hashesOf(http, issuer, user)).find(each => each.startsWith(keyId));
    if (hash) await run(http, issuer, 'acl/setuser', [user, `!${hash}`]);
    await save(http, issuer);
    // They outlive their password, and Redis does not tell which they came in by: servers connect again, with the present one.
    await run(http, issuer, 'client/kill', ['USER', user]);
  },

  verify: (http, { secret }, { user }) => ask(http, user, secret),

  control: (http, { username, password }) => ask(http, username, password),
};

function run<Body>(
  http: Http,
  { username, password }: Issuer,
  command: string,
  args: string[],
  more: Partial<HttpCall<Body>> = {},
) {
  return http.send('POST', `/${command}`, {
    basic: { user: username, password },
    json: { args },
    needs,
    ...more,
  });
}

/** A password that only its memory holds, a restart would lose, and one that was taken away there would come back. */
function save(http: Http, issuer: Issuer) {
  const fix =
    'give the server an ACL file (aclfile), without which a restart undoes every change of passwords';
  const causes: Cause[] = [['refused', failure(/not configured to use an ACL file/), fix]];
  return run(http, issuer, 'acl/save', [], { causes });
}

async function hashesOf(http: Http, issuer: Issuer, name: string): Promise<string[]> {
  const { body } = await run(http, issuer, 'acl/getuser', [name], {
    reply: user,
    causes: [
      ['not-found', noUser, `there is no user ${name}; make it with the rights that its server needs`],
    ],
  });
  const fields = new Map(body.reply.flatMap((each, at, all) => (at % 2 ? [] : [[each, all[at + 1]]])));
  const [flags, passwords] = [list.parse(fields.get('flags')), list.parse(fields.get('passwords'))];
  if (!flags.includes('nopass')) return passwords;
  throw new KeyturnError(
    'refused',
    `the user ${name} of Redis is let in with any password (nopass), so no password of it can be ended; run ACL SETUSER ${name} resetpass there`,
  );
}

/** A password of another server, or of a user that is switched off, gets the same words as one that has ended. */
function ask(http: Http, user: string, password: string) {
  return http.probe('POST', '/ping', { basic: { user, password }, json: { args: [] } }, [
    ['accepted', 200, z.object({ reply: z.literal('PONG') })],
    ['accepted', 403, failure(/^NOPERM /)],
    ['denied', 401, failure(/^WRONGPASS /)],
  ]);
}
