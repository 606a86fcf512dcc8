// Roles of one PostgreSQL server: each key is a role of its own, which is a member of the role that has the rights and acts as it, so
// that what it makes belongs to nobody who goes. Keyturn chooses the password, and sends the SCRAM verifier alone.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import * as z from 'zod/mini';
import { generateSecret } from '../../core/key/generated-secret';
import type { IssueConnector } from '../contract/connector';
import { ownHost } from '../contract/own-host';
import { placeholder } from '../contract/presented';
import type { Http, HttpCall } from '../http/http';
import { postgresTransport } from '../transports/postgres-transport';

const name = z.string().check(z.regex(/^\w[\w.-]{0,62}$/));
const text = z.string().check(z.minLength(1));
const issuer = z.object({ host: ownHost, username: name, password: text });
const settings = z.strictObject({
  /** Its port is 5432 where none is named. */
  host: ownHost,
  database: name,
  /** Has the rights, and no login. */
  role: name,
  /** Of the server's certificate, as PEM. @default - those that Node knows */
  ca: z.optional(text),
});
export type Issuer = z.infer<typeof issuer>;
export type Settings = z.infer<typeof settings>;

const listed = z.object({ rows: z.array(z.object({ name: text, ends: z.nullable(z.string()) })) });
const failure = (code: string, words: RegExp) =>
  z.object({ code: z.literal(code), message: z.string().check(z.regex(words)) });
const needs =
  'CREATEROLE, ADMIN OPTION on the roles that have the rights, and membership in pg_signal_backend';
const origin = ({ host }: { host: string }) => `https://${host}`;
/** No role has a longer name. */
const nameMaxLength = 63;

export const postgres: IssueConnector<Issuer, Settings> = {
  provider: 'postgres',
  title: 'PostgreSQL',
  kind: 'issue',
  tells: ['expiresAt'],
  placeOf: ({ host, role }) => `${host} ${role}`,
  origins: settings => [origin(settings)],
  transport: ({ ca }) => postgresTransport(ca),
  issuer,
  issuerHelp: `{"host", "username", "password"}: a role of its own with ${needs}; no superuser`,
  issuerOrigin: origin,
  settings,
  // What a key may do is what its role may.
  scopes: 'none',
  example: {
    env: { PGUSER: 'username', PGPASSWORD: 'secret' },
    settings: { host: 'db.example.com', database: 'app', role: 'app_owner' },
    replace: 'host, database and role: your server, and the role without a login that has the rights.',
  },
  secretPattern: /^keyturn_\w{49}$/,
  callOrigins: ({ host }) => [`postgres://${host}`],
  presents: [{ in: 'session' }],
  placeholder: `keyturn_${placeholder(49)}`,
  // A session stays open whatever happens to its password, and statements are not done twice.
  unauthorizedMeansNotDone: false,
  propagation: { createMs: 0, revokeMs: 0 },
  nameMaxLength,

  async create(http, issuer, { name, expiresAt, settings }) {
    const secret = generateSecret();
    const [role, group] = [identifier(name), identifier(settings.role)];
    const end = expiresAt.toISOString();
    const make = `create role ${role} login password '${verifierOf(secret)}' valid until '${end}' in role ${group}`;
    await run(http, issuer, settings, `${make}; alter role ${role} set role ${group}`, { once: true });
    return { keyId: name, secret, expiresAt: end, fields: { username: name } };
  },

  async list(http, issuer, settings) {
    const sql = `select member.rolname as name, to_char(member.rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ends
      from pg_auth_members join pg_roles member on member.oid = pg_auth_members.member join pg_roles held on held.oid = pg_auth_members.roleid
      where held.rolname = $1 and member.rolcanlogin and member.rolname <> session_user`;
    const { body } = await run(http, issuer, settings, sql, { reply: listed }, [settings.role]);
    return body.rows.map(({ name, ends }) => ({
      id: name,
      name,
      expiresAt: ends ? new Date(ends) : ('never' as const),
    }));
  },

  async revoke(http, issuer, keyId, settings) {
    const role = identifier(keyId);
    const ask = (sql: string, expect: number[], values?: string[]) =>
      run(http, issuer, settings, sql, { expect }, values);
    // First the way in, then who is in: sessions outlive the login and the password.
    const { status } = await ask(`alter role ${role} nologin password null`, [404]);
    if (status === 404) return;
    await ask('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [], [keyId]);
    // One that owns something stays, without a login.
    await ask(`drop role ${role}`, [404, 409]);
  },

  verify: (http, { keyId, secret }, settings) => ask(http, keyId, secret, settings),

  control: (http, { username, password }, settings) => ask(http, username, password, settings),
};

function run<Body>(
  http: Http,
  { username, password }: Issuer,
  { database }: Settings,
  sql: string,
  more: Partial<HttpCall<Body>>,
  values?: string[],
) {
  const call = { basic: { user: username, password }, json: { sql, values }, needs, ...more };
  return http.send('POST', `/${encodeURIComponent(database)}`, call);
}

/** A wrong password, an unknown role and one past its end get the same words; so do roles of another server. */
function ask(http: Http, user: string, password: string, { database }: Settings) {
  const json = { sql: 'select session_user as name' };
  return http.probe('POST', `/${encodeURIComponent(database)}`, { basic: { user, password }, json }, [
    ['accepted', 200, z.object({ rows: z.tuple([z.object({ name: z.literal(user) })]) })],
    // Who may not connect to this database has come in before.
    ['accepted', 403, failure('42501', /^permission denied for database /)],
    ['denied', 401, failure('28P01', /^password authentication failed for user /)],
    ['denied', 401, failure('28000', /^role "[^"]*" is not permitted to log in$/)],
  ]);
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const iterations = 4096;

/**
 * What PostgreSQL keeps of a password: so no log and no statistics of the server have the password. The salt comes from the password,
 * whose 256 random bits need none.
 */
function verifierOf(secret: string): string {
  const salt = createHmac('sha256', secret).update('salt').digest().subarray(0, 16);
  const salted = pbkdf2Sync(secret, salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
