// One server under constant load while its key rotates: every call is checked, every switch is timed.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecret } from '../../core/key/generated-secret';
import { until } from '../client/run/processes';
import type { SecretsRig } from '../support/secrets';
import type { FakeApis } from './fake-apis';
import type { Lane } from './lanes';
import { connectClient, lostAfterMs, type McpClient } from './mcp-client';

export interface LaneResult {
  server: string;
  calls: number;
  failed: number;
  lost: number;
  duplicated: number;
  rotations: number;
  switchMs: number[];
  /** The first of what failed. */
  failures: string[];
}

const root = join(__dirname, '../..');
/** Both keys work for so long, as in every overlap; then the old one is revoked. */
const overlapMs = 700;

export async function runLane(
  lane: Lane,
  rotations: number,
  secrets: SecretsRig,
  apis: FakeApis,
): Promise<LaneResult> {
  const result: LaneResult = {
    ...{ server: lane.name, calls: 0, failed: 0, lost: 0, duplicated: 0, rotations: 0 },
    switchMs: [],
    failures: [],
  };
  const newKey = () =>
    lane.provider === 'self-issued' ? generateSecret() : `FAKESECRET-${randomBytes(16).toString('hex')}`;
  let key = newKey();
  apis.accept(key);
  secrets.addSecret(lane.provider);
  await secrets.put(lane.provider, key);

  const flags = ['--env', 'prod', '--server', 'support-bot', '--key', `${lane.variable}=${lane.provider}`];
  const run = ['run', ...flags, '--poll', '0.25s', '--metrics', 'none', '--', process.execPath, lane.entry];
  const client = await connectClient(
    lane.sdk,
    {
      command: process.execPath,
      args: ['--import', 'tsx', join(root, 'bin/keyturn.ts'), ...run],
      env: { ...(process.env as Record<string, string>), ...lane.env(apis.origin) },
      cwd: root,
    },
    text => {
      for (const [, ms] of text.matchAll(/took over, (\d+) ms/g)) result.switchMs.push(Number(ms));
      if (/keyturn run: (?!the server's process)/.test(text)) result.failures.push(text.trim());
    },
  );

  let isOver = false;
  const workers = Array.from({ length: lane.workers }, () => work());
  async function work(): Promise<void> {
    while (!isOver) await callOnce(lane, client, result);
  }

  for (let turn = 0; turn < rotations; turn++) {
    const old = key;
    key = newKey();
    apis.accept(key);
    const before = result.switchMs.length;
    await secrets.put(lane.provider, key);
    await until(() => result.switchMs.length > before, 60_000);
    result.rotations++;
    await sleep(overlapMs);
    apis.revoke(old);
  }
  await sleep(overlapMs);
  isOver = true;
  await Promise.all(workers);
  result.duplicated = client.duplicated();
  await client.close();
  return result;
}

async function callOnce(lane: Lane, client: McpClient, result: LaneResult): Promise<void> {
  const { tool, args, mark, hasProgress } = lane.call(++result.calls);
  let steps = 0;
  const isInOrder = (step: number) => {
    if (step !== ++steps) result.failures.push(`${tool} reported step ${step} after ${steps - 1}`);
  };
  const begunAt = performance.now();
  try {
    const text = await client.call(tool, args, hasProgress && isInOrder);
    if (!text.includes(mark) || (hasProgress && !steps)) throw new Error(`the answer to ${mark} is ${text}`);
  } catch (error) {
    if (performance.now() - begunAt >= lostAfterMs) result.lost++;
    else result.failed++;
    result.failures.push((error as Error).message);
  }
}
