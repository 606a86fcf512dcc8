// The connector against a real Verdaccio, where one is installed: npm i --prefix <folder> verdaccio@6
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { verdaccio } from '../../../connectors/providers/verdaccio';
import type { IssueProvider } from '../../../core/provider';

const program = join(process.env.KEYTURN_VERDACCIO ?? '', 'node_modules/.bin/verdaccio');
const isThere = process.env.KEYTURN_VERDACCIO !== undefined && existsSync(program);
if (!isThere)
  process.stdout.write('verdaccio: skipped; KEYTURN_VERDACCIO names no folder in which it is installed\n');

const config = `
storage: ./storage
auth: { htpasswd: { file: ./htpasswd } }
security: { api: { legacy: false, jwt: { sign: { expiresIn: 90d } } } }
packages: { '**': { access: $all, publish: $authenticated } }
log: { type: stdout, format: json, level: fatal }
`;
const host = 'npm.example.com';
const [user, password] = ['support-bot', 'a password of the test'];
const realFetch = globalThis.fetch;
let folder: string;
let server: ChildProcess;

beforeAll(async () => {
  if (!isThere) return;
  folder = mkdtempSync(join(tmpdir(), 'keyturn-verdaccio-'));
  writeFileSync(join(folder, 'config.yaml'), config);
  const free = createServer();
  const port = await listenOnLoopback(free);
  await closeServer(free);
  const address = `127.0.0.1:${port}`;
  server = spawn(process.execPath, [program, '-c', 'config.yaml', '-l', address], {
    cwd: folder,
    stdio: 'ignore',
  });
  globalThis.fetch = (url, init) =>
    realFetch(String(url).replace(`https://${host}`, `http://${address}`), init);
  await untilUp(`http://${address}/-/ping`);
  const added = await realFetch(`http://${address}/-/user/org.couchdb.user:${user}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: user, password }),
  });
  expect(added.status).toBe(201);
}, 60_000);

afterAll(() => {
  globalThis.fetch = realFetch;
  server?.kill();
  if (folder) rmSync(folder, { recursive: true });
});

(isThere ? test : test.skip)(
  'a token is made, listed, accepted, ended, and then neither listed nor accepted',
  async () => {
    const settings = { host, user };
    const provider = bindConnector(verdaccio as Connector, {
      readIssuer: async () => ({ host, [user]: password }),
      environment: 'prod',
      spec: { scopes: [], settings, maxGapDays: 31, overlapHours: 24 },
      clock: { now: () => new Date(), sleep: async () => {} },
    }) as unknown as IssueProvider;
    const [first, second] = [
      await provider.make('keyturn-1', new Date()),
      await provider.make('keyturn-2', new Date()),
    ];
    expect(await provider.verify(first)).toBe('accepted');
    expect((await provider.list()).map(({ id }) => id).sort()).toEqual([first.keyId, second.keyId].sort());
    expect(Date.parse(first.expiresAt ?? '')).toBeGreaterThan(Date.now() + 80 * 86_400_000);
    await provider.revoke(first.keyId);
    await provider.revoke(first.keyId);
    expect(await provider.verify(first)).toBe('denied');
    expect(await provider.verify({ ...second, secret: `${second.secret}x` })).toBe('denied');
    expect([await provider.control?.(), await provider.verify(second)]).toEqual(['accepted', 'accepted']);
    expect((await provider.list()).map(({ id }) => id)).toEqual([second.keyId]);
  },
  60_000,
);

async function untilUp(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await realFetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error('verdaccio did not start within 40 s');
}
