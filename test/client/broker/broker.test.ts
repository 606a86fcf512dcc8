// What servers see of the broker, and what providers see of servers.
import { createServer, get } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { request } from 'undici';
import { bodyAtMost } from '../../../client/broker/exchange';
import { type BrokerSetup, openBrokerSetup } from './support/broker-setup';
import { type Caller, openCaller } from './support/caller';
import { providerHost } from './support/tls-provider';
import { authorized, raw, say } from './support/tunnel';

let setup: BrokerSetup;
let caller: Caller;
beforeEach(async () => {
  setup = await openBrokerSetup();
  caller = openCaller(setup);
});
afterEach(async () => {
  await caller.close();
  await setup.close();
});

const origin = () => `https://${setup.provider.host}`;
const port = () => setup.provider.host.split(':')[1];
const proxyUrl = () => new URL(setup.broker.env.HTTPS_PROXY!);
const dispatcher = () => caller.dispatcher();
const call: Caller['call'] = (...asked) => caller.call(...asked);
const shownKeys = () => setup.provider.seen.map(({ headers }) => headers.authorization);

test('a call that is rejected is made again with the new key, and its server notices nothing', async () => {
  const placeholder = await setup.placeholder('grafana');
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  const body = JSON.stringify({ text: 'once' });
  expect(await call(placeholder, { method: 'POST', body })).toMatchObject({ status: 200 });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
  expect(setup.provider.seen.map(seen => seen.body)).toEqual([body, body]);
  expect(setup.provider.seen[1]?.headers['content-length']).toBe(String(body.length));
});

test('calls that are under way while a key ends share one look for the new one', async () => {
  const placeholder = await setup.placeholder('grafana');
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setTimeout(() => {
    setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  }, 20);
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(placeholder)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(setup.looks).toBeLessThan(10);
});

test('where there is no other key, the rejection comes back whole', async () => {
  setup.provider.accepts = () => false;
  expect(await call(await setup.placeholder('grafana'))).toEqual({
    status: 401,
    text: '{"error":"no such key"}',
  });
  expect(setup.counts).toEqual({ 'grafana requests': 1, 'grafana authFailures': 1 });
});

test('a call that a provider may have carried out is not made again, and the next one has the new key', async () => {
  const placeholder = await setup.placeholder('litellm');
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  expect((await call(placeholder, { method: 'POST', body: '{}' })).status).toBe(401);
  expect((await call(placeholder, { method: 'POST', body: '{}' })).status).toBe(200);
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
});

test.each([
  [bodyAtMost, 2],
  [bodyAtMost + 1, 1],
])('a body of %i bytes is sent %i times', async (length, times) => {
  const placeholder = await setup.placeholder('grafana');
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  const body = Buffer.alloc(length, 'x');
  const { status } = await call(placeholder, { method: 'PUT', body });
  expect(status).toBe(times === 2 ? 200 : 401);
  expect(setup.provider.seen.map(seen => seen.body.length)).toEqual(Array(times).fill(length));
});

test('an answer comes on as it is made', async () => {
  let more = () => {};
  setup.provider.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    more = () => void response.end('data: 2\n\n');
  };
  const placeholder = await setup.placeholder('grafana');
  const { body } = await request(`${origin()}/events`, {
    headers: { authorization: `Bearer ${placeholder}` },
    dispatcher: dispatcher(),
  });
  const chunks: string[] = [];
  for await (const chunk of body) {
    chunks.push(String(chunk));
    more();
  }
  expect(chunks.join('')).toBe('data: 1\n\ndata: 2\n\n');
});

test('a connection that the provider has closed meanwhile fails no call that may be made twice', async () => {
  const placeholder = await setup.placeholder('grafana');
  await call(placeholder);
  let closed = 0;
  setup.provider.answer = (request, response) => {
    if (closed++) response.end('{}');
    else request.socket.destroy();
  };
  expect((await call(placeholder)).status).toBe(200);
  await call(placeholder);
  closed = 0;
  expect((await call(placeholder, { method: 'POST', body: '{}' })).status).toBe(502);
});

test('a provider may take longer than idle connections are kept', async () => {
  setup.provider.answer = (_, response) => void setTimeout(() => response.end('{}'), 4_500);
  expect((await call(await setup.placeholder('grafana'))).status).toBe(200);
});

test('hosts of keys go through the broker, also where this machine reaches them without its proxy', async () => {
  const { HTTPS_PROXY, NO_PROXY } = process.env;
  // Nobody answers there.
  Object.assign(process.env, {
    HTTPS_PROXY: 'http://127.0.0.1:1',
    NO_PROXY: `other.example.com,${providerHost}`,
  });
  try {
    expect(setup.broker.env.NO_PROXY).toBe('localhost,127.0.0.1,::1');
    expect((await call(await setup.placeholder('grafana'))).status).toBe(200);
    process.env.NO_PROXY = 'other.example.com';
    expect((await call(await setup.placeholder('grafana'))).status).toBe(502);
  } finally {
    Object.assign(process.env, { HTTPS_PROXY: HTTPS_PROXY ?? '', NO_PROXY: NO_PROXY ?? '' });
  }
});

test('a rejection that is too long to be kept whole still ends', async () => {
  setup.provider.accepts = () => false;
  setup.provider.reject = response =>
    void response.writeHead(401, { 'content-length': '200000' }).end('x'.repeat(200_000));
  const { status, text } = await call(await setup.placeholder('grafana'));
  expect(status).toBe(401);
  expect(text).toMatch(/^x+$/);
});

test('a WebSocket carries the new key where the old one is rejected, and then what both say', async () => {
  const placeholder = await setup.placeholder('grafana');
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  const said = await say(setup, providerHost, `${switching(placeholder)}hello`, heard =>
    heard.endsWith('hello'),
  );
  expect(said).toMatch(/^HTTP\/1.1 101 .*\r\nUpgrade: echo\r\n\r\nhello$/s);
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
});

test('a WebSocket that is rejected for good is a rejection', async () => {
  setup.provider.accepts = () => false;
  const said = await say(setup, providerHost, switching(await setup.placeholder('grafana')));
  expect(said).toMatch(/^HTTP\/1.1 401 .*\r\nConnection: close\r\n\r\n$/s);
  expect(setup.provider.seen).toHaveLength(1);
});

function switching(placeholder: string): string {
  const headers = [`Authorization: Bearer ${placeholder}`, 'Connection: Upgrade', 'Upgrade: echo'];
  return [`GET /socket HTTP/1.1`, `Host: ${providerHost}`, ...headers, '', ''].join('\r\n');
}

test('a placeholder that is shown to the host of another key is refused, and people are told', async () => {
  const stray = await setup.placeholder('openai');
  const answer = await call('none', { method: 'POST', body: `my key is ${stray}` });
  expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('not for llm.example.com') });
  expect(setup.provider.seen).toEqual([]);
  expect(setup.said).toEqual([expect.stringContaining('prod/openai/support-bot')]);
  expect(setup.counts).toEqual({ 'openai authFailures': 1 });
});

test('a placeholder in a text goes out as it is, even where the key belongs', async () => {
  const placeholder = await setup.placeholder('grafana');
  await call(placeholder, { method: 'POST', body: `my key is ${placeholder}` });
  expect(setup.provider.seen[0]).toMatchObject({ body: `my key is ${placeholder}` });
});

test('without its token the proxy is of no use', async () => {
  for (const header of ['', 'Proxy-Authorization: Basic a2V5dHVybjp4\r\n'])
    expect(
      await raw(setup, `CONNECT ${providerHost}:${port()} HTTP/1.1\r\nHost: x\r\n${header}\r\n`),
    ).toMatch(/^HTTP\/1.1 407 /);
});

test('without TLS neither a placeholder goes out, nor anything to a host that keys are for', async () => {
  const placeholder = await setup.placeholder('grafana');
  const ask = (url: string, header: string) =>
    raw(setup, `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${authorized(setup)}${header}\r\n\r\n`);
  expect(await ask(`http://${providerHost}:${port()}/`, 'X: y')).toMatch(/^HTTP\/1.1 403 .*use https/s);
  expect(await ask('http://127.0.0.1:1/', `X-Key: ${placeholder}`)).toMatch(/^HTTP\/1.1 403 .*use https/s);
  expect(setup.said).toHaveLength(2);
});

test('a server name or a Host unlike the one that was asked for is refused', async () => {
  const ask = (servername: string, host: string) =>
    say(setup, servername, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await ask(providerHost, `${providerHost}:${port()}`)).toMatch(/^HTTP\/1.1 401 /);
  expect(await ask(providerHost, 'api.openai.com')).toMatch(/^HTTP\/1.1 421 /);
  expect(await ask('api.openai.com', 'api.openai.com')).toMatch(/^HTTP\/1.1 421 /);
  expect(await ask('api.openai.com', providerHost)).toMatch(/^HTTP\/1.1 421 /);
  await expect(ask('other.example.com', providerHost)).rejects.toThrow('disconnected');
  expect(setup.provider.seen).toHaveLength(1);
});

test('other hosts are none of its business', async () => {
  const plain = createServer((_, response) => void response.end('plain'));
  await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as AddressInfo;
  const said = await new Promise<string>((resolve, reject) => {
    const tunnel = connectTcp(Number(proxyUrl().port), '127.0.0.1', () =>
      tunnel.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n${authorized(setup)}\r\n`),
    );
    tunnel.on('error', reject).once('data', () =>
      get({ createConnection: () => tunnel, path: '/', headers: { host: 'x' } }, async response => {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      }).on('error', reject),
    );
  });
  expect(said).toBe('plain');
  plain.closeAllConnections();
  plain.close();
});

test('a provider that cannot be reached is a 502 that says so', async () => {
  const placeholder = await setup.placeholder('grafana');
  await setup.provider.close();
  expect(await call(placeholder)).toEqual({
    status: 502,
    text: 'keyturn run --broker: llm.example.com cannot be reached (ECONNREFUSED)\n',
  });
});
