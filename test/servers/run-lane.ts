// A server behind `keyturn run`, and an official client in front of it: every call is checked, every switch is timed.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../client/run/http/readiness';
import { generateSecret } from '../../core/key/generated-secret';
import { until } from '../client/run/processes';
import { openEndingCredentials } from './ending-credentials';
import { connectOverHttp } from './http-client';
import { checkCall, type Lane, type LaneResult, type LaneWorld, startResult, underLoad } from './lane';
import { connectClient, type McpClient } from './mcp-client';

export interface Call {
  tool: string;
  args: object;
  /** Appears in the right answer, and in no other. */
  mark: string;
  /** Answered in steps, with notices of progress. */
  hasProgress?: true;
  /** Carried out as a task: what is answered at first is only its handle. */
  isTask?: true;
}

export interface ServerLane {
  name: string;
  /** What starts the server; or in words why it cannot be started here. */
  command(): Promise<string[] | { skipped: string }>;
  /** The variable that the server reads its key from. */
  variable: string;
  provider: string;
  env(origin: string): Record<string, string>;
  call(n: number): Call;
  /** Which of the official SDKs the client is made with. */
  sdk: 1 | 2;
  /** How many calls are under way at any time. */
  workers: number;
  leastCalls: number;
  /** It is reached over Streamable HTTP. */
  overHttp?: true;
  /** Further flags of `keyturn run`. */
  flags?: string[];
  /**
   * - `rotation`: both keys work for an overlap.
   * - `containment`: the old key ends as soon as the server has had its grace.
   * - `new-login`: a rotation, with the AWS credentials ended and renewed before each.
   * @default 'rotation'
   */
  change?: 'rotation' | 'containment' | 'new-login';
  /** The client listens for changes of the tools, which calls of the tool `change` bring about. */
  listens?: true;
}

const root = join(__dirname, '../..');
/** Both keys work for so long after the switch; then the old one is revoked. */
const overlapMs = 700;
/** What was under way at the switch ends within this. */
const graceMs = 300;
const switchedWithinMs = 60_000;

export function runLane(lane: ServerLane): Lane {
  return {
    name: lane.name,
    async run(world) {
      const command = await lane.command();
      if (!Array.isArray(command)) return { lane: lane.name, ...command };
      return rotateUnderLoad(lane, command, world);
    },
  };
}

async function rotateUnderLoad(
  lane: ServerLane,
  command: string[],
  { secrets, apis, rotations }: LaneWorld,
): Promise<LaneResult> {
  const result = startResult(lane.name);
  const login = lane.change === 'new-login' ? await openEndingCredentials(secrets.rig.endpoint) : undefined;
  const newKey = () =>
    lane.provider === 'self-issued' ? generateSecret() : `FAKESECRET-${randomBytes(16).toString('hex')}`;
  let key = newKey();
  apis.accept(key);
  secrets.addSecret(lane.provider);
  await secrets.put(lane.provider, key);

  const named = ['--env', 'prod', '--server', 'support-bot', '--key', `${lane.variable}=${lane.provider}`];
  const flags = [...named, '--poll', '0.25s', '--metrics', 'none', ...(lane.flags ?? [])];
  const env = { ...(process.env as Record<string, string>), ...lane.env(apis.origin), ...login?.env };
  // As hosts have it: a connection that is closed while it is used is no failure.
  delete env.AWS_MAX_ATTEMPTS;
  // Variables go before files.
  if (login) delete env.AWS_ACCESS_KEY_ID;
  const start = (more: string[]) => ({
    command: process.execPath,
    args: ['--import', 'tsx', join(root, 'bin/keyturn.ts'), 'run', ...flags, ...more, '--', ...command],
    env,
    cwd: root,
  });
  const onStderr = (text: string) => {
    for (const [, ms] of text.matchAll(/took over, (\d+) ms/g)) result.switchMs.push(Number(ms));
    if (/keyturn run: (?!the server's process)/.test(text)) result.failures.push(text.trim());
  };
  const port = lane.overHttp && (await freePort());
  const client = port
    ? await connectOverHttp(lane.sdk, start(['--http', String(port)]), port, onStderr)
    : await connectClient(lane.sdk, start([]), onStderr);
  const stream = lane.listens && (await client.listen());

  async function rotate(): Promise<void> {
    const old = key;
    key = newKey();
    apis.accept(key);
    login?.renew();
    const before = result.switchMs.length;
    const version = lane.change === 'containment' ? `contain-${randomBytes(20).toString('hex')}` : undefined;
    await secrets.put(lane.provider, key, undefined, undefined, version);
    await until(() => result.switchMs.length > before, switchedWithinMs);
    result.rotations++;
    await sleep(lane.change === 'containment' ? graceMs : overlapMs);
    apis.revoke(old);
  }

  let changes = 0;
  const callOnce = async () => {
    const call = lane.call(result.calls + 1);
    await checkCall(result, () => answer(client, call, result));
    if (call.tool === 'change') changes++;
  };
  await underLoad(result, lane, callOnce, async () => {
    for (let turn = 0; turn < rotations; turn++) await rotate();
    await sleep(overlapMs);
  });
  if (stream) {
    await until(() => stream.changes() >= changes, graceMs * 10).catch(() => {});
    result.lost += Math.max(0, changes - stream.changes());
    if (stream.hasEnded()) result.failures.push('the stream of changes has ended');
  }
  if (login && login.refused() < rotations) result.failures.push('the AWS credentials were never refused');
  result.duplicated = client.duplicated();
  await client.close();
  login?.close();
  return result;
}

async function answer(client: McpClient, call: Call, result: LaneResult): Promise<void> {
  const { tool, args, mark, hasProgress, isTask } = call;
  let steps = 0;
  const isInOrder = (step: number) => {
    if (step !== ++steps) result.failures.push(`${tool} reported step ${step} after ${steps - 1}`);
  };
  const text = isTask
    ? await client.callTask(tool, args)
    : await client.call(tool, args, hasProgress && isInOrder);
  if (!text.includes(mark) || (hasProgress && !steps)) throw new Error(`the answer to ${mark} is ${text}`);
}
