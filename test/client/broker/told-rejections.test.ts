// Where a provider says by a 403, or a 200, that it does not know a key.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type BrokerSetup, openBrokerSetup } from './support/broker-setup';
import { type Caller, openCaller } from './support/caller';

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
const shownKeys = () => setup.provider.seen.map(({ headers }) => headers.authorization);
const json = { 'content-type': 'application/json' };
const says = (body: string | Buffer, headers: Record<string, string> = json, status = 403) => {
  setup.provider.accepts = key => key === 'FAKESECRET-two';
  setup.current = { versionId: 'v2', secret: 'FAKESECRET-two' };
  setup.provider.reject = response => void response.writeHead(status, headers).end(body);
};
const dead = JSON.stringify({ reason: 'key_unknown' });
const packed: [string, (body: string) => Buffer][] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
];

test('the call is made again with the new key', async () => {
  const placeholder = await setup.placeholder('wordy');
  says(dead);
  expect(await caller.call(placeholder, { method: 'POST', body: '{}' })).toEqual({ status: 200, text: '{}' });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
  expect(setup.counts).toMatchObject({ 'wordy authFailures': 1 });
});

test('also where the provider says so with a status of success', async () => {
  const placeholder = await setup.placeholder('polite');
  says(dead, json, 200);
  expect(await caller.call(placeholder, { method: 'POST', body: '{}' })).toEqual({ status: 200, text: '{}' });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one', 'Bearer FAKESECRET-two']);
  expect(setup.counts).toMatchObject({ 'polite authFailures': 1 });
});

test('a success is looked into only at providers that reject keys so', async () => {
  const placeholder = await setup.placeholder('wordy');
  says(dead, json, 200);
  expect(await caller.call(placeholder)).toEqual({ status: 200, text: dead });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one']);
});

test.each(packed)('also where it packs its answers with %s', async (encoding, pack) => {
  const placeholder = await setup.placeholder('wordy');
  says(pack(dead), { ...json, 'content-encoding': encoding });
  expect((await caller.call(placeholder)).status).toBe(200);
});

test.each([
  ['other words', JSON.stringify({ reason: 'not allowed' }), json],
  ['no JSON', dead, { 'content-type': 'text/plain' }],
  ['what is not packed as it says', dead, { ...json, 'content-encoding': 'gzip' }],
  ['more than is looked at', JSON.stringify({ reason: 'key_unknown', more: 'x'.repeat(70_000) }), json],
])('an answer of %s comes back as it is', async (_, body, headers) => {
  const placeholder = await setup.placeholder('wordy');
  says(body, headers);
  expect(await caller.call(placeholder)).toEqual({ status: 403, text: body });
  expect(shownKeys()).toEqual(['Bearer FAKESECRET-one']);
});

test('the words of another provider say nothing', async () => {
  const placeholder = await setup.placeholder('grafana');
  says(dead);
  expect(await caller.call(placeholder)).toEqual({ status: 403, text: dead });
});
