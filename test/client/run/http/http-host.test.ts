// A server over HTTP whose key changes: what goes to which process, and what its clients see of it.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../processes';
import { closedAfterEach, switched } from './http-setup';

const { open, openReady } = closedAfterEach();

/** What a stream has said so far. */
function follow(response: Response) {
  const stream = { text: '', hasEnded: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of response.body!) stream.text += decoder.decode(chunk);
    stream.hasEnded = true;
  })().catch(() => {});
  return stream;
}

const runs = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('serves plain calls with the new key, and ends the old process', async () => {
  const setup = await open('one');
  const before = await setup.call('key');
  expect(before.key).toBe('one');
  await switched(setup, 'two');
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
  await until(() => !runs(before.pid));
  expect(setup.lines).toEqual(['my key is one', 'my key is two']);
  expect(setup.said).toEqual([]);
});

it('gives each process a port of its own in PORT, and where the command says {port}', async () => {
  const setup = await open('one', {
    command: [process.execPath, `${__dirname}/../fixtures/http-server.mjs`, '{port}'],
  });
  expect(await setup.call('key')).toMatchObject({ key: 'one' });
});

it('loses no call that comes while keys change', async () => {
  const setup = await openReady('one');
  let isOver = false;
  const keys: string[] = [];
  const load = Array.from({ length: 8 }, async () => {
    while (!isOver) keys.push((await setup.call('wait', { ms: 5 })).key);
  });
  for (const key of ['two', 'three', 'four']) await switched(setup, key);
  isOver = true;
  await Promise.all(load);
  keys.push((await setup.call('key')).key);
  expect(new Set(keys)).toEqual(new Set(['one', 'two', 'three', 'four']));
});

it('keeps a session with its process, and ends that once the session is over', async () => {
  const setup = await open('one');
  const session = await setup.beginSession();
  const { pid } = await setup.call('key', {}, session);
  await switched(setup, 'two');
  expect(await setup.call('key', {}, session)).toEqual({ key: 'one', pid });
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
  await sleep(300);
  expect(runs(pid)).toBe(true);
  await fetch(`${setup.origin}/mcp`, { method: 'DELETE', headers: session });
  await until(() => !runs(pid));
});

it('ends sessions when the old key has ended and the time for draining is over', async () => {
  const setup = await open('one', { limits: { drainMs: 300 } });
  const session = await setup.beginSession();
  await switched(setup, 'two');
  setup.host.keysEnded(1);
  await until(async () => (await setup.post('key', {}, session)).status === 404);
  expect(await (await setup.post('key', {}, session)).json()).toMatchObject({
    id: 7,
    error: { message: expect.stringContaining('Start a new session') },
  });
  // Another session than one that was lost is none of ours: the server knows what to say.
  expect((await setup.post('key', {}, { 'mcp-session-id': 'never-seen' })).status).toBe(400);
});

it('keeps what a request has asked for, and tasks, with their process', async () => {
  const setup = await open('one');
  const { pid } = await setup.call('key');
  const { requestState } = await setup.call('ask');
  const { taskId } = await setup.call('start');
  await switched(setup, 'two');
  expect(await setup.call('ask', { requestState })).toMatchObject({ key: 'one', began: `state-${pid}` });
  expect(await setup.call('tasks/get', { taskId })).toMatchObject({ key: 'one' });
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
  await sleep(100);
  expect(runs(pid)).toBe(true);
  expect(await setup.call('tasks/cancel', { taskId })).toMatchObject({ key: 'one' });
  await until(() => !runs(pid));
});

it('passes a stream on whole over a change of keys', async () => {
  const setup = await open('one');
  const stream = follow(await setup.post('count', { to: 40, ms: 20 }));
  await until(() => stream.text.includes('"n":3'));
  await switched(setup, 'two');
  await until(() => stream.hasEnded);
  const numbers = [...stream.text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  expect(stream.text).toContain('"result":{"key":"one"');
});

it('ends streams that only listen at the drain limit, so that their clients listen to the new process', async () => {
  const setup = await open('one', { limits: { drainMs: 400 } });
  const stream = follow(await setup.post('subscriptions/listen'));
  await until(() => stream.text.includes('"key":"one"'));
  const { pid } = await setup.call('key');
  await switched(setup, 'two');
  expect(stream.hasEnded).toBe(false);
  await until(() => stream.hasEnded);
  expect(stream.text).not.toContain('error');
  await until(() => !runs(pid));
  const again = follow(await setup.post('subscriptions/listen'));
  await until(() => again.text.includes('"key":"two"'));
});

it('keeps the two halves of a client of MCP 2024-11-05 together', async () => {
  const setup = await open('one');
  const stream = follow(await fetch(`${setup.origin}/sse`, { headers: { accept: 'text/event-stream' } }));
  await until(() => stream.text.includes('\n\n'));
  const [, path] = /data: (\S+)/.exec(stream.text)!;
  await switched(setup, 'two');
  expect((await setup.post('key', {}, {}, path)).status).toBe(202);
  await until(() => stream.text.includes('"result":{"key":"one"'));
});

it('sends a request whose body is still coming to the process that serves once it is here', async () => {
  const setup = await openReady('one');
  const answer = new Promise<string>((resolve, reject) => {
    const call = request(`${setup.origin}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    call.on('error', reject).on('response', response => {
      let text = '';
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    call.write('{"jsonrpc":"2.0","id":1,"method":"size","params":{"text":"');
    void switched(setup, 'two').then(() => call.end(`${'x'.repeat(3_000_000)}"}}`));
  });
  expect(JSON.parse(await answer)).toMatchObject({ result: { key: 'two', length: 3_000_000 } });
});

it('passes a body on that is too long to be read first', async () => {
  const setup = await open('one');
  expect(await setup.call('size', { text: 'x'.repeat(17 * 2 ** 20) })).toMatchObject({
    length: 17 * 2 ** 20,
  });
});

it('holds requests until their keys have been looked at', async () => {
  const setup = await openReady('one');
  let goOn: () => void = () => {};
  setup.state.held = new Promise(resolve => {
    goOn = resolve;
  });
  const call = setup.call('key');
  await switched(setup, 'two');
  goOn();
  expect(await call).toMatchObject({ key: 'two' });
});

it('holds requests whose keys have ended until the process with newer ones serves', async () => {
  const setup = await openReady('one');
  setup.rotate('two', 'expiring');
  expect(await setup.call('key')).toMatchObject({ key: 'two' });
});

it('ends the old process first where it was told so, without a failed call', async () => {
  const setup = await open('one', { stopFirst: true });
  const session = await setup.beginSession();
  const { pid } = await setup.call('key');
  const open_ = follow(await setup.post('count', { to: 20, ms: 20 }));
  await until(() => open_.text.includes('"n":1'));
  setup.rotate('two');
  expect((await setup.call('key')).key).toBe('two');
  await until(() => open_.hasEnded);
  expect(open_.text).toContain('"result":{"key":"one"');
  expect(runs(pid)).toBe(false);
  expect((await setup.post('key', {}, session)).status).toBe(404);
});

it('finishes open calls before it ends by SIGTERM', async () => {
  const setup = await openReady('one');
  const listening = follow(await setup.post('subscriptions/listen'));
  const call = follow(await setup.post('count', { to: 20, ms: 20 }));
  await until(() => call.text.includes('"n":2'));
  setup.host.signal('SIGTERM');
  await expect(setup.call('key')).rejects.toThrow('fetch failed');
  expect(await setup.host.ended).toBe(143);
  await until(() => call.hasEnded && listening.hasEnded);
  expect(call.text).toContain('"result":{"key":"one"');
});

it('keeps the connection of a client, and names it to the server', async () => {
  const setup = await open('one');
  const response = await fetch(`${setup.origin}/any`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
  expect(response.headers.get('connection')).toBe('keep-alive');
  const { headers } = (await response.json()) as { headers: Record<string, string> };
  expect(headers).toMatchObject({
    host: new URL(setup.origin).host,
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
  });
});
