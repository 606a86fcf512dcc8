// What `keyturn run` costs a call, memory and AWS; promotion.ts has how long a rotation takes to reach a server that runs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { build } from 'esbuild';
import type { SecretsSetup } from '../test/support/secrets';
import { median } from './cached-reads';

export interface Reach {
  /** A call with the official client to a server of the official SDK, and the same behind `keyturn run`. */
  official: Comparison;
  /** The same with a server and a client that do next to nothing: what remains is pipes. */
  bare: Comparison;
  /** What the host needs besides the server. */
  memoryMb: number;
  /** While the client calls all the time, and while it does nothing. */
  awsCallsPerHour: { busy: number; idle: number };
}

export interface Comparison {
  latencyMs: Ways;
  callsPerSecond: Ways;
}

/** `piped`: behind a process of Node that passes bytes on and looks at none: the least that any process between them costs. */
interface Ways {
  direct: number;
  piped: number;
  behind: number;
  /** `behind` to `direct`, and to `piped`. */
  ratio: number;
  ratioToPiped: number;
}

const root = join(__dirname, '..');
const everything = [
  process.execPath,
  join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js'),
];
const keyServer = [process.execPath, join(root, 'test/client/run/fixtures/key-server.mjs')];
const pipes = `const { spawn } = require('node:child_process');
const server = spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 'pipe', 'ignore'] });
process.stdin.pipe(server.stdin);
server.stdout.pipe(process.stdout);`;
const rounds = 5;
const sequential = 500;
const concurrent = 4_000;
/** Calls under way at a time. */
const width = 32;
const flags = ['--env', 'prod', '--server', 'support-bot', '--key', 'KEY=gitlab', '--metrics', 'none'];
const hourMs = 3_600_000;

export async function benchReach(secrets: SecretsSetup): Promise<Reach> {
  const keyturn = join(root, 'node_modules/.cache/keyturn-bench/keyturn.js');
  // As it is shipped.
  await build({
    entryPoints: [join(root, 'bin/keyturn.ts')],
    outfile: keyturn,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
  });
  const behind = (more: string[], command: string[]) => [
    process.execPath,
    ...[keyturn, 'run', ...flags, '--no-usage', ...more, '--', ...command],
  ];
  await secrets.put('gitlab', 'FAKESECRET-bench');
  return {
    official: await compare(openOfficial, everything, behind([], everything)),
    bare: await compare(openBare, keyServer, behind([], keyServer)),
    memoryMb: await memoryMb(behind([], keyServer)),
    awsCallsPerHour: {
      busy: await callsPerHour(secrets, true, poll => behind(poll, keyServer)),
      idle: await callsPerHour(secrets, false, poll => behind(poll, keyServer)),
    },
  };
}

/** A client that calls a server's tool. */
interface Caller {
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
  pid: number;
  close(): Promise<void>;
}
type Open = (command: string[]) => Promise<Caller>;

async function openOfficial([command = '', ...args]: string[]): Promise<Caller> {
  const env = { ...process.env, KEY: 'FAKESECRET-bench' } as Record<string, string>;
  const transport = new StdioClientTransport({ command, args, env, cwd: root, stderr: 'ignore' });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  return {
    call: async (name, args) => {
      const { isError } = await client.callTool({ name, arguments: args });
      if (isError) throw new Error(`${name} failed`);
      return {};
    },
    pid: transport.pid ?? 0,
    close: () => client.close(),
  };
}

async function openBare([command = '', ...args]: string[]): Promise<Caller> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, KEY: 'FAKESECRET-bench' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = new Map<number, (result: unknown) => void>();
  let rest = '';
  let calls = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, result } = JSON.parse(line) as { id: number; result: unknown };
      waiting.get(id)?.(result);
      waiting.delete(id);
    }
  });
  const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (method: string, params: object) =>
    new Promise<unknown>(resolve => {
      waiting.set(++calls, resolve);
      say({ id: calls, method, params });
    });
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {} });
  say({ method: 'notifications/initialized' });
  return {
    call: (name, args) => ask('tools/call', { name, arguments: args }),
    pid: child.pid ?? 0,
    close() {
      child.stdin.end();
      return new Promise(resolve => child.on('close', () => resolve()));
    },
  };
}

/** All are measured in turn, so that what else the machine does meets all. */
async function compare(open: Open, direct: string[], behind: string[]): Promise<Comparison> {
  const callers = {
    direct: await open(direct),
    piped: await open([process.execPath, '-e', pipes, ...direct]),
    behind: await open(behind),
  };
  const none = (): Record<keyof typeof callers, number[]> => ({ direct: [], piped: [], behind: [] });
  const [latency, rate] = [none(), none()];
  const args = { message: 'x'.repeat(100), text: 'x'.repeat(100) };
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const way of ['direct', 'piped', 'behind'] as const) {
      const echo = () => callers[way].call('echo', args);
      const taken: number[] = [];
      for (let i = 0; i < sequential; i++) {
        const begun = performance.now();
        await echo();
        taken.push(performance.now() - begun);
      }
      const begun = performance.now();
      let left = concurrent;
      await Promise.all(
        Array.from({ length: width }, async () => {
          while (left-- > 0) await echo();
        }),
      );
      if (!round) continue;
      latency[way].push(median(taken));
      rate[way].push((concurrent / (performance.now() - begun)) * 1000);
    }
  }
  for (const caller of Object.values(callers)) await caller.close();
  return { latencyMs: waysOf(latency, 3), callsPerSecond: waysOf(rate, 0) };
}

function waysOf(taken: Record<'direct' | 'piped' | 'behind', number[]>, digits: number): Ways {
  const [direct, piped, behind] = [median(taken.direct), median(taken.piped), median(taken.behind)];
  const rounded = (value: number, places: number) => Number(value.toFixed(places));
  return {
    direct: rounded(direct, digits),
    piped: rounded(piped, digits),
    behind: rounded(behind, digits),
    ratio: rounded(behind / direct, 2),
    ratioToPiped: rounded(behind / piped, 2),
  };
}

/** Of the host alone, after some thousand calls. */
async function memoryMb(command: string[]): Promise<number> {
  const client = await openBare(command);
  for (let i = 0; i < concurrent; i++) await client.call('echo', { text: 'x'.repeat(100) });
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8')) ?? [];
  await client.close();
  return Math.round(Number(kilobytes) / 1024);
}

/** Seen with intervals that are so many times shorter, and put down to an hour. */
const faster = 60;

async function callsPerHour(
  secrets: SecretsSetup,
  isBusy: boolean,
  commandWith: (intervals: string[]) => string[],
): Promise<number> {
  const client = await openBare(commandWith(['--poll', '1s', '--fresh', '0.05s']));
  const seconds = 10;
  secrets.calls();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (isBusy) await client.call('echo', { text: '' });
    await new Promise(go => setTimeout(go, 10));
  }
  const seen = secrets.calls().length;
  await client.close();
  return Math.round((seen / (seconds * 1000 * faster)) * hourMs);
}
