// The connector against a real Verdaccio, where one is installed: see from-npm.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { verdaccio } from '../../../connectors/providers/verdaccio';
import type { IssueProvider } from '../../../core/provider';
import { serverFromNpm, untilAnswers } from './from-npm';
import { freePort, stop } from './tls-server';

const installed = serverFromNpm('verdaccio');

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
let server: ChildProcess | undefined;

beforeAll(async () => {
  if (!installed) return;
  folder = mkdtempSync(join(tmpdir(), 'keyturn-verdaccio-'));
  writeFileSync(join(folder, 'config.yaml'), config);
  const address = `127.0.0.1:${await freePort()}`;
  const program = join(installed.folder, 'node_modules/.bin/verdaccio');
  server = spawn(installed.node, [program, '-c', 'config.yaml', '-l', address], {
    cwd: folder,
    stdio: 'ignore',
  });
  globalThis.fetch = (url, init) =>
    realFetch(String(url).replace(`https://${host}`, `http://${address}`), init);
  await untilAnswers(server, `http://${address}/-/ping`);
  const added = await realFetch(`http://${address}/-/user/org.couchdb.user:${user}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: user, password }),
  });
  expect(added.status).toBe(201);
});

afterAll(async () => {
  globalThis.fetch = realFetch;
  await stop(server);
  if (folder) rmSync(folder, { recursive: true });
});

(installed ? test : test.skip)(
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
);
