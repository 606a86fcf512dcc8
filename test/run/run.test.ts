// The command as a client starts it: real processes, the official SDK's client, the AWS model on loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { replacementVersion } from '../../core/replacement';
import { openSecrets, type SecretsRig } from '../client/secrets-rig';
import { groupRuns, until } from './processes';

const root = join(__dirname, '../..');
const fixture = join(__dirname, 'fixtures/key-server.mjs');
const keyturn = ['--import', 'tsx', join(root, 'bin/keyturn.ts')];

let secrets: SecretsRig;
let provider: Server;
let origin: string;
const shown: string[] = [];
/** What the provider accepts. */
let accepted: RegExp;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  accepted = /./;
  shown.splice(0);
  secrets = await openSecrets();
  secrets.addSecret('gitlab');
  provider = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const basic = /^Basic (.*)/.exec(authorization)?.[1];
    const key = basic ? Buffer.from(basic, 'base64').toString() : `${authorization}${request.url}`;
    shown.push(key);
    response.writeHead(accepted.test(key) ? 200 : 401).end();
  });
  await new Promise<void>(resolve => provider.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  provider.closeAllConnections();
  provider.close();
  await secrets.close();
});

function argsOf(flags: string[], command = [process.execPath, fixture]): string[] {
  const where = ['--env', 'prod', '--server', 'support-bot', '--key', 'KEY=gitlab', '--metrics', 'stderr'];
  return [...keyturn, 'run', ...where, ...flags, '--', ...command];
}

async function connect(flags: string[] = []) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: argsOf(flags),
    env: process.env as Record<string, string>,
    cwd: root,
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr!.on('data', chunk => {
    said += String(chunk);
  });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { sampling: {} } });
  let answerQuestion: (url: string) => void = () => {};
  client.setRequestHandler(
    CreateMessageRequestSchema,
    () =>
      new Promise(resolve => {
        answerQuestion = url =>
          resolve({ model: 'm', role: 'assistant', content: { type: 'text', text: url } });
      }),
  );
  await client.connect(transport);
  closers.push(() => client.close());
  const call = (name: string, args: object = {}) =>
    client.request({ method: 'tools/call', params: { name, arguments: args } }, z.looseObject({}));
  return {
    client,
    call,
    said: () => said,
    pid: transport.pid!,
    answer: (url: string) => answerQuestion(url),
  };
}

it('hands a rotated key to a running server, and never prints it', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, pid, client } = await connect();
  expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
  await secrets.put('gitlab', 'FAKESECRET-chatty');
  process.kill(pid, 'SIGHUP');
  await until(async () => (await call('key')).key === 'FAKESECRET-chatty');
  expect(said()).toMatch(/process 2 took over, \d+ ms after/);
  // What a server says on the wrong channel is for people to see, but for its key.
  expect(said()).toContain('what is no JSON-RPC: my key is [key]');
  await client.close();
  expect(said()).not.toContain('FAKESECRET');
});

it('polls for new keys', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call } = await connect(['--poll', '0.1s']);
  await call('key');
  // The watch waits five seconds between two questions; the first of them may come at once.
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
});

it('hears of a rotation from its queue, long before it would have asked', async () => {
  const { model, endpoint, as, passMs } = secrets.rig;
  const arn = model.queues.add({ name: 'support-bot-laptop' });
  model.eventBridge.addRule({
    name: 'rotated',
    eventPattern: {
      source: ['keyturn'],
      'detail-type': ['Key Rotated'],
      detail: { server: ['support-bot'] },
    },
    targets: [{ id: 'queue', arn }],
  });
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const queueUrl = `${endpoint}/111111111111/support-bot-laptop`;
  const { said } = await connect(['--poll', '1h', '--events-queue', queueUrl]);
  await until(() => model.calls.some(({ operation }) => operation === 'GetSecretValue'));
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  const detail = JSON.stringify({ environment: 'prod', server: 'support-bot', provider: 'gitlab' });
  const entry = { Source: 'keyturn', DetailType: 'Key Rotated', Detail: detail };
  await new EventBridgeClient(as('rotator')).send(new PutEventsCommand({ Entries: [entry] }));
  await passMs(0);
  await until(() => said().includes('process 2 took over'));
});

describe('has a call of the client wait where its key may be dead', () => {
  const poll = ['--poll', '1h', '--fresh', '0.05s'];
  const replacement = replacementVersion({ incidentId: '20270109T020000Z-400b8629', arn: 'arn:aws:x' }, 0);
  const idle = () => new Promise(resolve => setTimeout(resolve, 100));

  it('which was replaced and retired while the client did nothing', async () => {
    await secrets.put('gitlab', 'FAKESECRET-1-of-3');
    const { call } = await connect(poll);
    expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
    await secrets.put('gitlab', 'FAKESECRET-2-of-3');
    await secrets.put('gitlab', 'FAKESECRET-3-of-3');
    accepted = /3-of-3/;
    await idle();
    expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  });

  it('which is being contained', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call } = await connect(poll);
    await secrets.put('gitlab', 'FAKESECRET-two-of-two', undefined, {}, replacement);
    await idle();
    expect((await call('key')).key).toBe('FAKESECRET-two-of-two');
  });

  it('and not where it merely has a successor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-run-'));
    closers.push(async () => rmSync(folder, { recursive: true }));
    process.env.FIXTURE_READY = join(folder, 'ready');
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call } = await connect(poll);
    await secrets.put('gitlab', 'FAKESECRET-late');
    await idle();
    for (let calls = 0; calls < 5; calls++) expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
    writeFileSync(process.env.FIXTURE_READY, '');
    await until(async () => (await call('key')).key === 'FAKESECRET-late');
  });

  it('and for no longer than a new process may take that cannot start', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const { call, said } = await connect(poll);
    await secrets.put('gitlab', 'refused-at-start', undefined, {}, replacement);
    await idle();
    expect((await call('key')).key).toBe('FAKESECRET-one-of-two');
    await until(() => said().includes('The old one goes on; it is tried again.'));
  });
});

it('goes on with the key to come where the provider has ended the current one before its time', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call } = await connect(['--poll', '1h']);
  expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  await secrets.put('gitlab', 'FAKESECRET-two-of-two', ['AWSPENDING']);
  accepted = /two-of-two/;
  await until(async () => (await call('fetch', { url: origin })).status === 200);
  expect((await call('key')).key).toBe('FAKESECRET-two-of-two');
});

it('counts the requests of a server that nobody can change, and asks for a new key as soon as one is rejected', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client } = await connect();
  expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  expect(await call('fetch', { url: origin, basic: true })).toEqual({ status: 200 });
  expect(await call('get', { url: origin })).toEqual({ status: 200 });
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  accepted = /two-of-two/;
  expect(await call('fetch', { url: origin })).toEqual({ status: 401 });
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
  expect(await call('get', { url: origin })).toEqual({ status: 200 });
  await until(() => shown.length === 5);
  // The preload reports once a second.
  await new Promise(resolve => setTimeout(resolve, 1_200));
  await client.close();
  const reported = said()
    .split('\n')
    .filter(line => line.startsWith('{'));
  expect(reported.map(line => JSON.parse(line))).toMatchObject([
    { server: 'support-bot', provider: 'gitlab', purpose: 'main', Requests: 5, AuthFailures: 1 },
  ]);
  expect(said()).not.toContain('FAKESECRET');
}, 60_000);

it('tells a superseded key that is still used from the others', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client, pid, answer } = await connect();
  const late = call('ask');
  await secrets.put('gitlab', 'FAKESECRET-two-of-two');
  process.kill(pid, 'SIGHUP');
  await until(async () => (await call('key')).key === 'FAKESECRET-two-of-two');
  answer(origin);
  expect((await late).key).toBe('FAKESECRET-one-of-two');
  expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  await new Promise(resolve => setTimeout(resolve, 1_200));
  await client.close();
  const line = said()
    .split('\n')
    .find(text => text.startsWith('{'))!;
  expect(JSON.parse(line)).toMatchObject({ Requests: 2, SupersededUses: 1 });
}, 60_000);

it('reports at once in Lambda, where it may be frozen at any time', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'somebody';
  const { call, said } = await connect().finally(() => delete process.env.AWS_LAMBDA_FUNCTION_NAME);
  expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  await until(() => said().includes('"Requests":1'));
});

it('counts nothing where it is told not to', async () => {
  await secrets.put('gitlab', 'FAKESECRET-one-of-two');
  const { call, said, client } = await connect(['--no-usage']);
  expect(await call('fetch', { url: origin })).toEqual({ status: 200 });
  await client.close();
  expect(said()).not.toContain('Requests');
});

it('leaves no server behind when it is killed', async () => {
  await secrets.put('gitlab', 'grandchild');
  const { call, pid } = await connect();
  const server = Number((await call('key')).pid);
  process.kill(pid, 'SIGKILL');
  await until(() => !groupRuns(server));
});

describe('before it starts anything, it says', () => {
  async function start(
    flags: string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number | null; said: string; out: string }> {
    const child: ChildProcess = spawn(process.execPath, argsOf(flags), {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [said, out] = ['', ''];
    child.stderr!.on('data', chunk => {
      said += String(chunk);
    });
    child.stdout!.on('data', chunk => {
      out += String(chunk);
    });
    const code = await new Promise<number | null>(resolve => child.on('close', resolve));
    return { code, said, out };
  }

  it('that a key was never issued', async () => {
    const { code, said, out } = await start([]);
    expect({ code, out }).toEqual({ code: 70, out: '' });
    expect(said).toContain(
      'prod/gitlab/support-bot has never had a key; have one made with `keyturn issue --env prod`',
    );
  });

  it('that what is stored cannot be a key', async () => {
    await secrets.put('gitlab', '"FAKESECRET"');
    const { code, said } = await start([]);
    expect(code).toBe(70);
    expect(said).toContain('the key prod/gitlab/support-bot, as stored, stands in quotes');
    expect(said).not.toContain('FAKESECRET');
  });

  it('with --check, that all is well, or what is not', async () => {
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    expect(await start(['--check'])).toMatchObject({
      code: 0,
      said: 'prod/support-bot: 1 variable, all well\n',
      out: '',
    });
    expect(await start(['--check', '--key', 'HOST=gitlab:host'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('HOST'),
    });
  });
});
