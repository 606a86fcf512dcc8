// What docs/mcp-servers.md says of servers that do not behave: each row is a test.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { argsOf, openCommand, root } from '../command-setup';
import { groupRuns, until } from '../processes';
import type { Json } from '../relay/relay-setup';
import { closeHosts, openHost, renewed } from './host-client';

afterEach(closeHosts);

const keyOf = ({ result }: Json) => result?.key;
const pidOf = ({ result }: Json) => Number(result?.pid);

/** A port that nobody listens on. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return String(port);
}

const rows: Record<string, () => Promise<void>> = {
  async crashes() {
    const client = await openHost();
    const lost = client.call('ask');
    void client.call('exit', { code: 3 });
    expect((await lost).error!.message).toMatch(/ended before it answered/);
    expect(keyOf(await client.call('key'))).toBe('one');
  },

  async 'crashes again and again'() {
    const client = await openHost({ limits: { restartMs: [] } });
    void client.call('exit', { code: 3 });
    expect(await client.host.ended).toBe(3);
    expect(client.said.join()).toMatch(/Giving up/);
  },

  async 'crashes at its start with a new key'() {
    const client = await openHost();
    client.setKey('refused-at-start');
    client.host.keysChanged('superseded');
    await until(() => client.failedStarts() === 1);
    expect(client.host.serving()).toBe(1);
    expect(keyOf(await client.call('key'))).toBe('one');
  },

  async 'hangs at its start with a new key'() {
    const client = await openHost({ limits: { startMs: 300 } });
    client.setKey('hangs');
    client.host.keysChanged('superseded');
    await until(() => client.failedStarts() === 1);
    expect(client.said.join()).toMatch(/was not ready in time/);
    expect(keyOf(await client.call('key'))).toBe('one');
  },

  async 'hangs in a call'() {
    const client = await openHost({ limits: { drainMs: 1 } });
    const hanging = client.call('ask');
    await renewed(client, 'two');
    expect(keyOf(await client.call('key'))).toBe('two');
    client.host.keysEnded(1);
    expect((await hanging).error!.code).toBe(-32603);
  },

  async 'binds a port, or holds a lock'() {
    const client = await openHost({ env: { PORT: await freePort() } });
    const before = await client.call('key');
    client.setKey('two');
    // Each look is an attempt; without them it waits seconds between two.
    for (let attempts = 1; attempts <= 2; attempts++) {
      client.host.lookAtKeys();
      await until(() => client.failedStarts() === attempts);
      expect((await client.call('key')).result).toEqual(before.result);
    }
    await renewed(client, 'two');
    const calls = await Promise.all([1, 2, 3].map(() => client.call('key')));
    expect(calls.map(keyOf)).toEqual(['two', 'two', 'two']);
    expect(client.said.join()).toMatch(/cannot run twice.*--stop-first/);
    await renewed(client, 'three');
    expect(client.failedStarts()).toBe(2);
  },

  async 'binds a port, and runs with --stop-first'() {
    const client = await openHost({ env: { PORT: await freePort() }, stopFirst: true });
    const late = client.call('ask');
    const { id } = await client.next(({ method }) => method === 'sampling/createMessage');
    client.setKey('two');
    client.host.keysChanged('superseded');
    await new Promise(resolve => setImmediate(resolve));
    const waiting = client.call('key');
    client.input.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: 'a' })}\n`);
    expect(keyOf(await late)).toBe('one');
    expect(keyOf(await waiting)).toBe('two');
    expect(client.failedStarts()).toBe(0);
  },

  async 'says nothing on its standard output'() {
    const program = "if (process.env.KEY === 'bad') process.exit(3); else setInterval(() => {}, 1000)";
    const client = await openHost({ command: [process.execPath, '-e', program], isSilent: true });
    client.setKey('bad');
    client.host.keysChanged('superseded');
    expect(client.said.join()).toMatch(/after its client has sent its first MCP messages/);
    client.host.keysChanged('expiring');
    await until(() => client.said.join().includes('A process with the old keys takes its place'));
    expect(client.failedStarts()).toBe(1);
  },

  async 'ignores SIGTERM, and the end of its input'() {
    const client = await openHost({ key: 'stubborn' });
    const pid = pidOf(await client.call('key'));
    await renewed(client, 'two');
    await until(() => !groupRuns(pid));
    expect(keyOf(await client.call('key'))).toBe('two');
  },

  async 'floods its standard error, which nobody reads'() {
    const { secrets, close } = await openCommand();
    await secrets.put('gitlab', 'FAKESECRET-one-of-two');
    const child = spawn(process.execPath, argsOf(['--poll', '0.2s', '--fresh', '0.05s']), {
      cwd: root,
      env: process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const ended = new Promise(resolve => child.on('exit', resolve));
    const heard: Json[] = [];
    createInterface({ input: child.stdout }).on('line', line => heard.push(JSON.parse(line)));
    const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const ask = (id: number, method: string, params: object) => say({ id, method, params });
    ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {} });
    await until(() => heard.length === 1);
    say({ method: 'notifications/initialized' });
    ask(2, 'tools/call', { name: 'shout', arguments: { bytes: 1_000_000 } });
    await secrets.put('gitlab', 'FAKESECRET-two-of-two');
    // The process that waits for its reader answers nothing; the next one does.
    let id = 3;
    await until(async () => {
      ask(id++, 'tools/call', { name: 'key' });
      await sleep(100);
      return heard.some(message => keyOf(message) === 'FAKESECRET-two-of-two');
    });
    expect(heard.some(({ id }) => id === 2)).toBe(false);
    child.stdin.end();
    child.stderr.resume();
    await ended;
    await close();
  },

  async 'loses its client'() {
    const client = await openHost({ key: 'grandchild' });
    const pid = pidOf(await client.call('key'));
    client.input.end();
    await client.host.ended;
    await until(() => !groupRuns(pid));
  },

  async 'starts programs in sessions of their own'() {
    const client = await openHost();
    const pid = pidOf(await client.call('daemon'));
    expect(groupRuns(pid)).toBe(true);
    await renewed(client, 'two');
    await until(() => !groupRuns(pid));
  },

  async 'answers with more than 128 MB'() {
    const client = await openHost();
    const { error } = await client.call('huge', { megabytes: 160 });
    expect(error!.message).toMatch(/this message has 161 MB; `npx keyturn run` passes on at most 128 MB/);
    expect(keyOf(await client.call('key'))).toBe('one');
  },
};

it.each(Object.entries(rows))('a server that %s', (_name, play) => play());

it('every row of the page is played here, and no other', () => {
  const page = readFileSync(join(root, 'docs/mcp-servers.md'), 'utf8');
  const [, table = ''] = /\| a server that \|[^\n]*\n\|[-| ]+\n([\s\S]*?)\n\n/.exec(page) ?? [];
  const told = table.split('\n').map(line => line.split('|')[1]!.trim().replaceAll('`', ''));
  expect(told).toEqual(Object.keys(rows));
});
