// Servers in Python behind the broker, with clients that go by no variable: led by sitecustomize.py.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { clientPython } from '../../support/python';
import { type BrokerSetup, openBrokerSetup } from './support/broker-setup';

const run = promisify(execFile);
const caller = join(__dirname, 'fixtures/caller.py');

let setup: BrokerSetup;
let python: string | undefined;
let folder: string;
beforeAll(async () => {
  python = await clientPython();
});
beforeEach(async () => {
  setup = await openBrokerSetup();
  folder = mkdtempSync(join(tmpdir(), 'keyturn-python-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await setup.close();
});

const origin = () => `https://${setup.provider.host}`;

/** @param more what the server's environment has besides */
async function call(interpreter: string, way: string, url: string, more: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH,
    PYTHONDONTWRITEBYTECODE: '1',
    ...setup.broker.env,
    KEY: await setup.placeholder('grafana'),
    ...more,
  };
  const { stdout, stderr } = await run(interpreter, [caller, way, url], { env, timeout: 500_000 });
  return { status: Number(stdout.split('\n').at(-2)), stdout, stderr };
}

test.each([
  ['httpx_without_env', 200],
  ['httpx_async_without_env', 200],
  ['httpx_own_transport', 200],
  ['requests_without_env', 200],
  ['urllib3_pool_manager', 200],
  ['urllib3_pool', 200],
  ['http_client', 200],
  ['aiohttp_session', 200],
  ['aiohttp_base_url', 200],
  ['websockets_without_proxy', 101],
  ['urllib_as_it_is', 200],
])('%s sends the key, and the server never has it', async (way, status) => {
  if (!python) return;
  expect(await call(python, way, `${origin()}/`)).toMatchObject({ status, stderr: '' });
  const shown = setup.provider.seen.map(({ headers }) => headers.authorization);
  expect(new Set(shown)).toEqual(new Set(['Bearer FAKESECRET-one']));
});

test.each(['httpx_without_env', 'urllib3_pool_manager', 'aiohttp_session'])(
  '%s is not led where it asks this machine',
  async way => {
    if (!python) return;
    const seen: (string | undefined)[] = [];
    const local = createServer(({ headers }, response) => {
      seen.push(headers['proxy-authorization'], headers.authorization);
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => local.once('listening', resolve));
    try {
      const url = `http://127.0.0.1:${(local.address() as AddressInfo).port}/`;
      expect(await call(python, way, url)).toMatchObject({ status: 200, stderr: '' });
      expect(seen).toEqual([undefined, `Bearer ${await setup.placeholder('grafana')}`]);
    } finally {
      local.closeAllConnections();
      local.close();
    }
  },
);

test("the user's own sitecustomize runs first, and its errors stay its own", async () => {
  if (!python) return;
  const own = join(folder, 'own');
  mkdirSync(own);
  writeFileSync(
    join(own, 'sitecustomize.py'),
    'import requests\nprint("own")\nmarked = True\nraise ValueError("own")\n',
  );
  const more = { PYTHONPATH: [setup.broker.env.PYTHONPATH, own].join(delimiter) };
  const { status, stdout, stderr } = await call(python, 'requests_without_env', `${origin()}/`, more);
  expect({ status, said: stdout.split('\n')[0] }).toEqual({ status: 200, said: 'own' });
  // As Python says it without us.
  expect(stderr).toContain('Error in sitecustomize');
});

test('an interpreter that has none of the clients, and a library of another version, are left as they are', async () => {
  if (!python) return;
  const own = join(folder, 'httpcore/_sync');
  mkdirSync(own, { recursive: true });
  for (const file of ['../__init__.py', '__init__.py']) writeFileSync(join(own, file), '');
  // Neither has what is patched in the real one.
  writeFileSync(join(own, 'connection_pool.py'), 'here = 1\n');
  writeFileSync(join(folder, 'aiohttp.py'), '');
  const program = 'import ssl, httpcore._sync.connection_pool as pool, aiohttp\nprint(pool.here)';
  const env = {
    PATH: process.env.PATH,
    ...setup.broker.env,
    PYTHONPATH: [setup.broker.env.PYTHONPATH, folder].join(delimiter),
  };
  const { stdout, stderr } = await run('python3', ['-c', program], { env, timeout: 500_000 });
  expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' });
});
