// From the moment in which a key is AWSCURRENT to the first request with it that its provider accepts, for each way in which a
// server gets its keys: real processes, an official MCP client that calls all the time, the model of AWS and an API on loopback.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LaneAccount, openAccount } from '../rehearsal/lanes/account';
import { type FakeApis, startFakeApis } from '../rehearsal/lanes/fake-apis';
import type { McpClient } from '../rehearsal/lanes/mcp-client';
import { openServer, type Way } from '../rehearsal/lanes/open-server';
import { echoes, node2 } from '../rehearsal/lanes/own-servers';
import type { ServerLane } from '../rehearsal/lanes/run-lane';
import { exclusive, libraryInNode, libraryInPython, python1 } from '../test/servers/lanes/servers';
import { median } from './cached-reads';

export type Promotions = Record<string, Promotion | { skipped: string }>;

export interface Promotion {
  /** How often this way asks AWS for a new key unless it is told otherwise: for so long an old key that works is used. */
  asksEvery: string;
  /** Both keys work, and AWS is asked every second. Milliseconds; absent where nothing is promoted. */
  overlapMs?: number;
  /** The old key ends with the promotion, and AWS is asked as often as it is unless told otherwise. Milliseconds. */
  endedMs: number;
  /** Calls that failed then, in a round. */
  failedCalls: number;
}

interface Measured {
  server: Pick<ServerLane, 'command' | 'variable' | 'env' | 'sdk'>;
  way: Way;
  asksEvery: string;
  overHttp?: true;
  flags?: string[];
  /** Asks so often also where the old key ends: nothing but that tells it of the next one. */
  onlyAsks?: true;
  /** It gets short-lived tokens, of which none is promoted. */
  isToken?: true;
}

/** `keyturn run` asks before calls. */
const fresh = '3s';
const ways: Record<string, Measured> = {
  'client library': { server: libraryInNode, way: 'library', asksEvery: '300s' },
  'client library for Python': { server: libraryInPython, way: 'library', asksEvery: '300s' },
  'client library, tokens': { server: libraryInNode, way: 'library', asksEvery: 'none', isToken: true },
  'keyturn run': { server: node2, way: 'run', asksEvery: fresh },
  'keyturn run, Python': { server: python1, way: 'run', asksEvery: fresh },
  'keyturn run --stop-first': { server: exclusive, way: 'run', asksEvery: fresh, flags: ['--stop-first'] },
  'keyturn run --http': { server: node2, way: 'run', asksEvery: fresh, overHttp: true },
  'keyturn run --broker': { server: node2, way: 'broker', asksEvery: '60s' },
  'keyturn run --broker, Python': { server: python1, way: 'broker', asksEvery: '60s' },
  'keyturn agent --signal': {
    server: node2,
    way: 'signal',
    asksEvery: '60s',
    overHttp: true,
    onlyAsks: true,
  },
  'keyturn agent -- <command>': {
    ...{ server: node2, way: 'restart', asksEvery: '60s', overHttp: true, onlyAsks: true },
  },
};
const rounds = 3;
/** A client's pause between its calls. */
const pauseMs = 5;
const tokenSeconds = 3_600;

export async function benchPromotion(): Promise<Promotions> {
  const account = await openAccount();
  const apis = await startFakeApis();
  const found: Promotions = {};
  try {
    for (const [name, measured] of Object.entries(ways)) {
      const command = await measured.server.command();
      found[name] = Array.isArray(command) ? await promotionOf(command, measured, account, apis) : command;
    }
  } finally {
    await apis.close();
    await account.close();
  }
  return found;
}

async function promotionOf(
  command: string[],
  measured: Measured,
  account: LaneAccount,
  apis: FakeApis,
): Promise<Promotion> {
  const { asksEvery, onlyAsks, isToken } = measured;
  const timesWith = async (looks: string | undefined, ends: boolean) => {
    // A server that cannot run twice has to end before the next.
    const subject = await openSubject(command, measured, looks, account, apis);
    try {
      return await timesOf(subject, apis, ends && settlesMs(measured));
    } finally {
      await subject.client.close();
    }
  };
  const overlap = isToken ? [] : await timesWith('1s', false);
  const ended = await timesWith(onlyAsks && '1s', true);
  const medianOf = (times: Round[]) => Math.round(median(times.map(({ ms }) => ms)));
  return {
    asksEvery,
    ...(overlap.length && { overlapMs: medianOf(overlap) }),
    endedMs: medianOf(ended),
    failedCalls: median(ended.map(({ failed }) => failed)),
  };
}

/** Who takes a rejection for a sign that a key is young asks only once it is not. */
const settlesMs = ({ way, isToken }: Measured) => (way === 'run' || isToken ? 10_500 : 0);

interface Subject {
  client: McpClient;
  current(): string;
  /** Makes the next key the one to use. @returns it */
  promote(): Promise<string>;
}

let opened = 0;

async function openSubject(
  command: string[],
  { server, way, overHttp, flags = [], isToken }: Measured,
  looks: string | undefined,
  account: LaneAccount,
  apis: FakeApis,
): Promise<Subject> {
  const provider = way === 'broker' ? apis.brokered.provider : 'bench';
  const key = `${provider}/promotion-${++opened}`;
  let current = '';
  async function promote(): Promise<string> {
    current = `FAKESECRET-${randomBytes(16).toString('hex')}`;
    apis.accept(current);
    if (!isToken) await account.put(key, current);
    return current;
  }
  if (isToken) giveTokens(account, () => current);
  else account.addSecret(key);
  await promote();
  const origin = way === 'broker' ? apis.brokered.origin : apis.origin;
  const client = await openServer(
    command,
    {
      ...{ way, variable: server.variable, key, sdk: server.sdk, overHttp: overHttp === true },
      flags: [...flags, ...(looks && way === 'run' ? ['--fresh', looks] : [])],
      env: { ...server.env(origin), ...(isToken && { TEST_TOKENS: 'yes' }) },
      ...(looks && { looks }),
    },
    { account, apis },
    () => {},
  );
  return { client, current: () => current, promote };
}

function giveTokens(account: LaneAccount, token: () => string): void {
  const expiresAt = () => new Date(Date.now() + tokenSeconds * 1_000).toISOString();
  account.addTokenFunction(() => ({ token: token(), expiresAt: expiresAt(), scopes: [] }));
}

interface Round {
  ms: number;
  failed: number;
}

/** @param endsAfterMs how old a key is that ends as the next is promoted; false where it goes on */
async function timesOf(
  { client, current, promote }: Subject,
  apis: FakeApis,
  endsAfterMs: number | false,
): Promise<Round[]> {
  const call = echoes();
  const taken: Round[] = [];
  let calls = 0;
  const callOnce = async () => {
    const { tool, args } = call(++calls);
    const isWell = await client.call(tool, args).then(
      () => true,
      () => false,
    );
    await sleep(pauseMs);
    return isWell;
  };
  for (let round = 0; round < rounds; round++) {
    const settledAt = performance.now() + (endsAfterMs || 0);
    do await callOnce();
    while (performance.now() < settledAt);
    const old = current();
    const fresh = await promote();
    const begunAt = performance.now();
    if (endsAfterMs !== false) apis.revoke(old);
    let failed = 0;
    while (apis.firstUse(fresh) === undefined) if (!(await callOnce())) failed++;
    taken.push({ ms: (apis.firstUse(fresh) ?? 0) - begunAt, failed });
  }
  return taken;
}
