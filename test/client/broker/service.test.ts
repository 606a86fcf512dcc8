// The broker as a service of its own, and what servers in other places see of it.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ProxyAgent, request } from 'undici';
import { createRate } from '../../../client/broker/rate';
import { runService, type ServiceParts } from '../../../client/broker/service/service';
import { blocksOf } from '../../docs/documents';
import { type BrokerSetup, openBrokerSetup } from './support/broker-setup';

const token = 'a-token-that-both-of-them-have';
let setup: BrokerSetup;
const open: { close(): Promise<unknown> }[] = [];
beforeEach(async () => {
  setup = await openBrokerSetup();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await setup.close();
});

async function startService(more: Partial<ServiceParts> = {}) {
  const stop = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const port = await new Promise<number>((resolve, reject) => {
    ended = runService({
      ...setup.parts,
      ...{ listen: { host: '127.0.0.1', port: 0 }, token, mayReach: [], drainMs: 60_000 },
      stop: stop.signal,
      onListening: resolve,
      ...more,
    });
    ended.catch(reject);
  });
  const origin = `http://127.0.0.1:${port}`;
  const service = {
    port,
    ended,
    async ask(path: string, shown = token) {
      const { statusCode, body } = await request(`${origin}${path}`, {
        headers: { authorization: `Bearer ${shown}` },
      });
      return { status: statusCode, text: await body.text() };
    },
    async ready() {
      while ((await this.ask('/ready')).status !== 200) await new Promise(resolve => setTimeout(resolve, 5));
      return this;
    },
    /** A server elsewhere, with what it was told. */
    async caller(certificate?: string) {
      const ca = certificate ?? (await this.ask('/certificate.pem')).text;
      const auth = `Basic ${Buffer.from(`keyturn:${token}`).toString('base64')}`;
      const dispatcher = new ProxyAgent({ uri: origin, token: auth, requestTls: { ca } });
      open.unshift({ close: () => dispatcher.destroy() });
      const variables = JSON.parse((await this.ask('/environment.json')).text) as Record<string, string>;
      return async (url = `https://${setup.provider.host}/v1`, variable = 'GRAFANA_KEY') => {
        const headers = { authorization: `Bearer ${variables[variable]}` };
        const { statusCode, body } = await request(url, { dispatcher, headers });
        await body.text();
        return statusCode;
      };
    },
    close() {
      stop.abort();
      return ended;
    },
    stop: () => stop.abort(),
  };
  open.push(service);
  return service;
}

test('a server elsewhere gets placeholders and a certificate for the token, and calls with keys that rotate', async () => {
  const service = await (await startService()).ready();
  const call = await service.caller();
  expect(await call()).toBe(200);
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  expect(await call()).toBe(200);
  const pages = ['/environment.json', '/environment.sh', '/certificate.pem', '/certificates.pem'];
  const given = await Promise.all(pages.map(page => service.ask(page)));
  expect(given.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const [json, shell, own, all] = given.map(({ text }) => text);
  const placeholder = await setup.placeholder('grafana');
  expect(JSON.parse(json!)).toMatchObject({ GRAFANA_KEY: placeholder });
  expect(shell).toContain(`GRAFANA_KEY='${placeholder}'\n`);
  expect(all).toContain(own!.trim());
  expect(given.map(({ text }) => text).join()).not.toContain('FAKESECRET');
  expect(setup.said.join()).not.toMatch(/FAKESECRET|a-token/);
});

test('it is up at once, and ready when every key has been read', async () => {
  let isThere = false;
  const service = await startService({
    async keyFor(address) {
      const key = await setup.parts.keyFor(address);
      return {
        ...key,
        get: () => (isThere ? key.get() : Promise.reject(new Error('AWS does not answer'))),
      };
    },
  });
  expect(await service.ask('/health', '')).toMatchObject({ status: 200 });
  expect(await service.ask('/ready', '')).toMatchObject({ status: 503 });
  expect(await service.ask('/environment.json')).toMatchObject({ status: 503 });
  isThere = true;
  await service.ready();
  expect(setup.said.filter(text => text.includes('AWS does not answer')).length).toBeGreaterThan(0);
});

test('without the token there is nothing', async () => {
  const service = await (await startService()).ready();
  for (const page of ['/environment.json', '/environment.sh', '/certificate.pem', '/certificates.pem'])
    for (const shown of ['', 'wrong', `${token}x`])
      expect(await service.ask(page, shown)).toMatchObject({
        status: 401,
        text: expect.not.stringContaining('Placeholder'),
      });
  expect(await service.ask('/constructor')).toMatchObject({ status: 404 });
  const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${service.port}` });
  open.unshift({ close: () => dispatcher.destroy() });
  await expect(request(`https://${setup.provider.host}/`, { dispatcher })).rejects.toThrow('407');
  await request(`https://${setup.provider.host}/`, { dispatcher }).catch(() => {});
  // Once, and not for each.
  expect(setup.said.filter(text => text.includes('did not present the token'))).toHaveLength(1);
  expect(setup.provider.seen).toEqual([]);
});

test('it leads to the hosts of its keys alone, and to others only by name; never to its own metadata', async () => {
  const some = await (await startService()).ready();
  const call = await some.caller();
  await expect(call('https://other.example.com/')).rejects.toThrow('403');
  const all = await (await startService({ mayReach: ['*'] })).ready();
  const callAll = await all.caller();
  // What a role's credentials come from, on ECS, EC2 and EKS; and what may listen beside the broker.
  for (const host of [
    '169.254.170.2',
    '169.254.169.254',
    '169.254.170.23',
    'localhost:1',
    `127.0.0.1:${some.port}`,
  ])
    await expect(callAll(`https://${host}/`)).rejects.toThrow('403');
});

test('a placeholder where it does not belong is refused, and counts', async () => {
  const service = await (await startService()).ready();
  const call = await service.caller();
  expect(await call(undefined, 'OPENAI_KEY')).toBe(403);
  const placeholder = await setup.placeholder('grafana');
  const auth = Buffer.from(`keyturn:${token}`).toString('base64');
  const said = await new Promise<string>((resolve, reject) => {
    let heard = '';
    const socket = connect(service.port, '127.0.0.1', () =>
      socket.end(
        `GET http://other.example.com/?key=${encodeURIComponent(placeholder)} HTTP/1.1\r\nHost: other.example.com\r\nProxy-Authorization: Basic ${auth}\r\n\r\n`,
      ),
    );
    socket
      .on('data', chunk => (heard += String(chunk)))
      .on('error', reject)
      .on('end', () => resolve(heard));
  });
  expect(said).toMatch(/^HTTP\/1.1 403 /);
  expect(setup.counts).toMatchObject({ 'openai authFailures': 1, 'grafana authFailures': 1 });
});

test('servers go on to trust the one that takes its place with the same token, and no other', async () => {
  const first = await (await startService()).ready();
  const { text: certificate } = await first.ask('/certificate.pem');
  const next = await (await startService()).ready();
  expect(await (await next.caller(certificate))()).toBe(200);
  const other = await (await startService({ token: 'another-token-of-another-broker' })).ready();
  const { text: strange } = await other.ask('/certificate.pem', 'another-token-of-another-broker');
  await expect((await next.caller(strange))()).rejects.toThrow(/certificate/);
});

test('asked to end, it answers what is open and takes no more', async () => {
  const service = await (await startService()).ready();
  const call = await service.caller();
  let answer = () => {};
  const arrived = new Promise<void>(resolve => {
    setup.provider.answer = (_, response) => {
      answer = () => void response.end('{}');
      resolve();
    };
  });
  const status = call();
  await arrived;
  service.stop();
  // On a connection that was kept; there are no new ones.
  expect(await service.ask('/ready')).toMatchObject({ status: 503 });
  await expect(connected(service.port)).rejects.toThrow('ECONNREFUSED');
  answer();
  expect(await status).toBe(200);
  await service.ended;
});

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(void socket.destroy())).on('error', reject);
  });
}

test('an image without Node goes through it as docs/broker.md says', async () => {
  if (spawnSync('curl', ['--version']).error) {
    console.log('there is no curl here: the lines of docs/broker.md were not tried');
    return;
  }
  const service = await (await startService()).ready();
  const [lines = ''] = blocksOf('docs/broker.md')
    .filter(({ language }) => language === 'zsh')
    .map(({ text }) => text);
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-image-'));
  const url = `https://${setup.provider.host}/v1`;
  const script = lines
    .replaceAll('broker.internal:3128', `127.0.0.1:${service.port}`)
    .replaceAll('/tmp/', `${folder}/`)
    .replace('./any-server', `curl -fsS -H "Authorization: Bearer $GRAFANA_KEY" ${url}`);
  try {
    const env = { PATH: process.env.PATH, KEYTURN_BROKER_TOKEN: token };
    const { stdout } = await promisify(execFile)('sh', ['-euc', script], { env, timeout: 500_000 });
    expect(stdout).toBe('{}');
    expect(setup.provider.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer FAKESECRET-one',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a rate lets so many through at once, and then so many in a second', () => {
  let now = 0;
  const may = createRate({ perSecond: 2, atOnce: 3, now: () => now });
  const tries = () => Array.from({ length: 4 }, may).filter(Boolean).length;
  expect(tries()).toBe(3);
  now = 500;
  expect(tries()).toBe(1);
  now = 60_000;
  expect(tries()).toBe(3);
});
