// The connector against a real Directus, on a PostgreSQL of its own, where both are installed: see from-npm.ts.
import { spawn, spawnSync } from 'node:child_process';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { directus } from '../../../connectors/providers/directus';
import type { RollProvider } from '../../../core/provider';
import { type FromNpm, type Place, serverFromNpm, serveWithDatabase } from './from-npm';

const installed = serverFromNpm('directus');
const whereThere = installed ? test : test.skip;
const host = 'directus.example.com';
const admin = 'FAKESECRETadminOfTheTest00000001';

serveWithDatabase(installed, { host, ready: '/server/ping', start });

function start(installed: FromNpm, { folder, port, databasePort }: Place) {
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DB_CLIENT: 'pg',
    DB_HOST: '127.0.0.1',
    DB_PORT: String(databasePort),
    DB_DATABASE: 'postgres',
    DB_USER: 'root',
    DB_PASSWORD: 'none',
    SECRET: 'of-the-test',
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'a password of the test',
    ADMIN_TOKEN: admin,
    STORAGE_LOCAL_ROOT: folder.path,
    EXTENSIONS_PATH: folder.path,
    TELEMETRY: 'false',
  };
  const program = `${installed.folder}/node_modules/directus/cli.js`;
  const options = { cwd: folder.path, env, stdio: 'ignore' } as const;
  // Some of its modules were compiled for the Node that installed it: ours.
  const { status } = spawnSync(process.execPath, [program, 'bootstrap'], options);
  expect(status).toBe(0);
  return spawn(process.execPath, [program, 'start'], options);
}

/** @returns what the server says it made */
async function make(collection: string, item: object): Promise<{ id: string }> {
  const answer = await fetch(`https://${host}/${collection}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify(item),
  });
  expect(answer.status).toBe(200);
  const { data } = (await answer.json()) as { data: { id: string } };
  return data;
}

/** A user who may change users, and no more. A policy for single fields takes a licence. */
async function makeIssuer(): Promise<string> {
  const token = 'FAKESECRETissuerOfTheTest0000001';
  const { id: policy } = await make('policies', { name: 'tokens', icon: 'key', admin_access: false });
  for (const action of ['read', 'update'])
    await make('permissions', {
      policy,
      collection: 'directus_users',
      action,
      fields: ['*'],
    });
  await make('users', { email: 'keyturn@example.com', token, policies: [{ policy }] });
  return token;
}

function bound(userId: string, token: string): RollProvider {
  return bindConnector(directus as unknown as Connector, {
    readIssuer: async () => ({ host, token }),
    environment: 'prod',
    spec: { scopes: [], settings: { host, userId }, maxGapDays: 31, overlapHours: 24 },
    clock: { now: () => new Date(), sleep: async () => {} },
  }) as unknown as RollProvider;
}

whereThere('a token is installed twice, accepted, and dead once the next is', async () => {
  const token = await makeIssuer();
  const { id } = await make('users', { email: 'support-bot@example.com' });
  const provider = bound(id, token);
  const [first, second] = [
    await provider.make('keyturn-1', new Date()),
    await provider.make('keyturn-2', new Date()),
  ];
  expect(await provider.verify(first)).toBe('rejected');
  await provider.install(first);
  await provider.install(first);
  expect(await provider.verify(first)).toBe('accepted');
  await provider.install(second);
  expect([await provider.verify(first), await provider.verify(second)]).toEqual(['rejected', 'accepted']);
});

whereThere('a user who is not there, and a stranger who may not, are told as such', async () => {
  const { id } = await make('users', { email: 'other-bot@example.com' });
  const value = await bound(id, admin).make('keyturn-3', new Date());
  await expect(bound(id, 'FAKESECRETstranger00000000000001').install(value)).rejects.toMatchObject({
    code: 'issuer-rejected',
  });
  const elsewhere = bound('6a1f1d3e-0000-4000-8000-000000000000', admin);
  await expect(elsewhere.install(value)).rejects.toMatchObject({ code: 'not-found' });
  expect(await bound(id, admin).verify(value)).toBe('rejected');
});
