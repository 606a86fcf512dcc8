// The connector against a real PostgreSQL with TLS, where one is installed: apt-get install postgresql
import type { ChildProcess } from 'node:child_process';
import postgresClient from 'postgres';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { postgres } from '../../../connectors/providers/postgres';
import type { SecretValue } from '../../../core/key/secret-value';
import type { IssueProvider } from '../../../core/provider';
import { freePort, makeCertificate, type OwnFolder, ownFolder, programOf, stop, untilUp } from './tls-server';

const [initdb, program] = [programOf('initdb'), programOf('postgres')];
if (!initdb || !program) process.stdout.write('postgres: skipped; there is no postgres here\n');
const whereThere = initdb && program ? test : test.skip;

const admin = { username: 'keyturn', password: 'a password of the test' };
const root = 'the password of the superuser';
const guarded = globalThis.fetch;
let folder: OwnFolder;
let server: ChildProcess;
let ca: string;
let port: number;

beforeAll(async () => {
  if (!initdb || !program) return;
  folder = ownFolder();
  const { certificate, privateKey } = await makeCertificate();
  ca = certificate;
  const password = folder.write('password', root);
  folder.run(initdb, ['-D', 'data', '-U', 'root', '-A', 'scram-sha-256', '--pwfile', password, '--no-sync']);
  folder.write('data/server.crt', certificate);
  folder.write('data/server.key', privateKey);
  folder.write('data/pg_hba.conf', 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  port = await freePort();
  const options = {
    port,
    ssl: 'on',
    fsync: 'off',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  server = folder.start(program, ['-D', 'data', ...flags]);
  // Nothing plays PostgreSQL here.
  globalThis.fetch = () => Promise.reject(new Error('PostgreSQL is not called over HTTP'));
  await untilUp(() => asRoot('select 1'));
  await asRoot('create database app');
  await asRoot(`create role app_owner nologin; create role other_owner nologin;
    create role keyturn login createrole password '${admin.password}' in role pg_signal_backend;
    grant app_owner to keyturn with admin option; grant other_owner to keyturn with admin option`);
  await asRoot('create table orders (id int); alter table orders owner to app_owner', 'app');
  await asRoot('grant create on schema public to app_owner', 'app');
});

afterAll(async () => {
  globalThis.fetch = guarded;
  await stop(server);
  folder?.remove();
});

function connection(username: string, password: string, database = 'postgres') {
  const ssl = { ca };
  const options = { host: 'localhost', port, username, password, database, ssl, max: 1, onnotice() {} };
  return postgresClient({ ...options, connect_timeout: 60, fetch_types: false, prepare: false });
}

async function asRoot(sql: string, database?: string) {
  const client = connection('root', root, database);
  try {
    return await client.unsafe(sql);
  } finally {
    await client.end();
  }
}

function bound(
  more: { role?: string; password?: string; ca?: string; database?: string } = {},
): IssueProvider {
  const settings = {
    host: `localhost:${port}`,
    database: more.database ?? 'app',
    role: more.role ?? 'app_owner',
    ca: more.ca ?? ca,
  };
  return bindConnector(postgres as Connector, {
    readIssuer: async () => ({ host: settings.host, ...admin, password: more.password ?? admin.password }),
    environment: 'prod',
    spec: { scopes: [], settings, maxGapDays: 31, overlapHours: 24 },
    clock: { now: () => new Date(), sleep: async () => {} },
  }) as IssueProvider;
}

const asServer = ({ username, secret }: SecretValue) => connection(String(username), secret, 'app');
const names = (list: { id: string }[]) => list.map(({ id }) => id).sort();

whereThere('two roles work beside each other, and one that was revoked ends with its sessions', async () => {
  const provider = bound();
  const first = await provider.make('keyturn-prod-bot-12345678.260901120000000.1234567890', new Date());
  const second = await provider.make('keyturn-prod-"bot"-2', new Date());
  expect([await provider.verify(first), await provider.verify(second)]).toEqual(['accepted', 'accepted']);
  const listed = await provider.list();
  expect(names(listed)).toEqual(names([{ id: first.keyId }, { id: second.keyId }]));
  expect(listed.find(({ id }) => id === first.keyId)?.expiresAt).toEqual(new Date(first.expiresAt ?? ''));

  const client = asServer(first);
  // What it makes belongs to the role that stays.
  await client.unsafe('create table made (id int)');
  expect(await asRoot("select tableowner from pg_tables where tablename = 'made'", 'app')).toEqual([
    { tableowner: 'app_owner' },
  ]);
  await provider.revoke(first.keyId);
  await expect(client.unsafe('select 1')).rejects.toThrow();
  await client.end({ timeout: 0 });
  await provider.revoke(first.keyId);
  expect([await provider.verify(first), await provider.verify(second)]).toEqual(['denied', 'accepted']);
  expect(await provider.control?.()).toBe('accepted');
  expect(names(await provider.list())).toEqual([second.keyId]);
  expect(await asRoot(`select 1 from pg_roles where rolname = '${first.keyId}'`)).toEqual([]);
  await provider.revoke(second.keyId);
});

whereThere(
  'a role that owns something stays without a login, and is neither listed nor accepted',
  async () => {
    const provider = bound();
    const key = await provider.make('keyturn-owner', new Date());
    await asRoot('create table kept (id int); alter table kept owner to "keyturn-owner"', 'app');
    await provider.revoke(key.keyId);
    expect(await provider.list()).toEqual([]);
    expect(await provider.verify(key)).toBe('denied');
    expect(await asRoot("select rolcanlogin from pg_roles where rolname = 'keyturn-owner'")).toEqual([
      { rolcanlogin: false },
    ]);
    await provider.revoke(key.keyId);
  },
);

whereThere('no password is in clear in what the server logs and keeps', async () => {
  const provider = bound();
  await asRoot("alter system set log_statement = 'all'");
  await asRoot('select pg_reload_conf()');
  const key = await provider.make('keyturn-logged', new Date());
  const kept = await asRoot("select rolpassword from pg_authid where rolname = 'keyturn-logged'");
  expect(kept[0]?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
  expect(JSON.stringify(kept)).not.toContain(key.secret);
  await provider.revoke(key.keyId);
});

whereThere('keys of another role are not listed', async () => {
  const [here, there] = [bound(), bound({ role: 'other_owner' })];
  const key = await there.make('keyturn-other', new Date());
  expect([names(await here.list()), names(await there.list())]).toEqual([[], ['keyturn-other']]);
  await there.revoke(key.keyId);
});

whereThere('a login that ends, a role without one, and one that may not connect are told apart', async () => {
  const provider = bound();
  const key = await provider.make('keyturn-told', new Date());
  await asRoot('revoke connect on database app from public');
  expect(await provider.verify(key)).toBe('accepted');
  await asRoot('grant connect on database app to public');
  await asRoot('alter role "keyturn-told" nologin');
  expect(await provider.verify(key)).toBe('denied');
  await asRoot(`alter role "keyturn-told" login valid until '2020-01-01'`);
  expect(await provider.verify(key)).toBe('denied');
  expect(await provider.verify({ ...key, secret: `${key.secret}x` })).toBe('denied');
  expect(await bound({ database: 'nowhere' }).verify(key)).toBe('denied');
  await provider.revoke(key.keyId);
});

whereThere.each([
  ['a role that is not there', { role: 'nobody' }, 'not-found'],
  ['a wrong credential', { password: 'wrong' }, 'issuer-rejected'],
  ['a database that is not there', { database: 'nowhere' }, 'not-found'],
])('%s is told, and no key is made', async (_, more, code) => {
  const error = await bound(more)
    .make('keyturn-none', new Date())
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(await asRoot("select 1 from pg_roles where rolname = 'keyturn-none'")).toEqual([]);
});

whereThere('a server whose certificate nobody vouches for gets no password', async () => {
  const { certificate } = await makeCertificate();
  await expect(bound({ ca: certificate }).list()).rejects.toMatchObject({ code: 'no-answer' });
});
