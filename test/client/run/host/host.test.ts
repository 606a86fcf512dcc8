import { once } from 'node:events';
import { groupRuns, until } from '../processes';
import type { Json } from '../relay/relay-setup';
import { closeHosts, type HostClient, openHost, renewed } from './host-client';

afterEach(closeHosts);

const keyOf = (message: Json) => message.result?.key;
const question = (message: Json) => message.method === 'sampling/createMessage';

it('gives the server its key, and a fresh process the new one', async () => {
  const client = await openHost();
  const before = await client.call('key');
  await renewed(client, 'two');
  const after = await client.call('key');
  expect([keyOf(before), keyOf(after)]).toEqual(['one', 'two']);
  await until(() => !groupRuns(Number(before.result!.pid)));
});

it('does nothing where the keys are the same', async () => {
  const client = await openHost();
  const before = await client.call('key');
  client.host.lookAtKeys();
  await renewed(client, 'two');
  expect(client.switches).toHaveLength(1);
  expect((await client.call('key')).result!.pid).not.toBe(before.result!.pid);
});

it('lets the old process finish, in both directions, while the new one serves', async () => {
  const client = await openHost();
  const late = client.call('ask');
  const { id } = await client.next(question);
  await renewed(client, 'two');
  const fresh = client.call('ask');
  const other = await client.next(question);
  for (const [asked, told] of [
    [id, 'a'],
    [other.id, 'b'],
  ]) {
    client.input.write(`${JSON.stringify({ jsonrpc: '2.0', id: asked, result: told })}\n`);
  }
  expect((await late).result).toEqual({ key: 'one', told: 'a' });
  expect((await fresh).result).toEqual({ key: 'two', told: 'b' });
});

it('ends a superseded process that does not finish in time after its key has ended, with an error for what it owed', async () => {
  const client = await openHost({ limits: { drainMs: 1 } });
  const late = client.call('ask');
  await client.next(question);
  await renewed(client, 'two');
  expect([...client.host.draining()]).toEqual([1]);
  client.host.keysEnded(1);
  expect((await late).error!.code).toBe(-32603);
  expect(client.said.join()).toMatch(/did not finish in time/);
  expect(keyOf(await client.call('key'))).toBe('two');
});

it('keeps the old process where the new key makes the server fail, and says so', async () => {
  const client = await openHost();
  client.setKey('refused-at-start');
  client.host.lookAtKeys();
  await until(() => client.failedStarts() === 1);
  expect(keyOf(await client.call('key'))).toBe('one');
  expect(client.said.join()).toMatch(/could not take over: it ended before it was ready/);
  await renewed(client, 'three');
  expect(keyOf(await client.call('key'))).toBe('three');
});

it('answers what a dead process owed with an error, and starts it again', async () => {
  const client = await openHost();
  const lost = client.call('ask');
  const dying = client.call('exit', { code: 3 });
  expect((await lost).error!.message).toMatch(/ended before it answered/);
  expect((await dying).error).toBeDefined();
  expect(keyOf(await client.call('key'))).toBe('one');
});

describe('the exit code is that of the server', () => {
  it('where it ends by itself', async () => {
    const client = await openHost();
    void client.call('exit', { code: 0 });
    expect(await client.host.ended).toBe(0);
  });

  it('where it never speaks', async () => {
    const client = await openHost({ command: ['sh', '-c', 'exit 7'] });
    expect(await client.host.ended).toBe(7);
  });

  it('where it keeps dying, after what it still owed was answered', async () => {
    // It answers the first handshake only: whoever replays it gets no answer.
    const answer = '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}';
    const client = await openHost({
      command: ['sh', '-c', `read first; echo '${answer}'; read second; exit 5`],
      limits: { startMs: 200, restartMs: [0, 1, 1] },
    });
    await client.next(message => message.id === 0);
    expect((await client.call('key')).error).toBeDefined();
    const waiting = client.call('key');
    expect(await client.host.ended).toBe(5);
    expect((await waiting).error!.message).toMatch(/could not be started again/);
    expect(client.said.join()).toMatch(/4 times in a row. Giving up/);
  });

  it('where it answers a signal', async () => {
    const client = await openHost();
    await client.call('key');
    client.host.signal('SIGTERM');
    expect(await client.host.ended).toBe(4);
  });

  it('where it cannot be started', async () => {
    const client = await openHost({ command: ['no-such-command-anywhere'] });
    expect(await client.host.ended).toBe(127);
    expect(client.said.join()).toMatch(/could not start "no-such-command-anywhere": ENOENT/);
  });
});

it('leaves nothing behind when the client goes, not even what ignores signals', async () => {
  const client = await openHost({ key: 'grandchild' });
  const { pid } = (await client.call('key')).result as { pid: number };
  client.input.end();
  await client.host.ended;
  await until(() => !groupRuns(pid));
});

describe('when the client has closed its end, as a shell does after a pipe', () => {
  /** Only killed it ends. Milliseconds too few for any answer, and too many to wait for. */
  const server = { key: 'stubborn', limits: { stopMs: 1, drainMs: 3_600_000 } };
  const killed = 137;

  it('lets a server answer what it was asked before, and then stops it', async () => {
    const client = await openHost(server);
    const answer = client.call('wait', { ms: 500 });
    client.input.end();
    expect((await answer).result).toEqual({});
    expect(await client.host.ended).toBe(killed);
  });

  it('stops a server that owes nothing, or waits for an answer of its client', async () => {
    const client = await openHost(server);
    void client.call('ask');
    await client.next(({ method }) => method === 'sampling/createMessage');
    client.input.end();
    expect(await client.host.ended).toBe(killed);
  });

  it('stops a server that owes an answer once it gets a signal, or nobody reads any more', async () => {
    for (const leave of [
      ({ host }: HostClient) => host.signal('SIGTERM'),
      ({ output }: HostClient) => output.destroy(new Error('EPIPE')),
    ]) {
      const client = await openHost(server);
      void client.call('wait', { ms: 3_600_000 });
      client.input.end();
      await once(client.input, 'close');
      leave(client);
      expect(await client.host.ended).toBe(killed);
    }
  });
});

it('relays messages of megabytes', async () => {
  const client = await openHost();
  const text = 'é"\\'.repeat(1_000_000);
  expect((await client.call('echo', { text })).result).toEqual({ text });
});

it('holds a server back while the client does not read', async () => {
  const client = await openHost();
  client.output.pause();
  void client.call('flood', { lines: 400, size: 100_000 });
  await until(() => client.output.writableNeedDrain);
  for (let turns = 0; turns < 200; turns++) await new Promise(resolve => setImmediate(resolve));
  expect(client.output.writableLength + client.output.readableLength).toBeLessThan(2_000_000);
  client.output.resume();
  expect(keyOf(await client.call('key'))).toBe('one');
});
