// Who may ask a sandbox for what: tokens, hosts, sites, methods, and no answer with a secret in it.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { SandboxRequest } from '../../../bin/sandbox/requests';
import { KeyturnError } from '../../../core/errors';
import { type Endpoint, openEndpoint } from '../../../rehearsal/sandbox/endpoint';

const tokens = { control: 'c'.repeat(32), page: 'p'.repeat(32) };
const secret = ['SG', 'held'].join('.');
let endpoint: Endpoint;
let asked: SandboxRequest[] = [];
let said = 'fine';

beforeAll(async () => {
  endpoint = await openEndpoint({
    instance: 'this-one',
    tokens,
    async answer(each) {
      asked.push(each);
      if (each.act === 'reset') throw new KeyturnError('refused', 'not now; try again later');
      if (each.act === 'stop') throw new Error(`a secret: ${secret}`);
      return { text: said, facts: {} };
    },
    page: () => ({ html: `<p>${said}</p>`, contentSecurityPolicy: "default-src 'none'; script-src 'x'" }),
    live: () => ({ verdict: said }),
    holdsSecret: answered => answered.includes(secret),
  });
});
afterAll(() => endpoint.close());
beforeEach(() => {
  asked = [];
  said = 'fine';
});

interface Call {
  method?: string;
  path?: string;
  body?: string;
  headers?: Record<string, string>;
}

/** Node's own client, which may say anything in any header. */
function call({ method = 'GET', path = '/', body, headers = {} }: Call) {
  return new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      const sent = request(`${endpoint.origin}${path}`, { method, agent: false, headers });
      sent.on('error', reject);
      sent.on('response', async reply =>
        resolve({ status: reply.statusCode ?? 0, text: await text(reply), headers: reply.headers }),
      );
      sent.end(body);
    },
  );
}

const control = (body: string, headers: Record<string, string> = {}) =>
  call({
    method: 'POST',
    path: '/control',
    body,
    headers: { authorization: `Bearer ${tokens.control}`, ...headers },
  });
const page = `/?token=${tokens.page}`;
const bearer = { authorization: `Bearer ${tokens.page}` };

test('the right token is answered, and says which sandbox answers', async () => {
  const { status, text, headers } = await control('{"act":"info"}');
  expect({ status, text }).toEqual({ status: 200, text: '{"text":"fine","facts":{}}' });
  expect(headers['x-keyturn-sandbox']).toBe('this-one');
  expect(asked).toEqual([{ act: 'info' }]);
  expect((await call({ path: page })).status).toBe(200);
  expect((await call({ path: '/live', headers: bearer })).text).toBe('{"verdict":"fine"}');
});

test.each<[string, number, Call]>([
  ['no token', 401, { method: 'POST', path: '/control', body: '{"act":"info"}' }],
  [
    'the token of the page',
    401,
    { method: 'POST', path: '/control', body: '{"act":"info"}', headers: bearer },
  ],
  ['a token in the address', 401, { method: 'POST', path: `/control?token=${tokens.control}` }],
  ['a read', 405, { path: '/control', headers: { authorization: `Bearer ${tokens.control}` } }],
])('the control endpoint refuses %s', async (_, status, each) => {
  expect((await call(each)).status).toBe(status);
  expect(asked).toEqual([]);
});

test.each<[string, number, Call]>([
  ['no token', 401, {}],
  ['another token', 401, { path: '/?token=x' }],
  ['the token of the control endpoint', 401, { path: `/?token=${tokens.control}` }],
  ['the live part with no token', 401, { path: '/live' }],
  ['the live part with its token in the address', 401, { path: `/live?token=${tokens.page}` }],
  ['a write', 405, { method: 'POST', path: page }],
  ['a deletion', 405, { method: 'DELETE', path: '/live', headers: bearer }],
  ['what is not there', 404, { path: '/state.json' }],
])('the page refuses %s', async (_, status, each) => {
  const reply = await call(each);
  expect(reply.status).toBe(status);
  expect(reply.text).not.toContain('fine');
});

const foreign: [string, number, Record<string, string>][] = [
  ['another host, as after DNS rebinding', 421, { host: 'evil.example' }],
  ['the right host at another port', 421, { host: '127.0.0.1:1' }],
  ['another site', 403, { origin: 'https://evil.example' }],
  ['a page that hides its site', 403, { origin: 'null' }],
  ['a link of another site', 403, { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', 403, { 'sec-fetch-site': 'same-site' }],
];
test.each(foreign)('requests of %s are refused, whatever token they have', async (_, status, headers) => {
  expect((await control('{"act":"info"}', headers)).status).toBe(status);
  expect((await call({ path: page, headers })).status).toBe(status);
  expect((await call({ path: '/live', headers: { ...bearer, ...headers } })).status).toBe(status);
  expect(asked).toEqual([]);
});

test('the page of the same site is read, and cannot act', async () => {
  const own = { origin: endpoint.origin, 'sec-fetch-site': 'same-origin' };
  expect((await call({ path: '/live', headers: { ...bearer, ...own } })).status).toBe(200);
  expect((await control('{"act":"info"}', own)).status).toBe(403);
  expect(
    (await call({ path: page, headers: { host: endpoint.origin.slice('http://'.length) } })).status,
  ).toBe(200);
});

test.each([
  ['no JSON', 'steal'],
  ['no act', '{"act":"explode"}'],
  ['a missing key', '{"act":"steal"}'],
  ['a speed of nothing', '{"act":"speed","speed":0}'],
  ['a speed past all', '{"act":"speed","speed":3601}'],
  ['time that runs back', '{"act":"advance","ms":-1}'],
  ['more than 64 KB', JSON.stringify({ act: 'steal', key: 'x'.repeat(64 * 1024) })],
])('%s is refused in words', async (_, body) => {
  const { status, text } = await control(body);
  expect(status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({
    error: { code: 'usage', message: expect.stringContaining('does not understand') },
  });
  expect(asked).toEqual([]);
});

test('a refusal says why, and what was not foreseen does not say what it held', async () => {
  const refused = await control('{"act":"reset"}');
  expect({ status: refused.status, ...JSON.parse(refused.text) }).toEqual({
    status: 400,
    error: { code: 'refused', message: 'not now; try again later' },
  });
  const failed = await control('{"act":"stop"}');
  expect(failed.status).toBe(500);
  expect(failed.text).not.toContain(secret);
});

test('no answer goes out that holds a secret', async () => {
  said = `the key ${secret}`;
  for (const reply of [
    await control('{"act":"info"}'),
    await call({ path: page }),
    await call({ path: '/live', headers: bearer }),
  ]) {
    expect(reply.status).toBe(500);
    expect(reply.text).toContain('held back');
    expect(reply.text).not.toContain(secret);
  }
});

test('no answer is kept, framed, or read by another site', async () => {
  for (const path of [page, '/', '/nothing']) {
    const { headers } = await call({ path });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});
