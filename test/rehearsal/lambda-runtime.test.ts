import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realTime } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import type { RunnableFunction } from '@keyturn/aws-model/template/deployer';
import { listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { minuteMs } from '../../core/time';
import { LambdaRuntime } from '../../rehearsal/world/lambda-runtime';
import { probeFunction } from './probe-function';

const start = new Date('2027-01-01T00:00:00Z');
const directory = mkdtempSync(join(tmpdir(), 'keyturn-runtime-'));
const logLines: string[] = [];
const asked: { origin: unknown; url: unknown }[] = [];
let server: Server;
let clock: VirtualClock;
let runtime: LambdaRuntime;

writeFileSync(join(directory, 'probe.mjs'), probeFunction);
writeFileSync(join(directory, 'other.mjs'), 'let calls = 0;\nexport const count = () => ++calls;\n');

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push({ origin: request.headers['x-keyturn-origin'], url: request.url });
    if (request.url === '/slow') await clock.hold(60_000);
    if (request.url === '/busy') await realTime(500);
    response.writeHead(204).end();
  });
  // Sooner than Node's five seconds, if it went by real time at all.
  server.keepAliveTimeout = 2_000;
  await listenOnLoopback(server);
});
beforeEach(() => {
  clock = new VirtualClock(start);
  logLines.length = 0;
  asked.length = 0;
  runtime = new LambdaRuntime({
    clock,
    providerPort: (server.address() as AddressInfo).port,
    seed: 1,
    aheadMs: functionName => (functionName === 'ahead' ? 5_000 : 0),
    platformEnvironment: ({ name }) => ({ AWS_LAMBDA_FUNCTION_NAME: name }),
    onLogLine: (functionName, line) => logLines.push(`${functionName}: ${line}`),
  });
  add('probe');
});
afterEach(async () => {
  await runtime.close();
  clock.close();
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

function add(name: string, changes: Partial<RunnableFunction> = {}): void {
  runtime.add({
    name,
    roleArn: 'arn:aws:iam::111111111111:role/probe',
    codeDirectory: directory,
    handler: 'probe.handler',
    timeoutSeconds: 60,
    memoryMb: 512,
    environment: { FROM_TEMPLATE: 'yes' },
    ...changes,
  });
}

const invoke = (act: string, more: object = {}, name = 'probe') =>
  clock.runWhile(() => runtime.invoke(name, { act, ...more }));
const result = async (...args: Parameters<typeof invoke>) => {
  const outcome = await invoke(...args);
  if (!outcome.ok) throw new Error(outcome.error.errorMessage);
  return outcome.result;
};
const since = () => clock.now().getTime() - start.getTime();

test('a handler has the variables of its template and of the platform, and no others', async () => {
  expect(await result('environment')).toEqual({ FROM_TEMPLATE: 'yes', AWS_LAMBDA_FUNCTION_NAME: 'probe' });
});

test('no result is null, as Lambda answers it', async () => {
  expect(await invoke('nothing')).toEqual({ ok: true, result: null });
});

test('a sandbox stays warm, and two calls at once need two', async () => {
  expect([await result('count'), await result('count')]).toEqual([1, 2]);
  const both = () =>
    Promise.all([
      runtime.invoke('probe', { act: 'sleep', ms: 10 }),
      runtime.invoke('probe', { act: 'count' }),
    ]);
  const [, second] = await clock.runWhile(both);
  expect(second).toEqual({ ok: true, result: 1 });
  expect(runtime.invocations).toBe(4);
});

test('many calls of one moment take turns in four sandboxes, and those that sleep leave theirs; side by side, fifty run', async () => {
  const many = (length: number, act: string, ms?: number, name = 'probe') =>
    clock.runWhile(() => Promise.all(Array.from({ length }, () => runtime.invoke(name, { act, ms }))));
  const counts = await many(12, 'count');
  expect(counts.filter(outcome => outcome.ok && outcome.result === 1)).toHaveLength(4);
  const result = start.getTime() + 10_000;
  expect(await many(12, 'sleep', 10_000)).toEqual(counts.map(() => ({ ok: true, result })));
  add('other');
  clock.letServersTakeTime();
  expect(await many(12, 'count', 0, 'other')).toEqual(counts.map(() => ({ ok: true, result: 1 })));
  const ends = await many(60, 'sleep', 10_000, 'other');
  expect(ends.filter(outcome => outcome.ok && outcome.result === result + 10_000)).toHaveLength(50);
});

test('a sandbox is kept for an hour without use, and for three days of constant use; a service for good', async () => {
  add('service', { isService: true });
  const counts: Record<string, unknown[]> = { probe: [], service: [] };
  for (let hour = 0; hour <= 74; hour++) {
    await clock.runUntil(new Date(start.getTime() + hour * 60 * minuteMs));
    for (const name of Object.keys(counts)) counts[name]?.push(await result('count', {}, name));
  }
  expect(counts.probe).toEqual([...Array.from({ length: 73 }, (_, hour) => hour + 1), 1, 2]);
  expect(counts.service?.at(-1)).toBe(75);
  await clock.runUntil(new Date(clock.now().getTime() + 66 * minuteMs));
  expect(await result('count')).toBe(1);
});

test('functions in one thread have variables and modules of their own, and so has the next sandbox of each', async () => {
  add('first', { environment: { OWN: '1' } });
  add('second', { environment: { OTHER: '2' } });
  const url = pathToFileURL(join(directory, 'probe.mjs')).href;
  for (const count of [1, 2])
    for (const [name, own] of [
      ['first', { OWN: '1' }],
      ['second', { OTHER: '2' }],
    ] as const) {
      expect(await result('environment', {}, name)).toEqual({ ...own, AWS_LAMBDA_FUNCTION_NAME: name });
      expect(await result('count', {}, name)).toBe(count);
      expect(await result('imported', {}, name)).toEqual([count, url]);
    }
  add('first', { environment: { OWN: '3' } });
  expect(await result('environment', {}, 'first')).toMatchObject({ OWN: '3' });
  expect(await result('imported', {}, 'first')).toEqual([1, url]);
  expect(await result('count', {}, 'second')).toBe(3);
});

test('what one sandbox left behind does not wake in the next', async () => {
  await result('leave', { ms: 1000 });
  add('probe');
  await clock.runUntil(new Date(start.getTime() + 5000));
  expect(await result('late')).toBe('not yet');
});

test('a function is a module: it has no require', async () => {
  expect(await invoke('require')).toMatchObject({ ok: false, error: { errorType: 'ReferenceError' } });
});

test('a handler sees virtual time, and new time at its next call', async () => {
  expect(await result('now')).toEqual([start.getTime(), start.toISOString(), 'Date', true]);
  const later = new Date('2027-03-01T00:00:00Z');
  await clock.runUntil(later);
  expect(await result('now')).toEqual([later.getTime(), later.toISOString(), 'Date', true]);
});

test("the clock of a function's host need not be the world's", async () => {
  add('ahead');
  const ahead = new Date(start.getTime() + 5_000);
  expect(await result('now', {}, 'ahead')).toEqual([ahead.getTime(), ahead.toISOString(), 'Date', true]);
  expect(await result('sleep', { ms: 1_000 }, 'ahead')).toBe(ahead.getTime() + 1_000);
  expect(since()).toBe(1_000);
});

test('time stands still for a handler at work, beside a sleep that would keep no process alive', async () => {
  add('service', { isService: true });
  expect(await result('workBeside', { ms: 1_000 }, 'service')).toBe(start.getTime());
  await clock.runUntil(new Date(start.getTime() + 2_000));
  expect(await result('late', {}, 'service')).toBe('came');
});

test('time stands still for a handler at work, beside a time-out that it set', async () => {
  expect(await result('timeOut', { ms: 1_000 })).toBe(start.getTime());
  expect(since()).toBe(0);
});

test('what still waits when a handler ends is let go', async () => {
  await result('hold', { ms: 60_000 });
  expect(await result('isHeld')).toBe(false);
});

test('a sleep of a handler passes at once, and takes its time', async () => {
  expect(await result('sleep', { ms: 30_000 })).toBe(start.getTime() + 30_000);
  expect(since()).toBe(30_000);
});

test('sleeping handlers sleep side by side', async () => {
  const all = [10_000, 20_000, 15_000].map(ms => () => runtime.invoke('probe', { act: 'sleep', ms }));
  await clock.runWhile(() => Promise.all(all.map(call => call())));
  expect(since()).toBe(20_000);
});

test('a request that is given up on ends then', async () => {
  const slow = { url: 'https://api.example.com/slow', ms: 5000 };
  expect(await result('giveUp', slow)).toBe('TimeoutError');
  expect(since()).toBeGreaterThanOrEqual(5000);
  expect(since()).toBeLessThan(6000);
});

test('an answer that comes late on a slow machine is no time-out', async () => {
  const busy = { url: 'https://api.example.com/busy', ms: 50 };
  expect(await result('isAnswered', busy)).toBe('answered');
});

test('a thread that stood still for long finds its connections open', async () => {
  const { port } = server.address() as AddressInfo;
  const answers = await result('stall', { url: `http://127.0.0.1:${port}/`, ms: 4_000 });
  expect(answers).toEqual([204, 204, 204, 204]);
});

test('connections of a sandbox end with it', async () => {
  const sockets = new Set<Socket>();
  server.on('request', ({ url, socket }) => url === '/by-agent' && sockets.add(socket));
  const { port } = server.address() as AddressInfo;
  await result('stall', { url: `http://127.0.0.1:${port}/`, ms: 1 });
  const ends = [...sockets].map(socket => once(socket, 'close'));
  expect(ends).toHaveLength(1);
  // A function that was changed loses its sandboxes.
  add('probe');
  await Promise.all(ends);
});

test('a thrown error comes back by name and message alone', async () => {
  expect(await invoke('fail')).toEqual({
    ok: false,
    error: { errorType: 'TypeError', errorMessage: 'told to fail' },
  });
  expect(await result('count')).toBe(1);
});

test('a handler that takes longer than its template allows is ended then, and the next call starts cold', async () => {
  await result('count');
  expect(await invoke('sleep', { ms: 600_000 })).toEqual({
    ok: false,
    error: { errorType: 'Runtime.ExitError', errorMessage: 'Task timed out after 60.00 seconds' },
  });
  expect(since()).toBe(60_000);
  expect(await result('count')).toBe(1);
});

test('a process that exits ends its call, and the next call starts cold', async () => {
  await result('count');
  expect(await invoke('exit')).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
  expect(await result('count')).toBe(1);
});

test('a power cut ends the calls that run, and no others', async () => {
  await result('count');
  const cut = clock.schedule(new Date(start.getTime() + 1000), 'power cut', () => runtime.crashRunning());
  const outcome = await invoke('sleep', { ms: 5000 });
  cut();
  expect(outcome).toMatchObject({ ok: false, error: { errorMessage: expect.stringContaining('killed') } });
  expect(since()).toBe(1000);
  expect(await result('count')).toBe(1);
});

test('no sandbox starts once the rehearsal has ended, even for a call that was on its way', async () => {
  const onItsWay = runtime.invoke('probe', { act: 'count' });
  const [outcome] = await Promise.all([onItsWay, runtime.close()]);
  expect(outcome).toMatchObject({ ok: false, error: { errorMessage: 'the rehearsal ended' } });
  expect(await runtime.invoke('probe', { act: 'count' })).toEqual(outcome);
});

test('a function is frozen between its calls; a service goes on', async () => {
  add('service', { isService: true });
  for (const name of ['probe', 'service']) await result('leave', { ms: 1000 }, name);
  await clock.runUntil(new Date(start.getTime() + 60_000));
  expect(await result('late', {}, 'probe')).toBe('not yet');
  expect(await result('late', {}, 'service')).toBe('came');
});

test('what a handler prints is its log', async () => {
  await invoke('say', { text: 'hello' });
  // Output comes through a pipe of its own.
  while (logLines.length < 2) await new Promise(setImmediate);
  expect([...logLines].sort()).toEqual(['probe: hello', 'probe: hello too']);
});

test('a request to a provider goes to loopback, and says where it was meant for', async () => {
  expect(await result('fetch', { url: 'https://api.example.com/v3/keys?page=2' })).toBe(204);
  expect(asked).toEqual([{ origin: 'https://api.example.com', url: '/v3/keys?page=2' }]);
});

test('a function that no template has is an error', async () => {
  await expect(invoke('count', {}, 'gone')).rejects.toThrow('no function named gone');
});
