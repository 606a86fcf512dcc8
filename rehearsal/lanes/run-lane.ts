// A server that gets its key in one of the ways, and an official client in front of it: every call is checked, every switch timed.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecret } from '../../core/key/generated-secret';
import {
  answer,
  checkCall,
  type Lane,
  type LaneCall,
  type LaneResult,
  type LaneWorld,
  startResult,
  underLoad,
  until,
} from './lane';
import { openServer, type Way } from './open-server';

/**
 * - `rotation`: both keys work for an overlap.
 * - `containment`: the old key ends as soon as the server has had its grace.
 * - `kill`: the old key ends at once, before there is another.
 */
export type KeyChange = 'rotation' | 'containment' | 'kill';

export interface ServerLane {
  name: string;
  /** What starts the server; or in words why it cannot be started here. */
  command(): Promise<string[] | { skipped: string }>;
  /** The variable that the server reads its key from. */
  variable: string;
  /** `provider`, or `provider/purpose`: of this lane alone. */
  key: string;
  env(origin: string): Record<string, string>;
  call(n: number): LaneCall;
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
  flags?: readonly string[];
  /** Played in turn. @default - rotations alone */
  changes?: readonly KeyChange[];
  /** AWS credentials that end with each change. */
  login?: (endpoint: string) => Promise<Login>;
  /** The client listens for changes of the tools, which calls of the tool `change` bring about. */
  listens?: true;
  /** Calls that may fail from the end of the old key to the first use of the next, and why they may. */
  excuse?: { why: string; tool?: string };
}

export interface Login {
  env: Record<string, string>;
  /** Ends the credentials in use, and makes others. */
  renew(): void;
  /** Calls that were refused because their credentials had ended. */
  refused(): number;
  close(): void;
}

/** Both keys work after the switch; the old one is revoked when nobody has used it for so long. */
const overlapMs = 700;
/** From the end of a key that is killed to the next one. */
const gapMs = 400;
/** That a stream tells of a change takes a moment. */
const toldWithinMs = 3_000;

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

async function changeUnderLoad(lane: ServerLane, command: string[], world: LaneWorld): Promise<LaneResult> {
  const { way = 'run', changes = ['rotation'], key: name, excuse, flags = [], variable, sdk } = lane;
  const { account, apis, leastCalls = lane.leastCalls, rotations = changes.length, patienceMs } = world;
  const result: LaneResult = { ...startResult(lane.name), ...(excuse && { excuse: excuse.why }) };
  const login = await lane.login?.(account.endpoint);
  const keys = openKeys(name, world);
  await keys.next();

  const origin = way === 'broker' ? apis.brokered.origin : apis.origin;
  const env = { ...lane.env(origin), ...login?.env };
  const options = { way, variable, key: name, sdk, flags, env, looks: '0.25s' };
  const onStderr = (text: string) => {
    for (const [, ms] of text.matchAll(/took over, (\d+) ms/g)) result.switchMs.push(Number(ms));
    if (/keyturn run: (?!the server's process|with --broker)/.test(text)) result.failures.push(text.trim());
    if (keys.isIn(text)) result.failures.push('a key stands on its standard error');
  };
  const overHttp = lane.overHttp === true;
  const client = await openServer(command, { ...options, overHttp }, world, onStderr);
  const stream = lane.listens && (await client.listen());

  let isBetween = false;
  /** The keys change, or have just changed: what the old process says of its lists then is nobody's concern any more. */
  let isChanging = false;
  const underWay = new Set<Promise<void>>();
  async function changeKey(change: KeyChange): Promise<void> {
    const old = keys.current();
    if (change === 'kill') {
      isBetween = true;
      const before = apis.rejected();
      apis.revoke(old);
      await until('a call with the dead key was rejected', () => apis.rejected() > before, patienceMs);
      await sleep(gapMs);
    } else if (way === 'restart') isBetween = true;
    login?.renew();
    isChanging = way === 'run';
    const before = result.switchMs.length;
    const key = await keys.next(change !== 'rotation');
    // A server that calls no API shows the switch alone.
    const hasSwitched = () =>
      way === 'run' ? result.switchMs.length > before : apis.firstUse(key) !== undefined;
    await until('the new key is used', hasSwitched, patienceMs);
    isBetween = false;
    result.rotations++;
    // What was called before the switch may still come with the old key; what is called from now on has the new one.
    await Promise.all(underWay);
    // But a session stays with the process that it began with.
    if (change === 'rotation' && overHttp && sdk === 1) {
      const switchedAt = performance.now();
      const latest = () => Math.max(switchedAt, apis.lastUse(old) ?? 0);
      await until('nobody uses the old key', () => performance.now() - latest() > overlapMs, patienceMs);
    }
    isChanging = false;
    apis.revoke(old);
  }

  const marks: string[] = [];
  /** Of which the client has to be told. */
  let owed = 0;
  const callOnce = async () => {
    const call = lane.call(result.calls + 1);
    marks.push(call.mark);
    const isExcused = () =>
      isBetween && excuse !== undefined && (excuse.tool === undefined || excuse.tool === call.tool);
    const isOwed = call.tool === 'change' && !isChanging;
    const going = checkCall(result, () => answer(client, call, result), isExcused);
    underWay.add(going);
    await going;
    underWay.delete(going);
    if (isOwed && !isChanging) owed++;
    if (world.pauseMs) await sleep(world.pauseMs);
  };
  await underLoad(result, { workers: lane.workers, leastCalls }, callOnce, async () => {
    for (let turn = 0; turn < rotations; turn++)
      await changeKey(changes[turn % changes.length] ?? 'rotation');
    await sleep(overlapMs);
  });
  if (stream) {
    await until('told of all changes', () => stream.changes() >= owed, toldWithinMs).catch(() => {});
    result.lost += Math.max(0, owed - stream.changes());
    if (stream.hasEnded()) result.failures.push('the stream of changes has ended');
  }
  if (login && login.refused() < rotations) result.failures.push('the AWS credentials were never refused');
  // A call that the API has carried out twice was doubled on its way, whatever the client saw.
  result.duplicated = client.duplicated() + apis.createdTwice(marks);
  result.firstUseMs = keys.firstUseMs();
  await client.close();
  login?.close();
  return result;
}

/** The keys of one lane, each of which its API accepts from before it is the current one. */
function openKeys(name: string, { account, apis }: LaneWorld) {
  const made: { key: string; promotedAt: number }[] = [];
  let current = '';
  account.addSecret(name);
  return {
    current: () => current,
    async next(isContained = false): Promise<string> {
      const key = name === 'self-issued' ? generateSecret() : `FAKESECRET-${randomBytes(16).toString('hex')}`;
      apis.accept(key);
      made.push({ key, promotedAt: performance.now() });
      current = key;
      await account.put(name, key, isContained ? `contain-${randomBytes(20).toString('hex')}` : undefined);
      return key;
    },
    isIn: (text: string) => made.some(({ key }) => text.includes(key)),
    /** Of all but the first, with which the server began. */
    firstUseMs: () =>
      made.slice(1).flatMap(({ key, promotedAt }) => {
        const usedAt = apis.firstUse(key);
        return usedAt === undefined ? [] : [Math.round(usedAt - promotedAt)];
      }),
  };
}
