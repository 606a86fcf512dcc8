// One server of the matrix behind the broker, as a host starts it, and what came of calls while its key changed.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { openBroker } from '../../../client/broker/broker';
import { createCachedKey } from '../../../client/keys/secrets/cached-key';
import type { FakeInternet } from './fake-internet';
import type { MatrixServer } from './servers';

/** `variables`: without what is loaded into the server's process before its own code. */
export type Help = 'variables' | 'preload';

export interface Tried {
  /** Before and after a rotation. */
  calls: number;
  failed: number;
  /** From the moment on in which the key ended at once, until the next one was used. */
  killed: { calls: number; failed: number };
  /** The first thing that went wrong. */
  why: string;
  /** Requests with each key, oldest first. */
  shown: number[];
  /** Keys that the server's own process had in its environment. */
  leaked: boolean;
}

const place = { environment: 'prod', server: 'matrix' };
const answerMs = 30_000;
/** As `keyturn run` looks for new keys. */
const pollMs = 60_000;
/** A key ends before the next is known: so long. */
const gapMs = 400;

/** @param calls in each of three phases: before, after a rotation, and from the moment on in which the key ends at once */
export async function tryServer(
  server: MatrixServer,
  command: readonly string[],
  help: Help,
  internet: FakeInternet,
  calls: number,
): Promise<Tried> {
  const key = (number: number) => `FAKESECRET-${server.provider}-${number}`;
  let current = 1;
  let passed = 0;
  internet.accepted = new Set([key(1)]);
  internet.shown.clear();
  internet.requests.length = 0;
  internet.others.clear();
  internet.answer = server.answer;
  internet.refusal = server.refusal ?? [401, { message: 'unauthorized' }];
  const said: string[] = [];
  const held = (provider: string) => ({
    versionId: `v${current}`,
    value: {
      ...server.fields,
      secret: key(current),
      keyId: 'id',
      provider,
      issuedAt: '2026-11-23T00:00:00Z',
    },
  });
  const reader = {
    describe: async () => ({ versions: { [`v${current}`]: ['AWSCURRENT'] } }),
    readCurrent: async (address: { provider: string }) => held(address.provider),
    read: async () => undefined,
  };
  const variables = Object.entries(server.variables).map(([name, field]) => ({
    name,
    field,
    address: { ...place, provider: server.provider, purpose: 'main' },
  }));
  const broker = await openBroker({
    variables,
    settingsOf: () => server.settings,
    keyFor: async address =>
      createCachedKey({
        ...{ reader, address, refreshMs: pollMs, staleMs: 3_600_000 },
        onStale() {},
        now: () => Date.now() + passed,
        sleep: ms => sleep(ms),
      }),
    usage: { count() {}, settle() {}, flush: async () => {} },
    env: { PATH: process.env.PATH },
    say: text => said.push(text),
    now: Date.now,
    trusted: internet.trusted,
  });
  const { NODE_OPTIONS, PYTHONPATH, ...onlyVariables } = broker.env;
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    ...(help === 'preload' ? { ...onlyVariables, NODE_OPTIONS, PYTHONPATH } : onlyVariables),
    ...server.env,
    ...Object.fromEntries(
      await Promise.all(
        variables.map(async ({ name, field, address }) => {
          const { value } = await broker.source.read(address);
          return [name, String(value[field as 'secret'])];
        }),
      ),
    ),
  } as Record<string, string>;
  const tried: Tried = {
    calls: 0,
    failed: 0,
    killed: { calls: 0, failed: 0 },
    why: '',
    shown: [],
    leaked: JSON.stringify(env).includes('FAKESECRET'),
  };
  const client = new Client({ name: 'matrix', version: '1.0.0' });
  const [program = '', ...args] = command;
  const transport = new StdioClientTransport({
    command: program,
    args: [...args, ...(server.args ?? [])],
    env,
    stderr: 'pipe',
  });
  let errors = '';
  transport.stderr?.on('data', chunk => {
    errors = `${errors}${chunk}`.slice(-2_000);
  });

  async function call(counts: { calls: number; failed: number } = tried): Promise<void> {
    counts.calls++;
    const { tool, arguments: input } = server.call;
    try {
      const result = await client.callTool({ name: tool, arguments: input }, undefined, {
        timeout: answerMs,
      });
      const text = JSON.stringify(result.content ?? result);
      if (result.isError || !text.includes(server.call.mark)) throw new Error(text.slice(0, 600));
    } catch (error) {
      counts.failed++;
      tried.why ||= reason(error as Error);
    }
  }
  function reason({ message }: Error): string {
    if (internet.requests.length) return `${message} ${said.join(' ')}`;
    const others = [...internet.others].join(' and ');
    if (others) return `it asks ${others}, which the connector does not name`;
    return /ENOTFOUND|EAI_AGAIN/.test(message) ? 'its client goes by no proxy' : `${message} ${errors}`;
  }
  const callMany = async (count: number, counts?: { calls: number; failed: number }) => {
    const work = async () => {
      for (let i = 0; i < count / 4; i++) await call(counts);
    };
    await Promise.all([work(), work(), work(), work()]);
  };

  try {
    await client.connect(transport, { timeout: answerMs });
    await call();
    if (tried.failed) return tried;
    await callMany(calls);
    // A rotation: both keys work for a while.
    internet.accepted.add(key(2));
    current = 2;
    passed += pollMs + 1_000;
    await callMany(calls);
    // A key that is killed at once, while calls are under way; the next one comes a moment later.
    const underWay = callMany(calls, tried.killed);
    internet.accepted = new Set([key(3)]);
    await sleep(gapMs);
    current = 3;
    await underWay;
    await callMany(calls, tried.killed);
    tried.shown = [1, 2, 3].map(number => internet.shown.get(key(number)) ?? 0);
  } catch (error) {
    tried.failed++;
    tried.why ||= reason(error as Error);
  } finally {
    await client.close().catch(() => {});
    await broker.close();
  }
  return tried;
}
