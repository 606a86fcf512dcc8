import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { basicOf, type Dialect, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount } from '../fake-account';
import { keyedRoute } from '../key-routes';

const issuer = { username: 'keyturn', password: 'FAKESECRETissuer000000000000000000000000' };
const path = '/{database}';

const failure = (status: number, code: string, message: string): WireReply => ({
  status,
  body: { code, message },
});
const wrong = (user = 'keyturn-role') =>
  failure(401, '28P01', `password authentication failed for user "${user}"`);
const noRole = (role = '') => failure(404, '42704', `role "${role}" does not exist`);
const rows = (...all: unknown[]): WireReply => ({ status: 200, body: { rows: all } });
const sqlOf = ({ json }: WireCall) => String((json as { sql?: string }).sql);
const firstValue = ({ json }: WireCall) => (json as { values?: string[] }).values?.[0] ?? '';

function isIssuer(call: WireCall): boolean {
  const { user, password } = basicOf(call) ?? {};
  return user === issuer.username && password === issuer.password;
}

type StatementAnswer = (call: WireCall, account: FakeAccount, found: RegExpExecArray) => WireReply;

/** One statement that only the issuer may make. */
function statement(kind: 'create' | 'list' | 'revoke', sql: RegExp, answer: StatementAnswer) {
  return {
    kind,
    method: 'POST',
    path,
    when: (call: WireCall) => sql.test(sqlOf(call)),
    answer(call: WireCall, account: FakeAccount): WireReply {
      const found = sql.exec(sqlOf(call));
      return found && isIssuer(call) ? answer(call, account, found) : wrong(basicOf(call)?.user);
    },
  };
}

const role = '"((?:[^"]|"")+)"';
const named = (quoted = '') => quoted.replaceAll('""', '"');
const keyNamed = (account: FakeAccount, name: string) =>
  account.keys.find(key => key.id === name && !key.revokedAt);

const verifiers = new Map<string, string>();

/** RFC 5803, with the salt that Keyturn takes. */
function verifierOf(password: string): string {
  const known = verifiers.get(password);
  if (known) return known;
  const salt = createHmac('sha256', password).update('salt').digest().subarray(0, 16);
  const salted = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const verifier = `SCRAM-SHA-256$4096:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
  verifiers.set(password, verifier);
  return verifier;
}

const recorded = 'recorded 2026-11-29 a server of PostgreSQL 15 with TLS';
const secretOf = (call: WireCall) => basicOf(call)?.password;

export const postgres: Dialect = {
  provider: 'postgres',
  evidence: [
    `${recorded}: every statement and answer here`,
    'docs 2026-11-29 https://www.postgresql.org/docs/current/sql-createrole.html: a password may be given as its SCRAM verifier',
  ],
  sample: {
    settings: { host: 'db.acme.example.com:5432', database: 'app', role: 'app_owner' },
    scopes: [],
  },
  origins: settings => [`https://${settings.host}`],
  place: settings => `https://${settings.host}/${settings.role}`,
  issuer: settings => ({ host: String(settings.host), ...issuer }),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 100,
  knownBy: verifierOf,
  tooMany: () => failure(429, '53300', 'sorry, too many clients already'),
  routes: [
    statement(
      'create',
      new RegExp(
        `^create role ${role} login password '(SCRAM-SHA-256[^']+)' valid until '([^']+)' in role ${role}; alter role "\\1" set role "\\4"$`,
      ),
      (call, account, [, quoted, secret = '', end = '', group]) => {
        const [id, place] = [named(quoted), `${call.origin}/${named(group)}`];
        if (!account.hasPlace(place)) return noRole(named(group));
        if (Buffer.byteLength(id) > 63) return failure(400, '42622', 'identifier is too long');
        if (keyNamed(account, id)) return failure(409, '42710', `role "${id}" already exists`);
        const key = account.add({ id, place, name: id, secret });
        key.expiresAt = new Date(end);
        return { ...rows(), key };
      },
    ),
    statement('list', /^select member\.rolname as name, /, (call, account) =>
      rows(
        ...account
          .present(`${call.origin}/${firstValue(call)}`)
          .map(({ id, expiresAt }) => ({ name: id, ends: expiresAt?.toISOString() ?? null })),
      ),
    ),
    statement(
      'revoke',
      new RegExp(`^alter role ${role} nologin password null$`),
      (_call, account, [, quoted]) => {
        const key = keyNamed(account, named(quoted));
        if (!key) return noRole(named(quoted));
        account.revoke(key);
        return { ...rows(), key };
      },
    ),
    statement(
      'revoke',
      /^select pg_terminate_backend\(pid\) from pg_stat_activity where usename = \$1$/,
      () => rows({ pg_terminate_backend: true }),
    ),
    statement('revoke', new RegExp(`^drop role ${role}$`), () => rows()),
    {
      ...keyedRoute({
        kind: 'verify',
        method: 'POST',
        path,
        secretOf,
        refused: wrong(),
        answer: ({ id }) => rows({ name: id }),
        issuer: call => (isIssuer(call) ? rows({ name: issuer.username }) : undefined),
      }),
      when: call => sqlOf(call) === 'select session_user as name',
    },
    {
      ...keyedRoute({
        kind: 'use',
        method: 'POST',
        path,
        secretOf,
        refused: wrong(),
        answer: () => rows({ id: 17, status: 'paid' }),
      }),
      when: call => sqlOf(call) === 'select id, status from orders',
    },
  ],
  verifyAnswers: [
    [
      'a role that is gone, a wrong password, a role past its end, another server',
      'denied',
      wrong(),
      recorded,
    ],
    [
      'a role without a login',
      'denied',
      failure(401, '28000', 'role "keyturn-role" is not permitted to log in'),
      recorded,
    ],
    [
      'a role that may not connect to this database',
      'accepted',
      failure(403, '42501', 'permission denied for database "app"'),
      recorded,
    ],
    [
      'an address that the server lets nobody in from',
      'unknown',
      failure(
        401,
        '28000',
        'no pg_hba.conf entry for host "10.0.0.1", user "keyturn-role", database "app", SSL encryption',
      ),
      'source 2026-11-29 https://github.com/postgres/postgres src/backend/libpq/auth.c',
    ],
    [
      'a login without the client certificate that the server wants',
      'unknown',
      failure(401, '28000', 'connection requires a valid client certificate'),
      'source 2026-11-29 https://github.com/postgres/postgres src/backend/libpq/auth.c',
    ],
    [
      'a database that is not there',
      'unknown',
      failure(404, '3D000', 'database "app" does not exist'),
      recorded,
    ],
    [
      'a server that is starting',
      'unknown',
      failure(503, '57P03', 'the database system is starting up'),
      'docs 2026-11-29 https://www.postgresql.org/docs/current/errcodes-appendix.html',
    ],
    [
      'another role',
      'unknown',
      rows({ name: 'somebody-else' }),
      'docs 2026-11-29 https://www.postgresql.org/docs/current/functions-info.html',
    ],
  ],
  use: (value, settings) => ({
    // The session is played over HTTPS.
    url: `https://${settings.host}/${settings.database}`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${value.username}:${value.secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ sql: 'select id, status from orders' }),
  }),
};
