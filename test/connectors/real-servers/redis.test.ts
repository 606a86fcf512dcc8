// The connector against a real Redis with TLS, where one is installed: apt-get install redis-server
import type { ChildProcess } from 'node:child_process';
import { connect, type TLSSocket } from 'node:tls';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { redis } from '../../../connectors/providers/redis';
import type { InstallProvider } from '../../../core/provider';
import { freePort, makeCertificate, type OwnFolder, ownFolder, programOf, stop, untilUp } from './tls-server';

const program = programOf('redis-server');
if (!program) process.stdout.write('redis: skipped; there is no redis-server here\n');
const whereThere = program ? test : test.skip;

const admin = { username: 'keyturn', password: 'a_password_of_the_test' };
const guarded = globalThis.fetch;
let folder: OwnFolder;
let server: ChildProcess;
let ca: string;
let host: string;

const start = (port: number, users = ['--aclfile', 'users.acl']) =>
  folder.start(program ?? '', [
    ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder.path],
    ...['--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem', '--tls-auth-clients', 'no', ...users],
  ]);

beforeAll(async () => {
  if (!program) return;
  folder = ownFolder();
  const { certificate, privateKey } = await makeCertificate();
  ca = certificate;
  folder.write('cert.pem', certificate);
  folder.write('key.pem', privateKey);
  folder.write(
    'users.acl',
    [
      'user default off',
      `user keyturn on >${admin.password} -@all +acl|getuser +acl|setuser +acl|save +client|kill +ping`,
      'user support-bot on resetpass ~* -@all +get +set',
      'user anybody on nopass ~* -@all +get',
    ].join('\n'),
  );
  const port = await freePort();
  host = `localhost:${port}`;
  server = start(port);
  // Nothing plays Redis here.
  globalThis.fetch = () => Promise.reject(new Error('Redis is not called over HTTP'));
  await untilUp(() => bound().list());
});

afterAll(async () => {
  globalThis.fetch = guarded;
  await stop(server);
  folder?.remove();
});

function bound(more: { user?: string; password?: string; ca?: string; host?: string } = {}): InstallProvider {
  const password = more.password ?? admin.password;
  const settings = { host: more.host ?? host, user: more.user ?? 'support-bot', ca: more.ca ?? ca };
  return bindConnector(redis as Connector, {
    readIssuer: async () => ({ host: settings.host, username: admin.username, password }),
    environment: 'prod',
    spec: { scopes: [], settings, maxGapDays: 31, overlapHours: 24 },
    clock: { now: () => new Date(), sleep: async () => {} },
  }) as InstallProvider;
}

/** A session of a server that holds this password. */
async function session(
  password: string,
): Promise<{ socket: TLSSocket; ask(command: string): Promise<string> }> {
  const [name = '', port = ''] = host.split(':');
  const socket = connect({ host: name, port: Number(port), servername: name, ca });
  socket.on('error', () => {});
  const ask = (command: string) =>
    new Promise<string>(resolve => {
      socket.once('data', data => resolve(String(data)));
      socket.once('close', () => resolve('closed'));
      socket.write(`${command}\r\n`);
    });
  expect(await ask(`AUTH support-bot ${password}`)).toBe('+OK\r\n');
  return { socket, ask };
}

whereThere(
  'two passwords work beside each other, and one that was revoked ends with its sessions',
  async () => {
    const provider = bound();
    const [first, second] = [await provider.make('', new Date()), await provider.make('', new Date())];
    expect(await provider.verify(first)).toBe('denied');
    await provider.install(first);
    await provider.install(first);
    await provider.install(second);
    expect([await provider.verify(first), await provider.verify(second)]).toEqual(['accepted', 'accepted']);
    expect((await provider.list()).map(({ id }) => id).sort()).toEqual([first.keyId, second.keyId].sort());
    const { socket, ask } = await session(first.secret);
    expect(await ask('SET order paid')).toBe('+OK\r\n');
    const ended = new Promise(resolve => socket.once('close', resolve));
    await provider.revoke(first.keyId);
    await ended;
    await provider.revoke(first.keyId);
    expect([await provider.verify(first), await provider.verify(second)]).toEqual(['denied', 'accepted']);
    expect(await provider.control?.()).toBe('accepted');
    expect((await provider.list()).map(({ id }) => id)).toEqual([second.keyId]);
    await provider.revoke(second.keyId);
  },
);

whereThere('what was installed outlives a restart', async () => {
  const provider = bound();
  const key = await provider.make('', new Date());
  await provider.install(key);
  await stop(server);
  server = start(Number(host.split(':')[1]));
  await untilUp(() => provider.list());
  expect(await provider.verify(key)).toBe('accepted');
});

whereThere('a server that would forget it at its next restart is told of no password', async () => {
  const port = await freePort();
  const rules = ['+acl|getuser', '+acl|setuser', '+acl|save'];
  const other = start(port, [
    ...['--user', 'keyturn', 'on', `>${admin.password}`, ...rules],
    ...['--user', 'support-bot', 'on', '~*', '+get'],
  ]);
  try {
    const provider = bound({ host: `localhost:${port}` });
    await untilUp(() => provider.list());
    await expect(provider.install(await provider.make('', new Date()))).rejects.toThrow(
      'give the server an ACL file',
    );
    expect(await provider.list()).toEqual([]);
  } finally {
    await stop(other);
  }
});

whereThere.each([
  ['a user that is not there is not made', { user: 'suport-bot' }, 'not-found', 'make it with the rights'],
  ['a user that any password lets in gets none', { user: 'anybody' }, 'refused', 'nopass'],
  ['a wrong credential is told', { password: 'wrong' }, 'issuer-rejected', 'npx keyturn issuer set redis'],
])('%s', async (_, more, code, words) => {
  const provider = bound(more);
  const key = await provider.make('', new Date());
  const error = await provider.install(key).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
  expect(String(error)).not.toContain(key.secret);
});

whereThere('a server whose certificate nobody vouches for gets no password', async () => {
  const { certificate } = await makeCertificate();
  const foreign = bound({ ca: certificate });
  await expect(foreign.list()).rejects.toMatchObject({ code: 'no-answer' });
  const key = await foreign.make('', new Date());
  expect(await foreign.verify(key)).toBe('unknown');
});
