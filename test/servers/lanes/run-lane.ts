// A server that gets its key in one of the ways, and an official client in front of it: every call is checked, every switch timed.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecret } from '../../../core/key/generated-secret';
import { until } from '../../client/run/processes';
import { openEndingCredentials } from '../ending-credentials';
import { openServer, type Way } from '../open-server';
import {
  answer,
  type Call,
  checkCall,
  type Lane,
  type LaneResult,
  type LaneWorld,
  startResult,
  underLoad,
} from './lane';

/**
 * - `rotation`: both keys work for an overlap.
 * - `containment`: the old key ends as soon as the server has had its grace.
 * - `kill`: the old key ends at once, before there is another.
 * - `new-login`: a rotation, with the AWS credentials ended and renewed before each.
 */
export type Change = 'rotation' | 'containment' | 'kill' | 'new-login';

export interface ServerLane {
  name: string;
  /** What starts the server; or in words why it cannot be started here. */
  command(): Promise<string[] | { skipped: string }>;
  /** The variable that the server reads its key from. */
  variable: string;
  /** `provider`, or `provider/purpose`: of this lane alone. */
  key: string;
  env(origin: string): Record<string, string>;
  call(n: number): Call;
  /** Which of the official SDKs the client is made with. */
  sdk: 1 | 2;
  /** How many calls are under way at any time. */
  workers: number;
  leastCalls: number;
  /** @default 'run' */
  way?: Way;
  /** It is reached over Streamable HTTP. */
  overHttp?: true;
  /** Further flags of `keyturn run`. */
  flags?: string[];
  /** @default 'rotation' */
  change?: Change;
  /** The client listens for changes of the tools, which calls of the tool `change` bring about. */
  listens?: true;
  /** Calls that may fail from the end of the old key to the first use of the next, and why they may. */
  excuse?: { why: string; tool?: string };
}

/** Both keys work after the switch; the old one is revoked when nobody has used it for so long. */
const overlapMs = 700;
/** What was under way at the switch ends within this. */
const graceMs = 300;
/** From the end of a key that is killed to the next one. */
const gapMs = 400;
const switchedWithinMs = 60_000;

export function runLane(lane: ServerLane): Lane {
  return {
    name: lane.name,
    async run(world) {
      const command = await lane.command();
      if (!Array.isArray(command)) return { lane: lane.name, ...command };
      return changeUnderLoad(lane, command, world);
    },
  };
}

async function changeUnderLoad(
  lane: ServerLane,
  command: string[],
  { secrets, apis, rotations, leastCalls = lane.leastCalls }: LaneWorld,
): Promise<LaneResult> {
  const { way = 'run', change = 'rotation', key: name, excuse, flags = [], variable, sdk } = lane;
  const result: LaneResult = { ...startResult(lane.name), ...(excuse && { excuse: excuse.why }) };
  const login = change === 'new-login' ? await openEndingCredentials(secrets.rig.endpoint) : undefined;
  const newKey = () =>
    name === 'self-issued' ? generateSecret() : `FAKESECRET-${randomBytes(16).toString('hex')}`;
  let key = newKey();
  apis.accept(key);
  secrets.addSecret(name);
  await secrets.put(name, key);

  const origin = way === 'broker' ? apis.brokered.origin : apis.origin;
  const env = { ...lane.env(origin), ...login?.env };
  const options = { way, variable, key: name, sdk, flags, env, looks: '0.25s' };
  const onStderr = (text: string) => {
    for (const [, ms] of text.matchAll(/took over, (\d+) ms/g)) result.switchMs.push(Number(ms));
    if (/keyturn run: (?!the server's process|with --broker)/.test(text)) result.failures.push(text.trim());
  };
  const overHttp = lane.overHttp === true;
  const client = await openServer(command, { ...options, overHttp }, { secrets, apis }, onStderr);
  const stream = lane.listens && (await client.listen());

  let isBetween = false;
  /** The keys change, or have just changed: what the old process says of its lists then is nobody's concern any more. */
  let isChanging = false;
  async function changeKey(): Promise<void> {
    const old = key;
    key = newKey();
    const kill = () => {
      isBetween = true;
      apis.revoke(old);
    };
    if (change === 'kill') {
      kill();
      await sleep(gapMs);
    } else if (way === 'restart') isBetween = true;
    apis.accept(key);
    login?.renew();
    isChanging = way === 'run';
    const before = result.switchMs.length;
    const isContained = change === 'containment' || change === 'kill';
    const version = isContained ? `contain-${randomBytes(20).toString('hex')}` : undefined;
    await secrets.put(name, key, undefined, undefined, version);
    // A server that calls no API shows the switch alone.
    const hasSwitched = () =>
      way === 'run' ? result.switchMs.length > before : apis.firstUse(key) !== undefined;
    await until(hasSwitched, switchedWithinMs);
    isBetween = false;
    result.rotations++;
    if (change === 'containment') await sleep(graceMs);
    else {
      const switchedAt = performance.now();
      const latest = () => Math.max(switchedAt, apis.lastUse(old) ?? 0);
      await until(() => performance.now() - latest() > overlapMs, switchedWithinMs);
    }
    isChanging = false;
    apis.revoke(old);
  }

  /** Of which the client has to be told. */
  let changes = 0;
  const callOnce = async () => {
    const call = lane.call(result.calls + 1);
    const isExcused = () =>
      isBetween && excuse !== undefined && (excuse.tool === undefined || excuse.tool === call.tool);
    const isOwed = call.tool === 'change' && !isChanging;
    await checkCall(result, () => answer(client, call, result), isExcused);
    if (isOwed && !isChanging) changes++;
  };
  await underLoad(result, { workers: lane.workers, leastCalls }, callOnce, async () => {
    for (let turn = 0; turn < rotations; turn++) await changeKey();
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
