// What a lane is: one way to get keys, under constant load while they change, with every call checked.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneAccount } from './account';
import type { FakeApis } from './fake-apis';
import type { McpClient } from './mcp-client';

export interface LaneResult {
  lane: string;
  calls: number;
  /** Answered with an error, or with something else than was asked. */
  failed: number;
  /** Of those that fail by the nature of the lane, as its `excuse` says; none of them is in `failed`. */
  excused: number;
  excuse?: string;
  /** Not answered at all. */
  lost: number;
  /** Answered, or carried out, twice. */
  duplicated: number;
  rotations: number;
  /** Until another process had taken over. */
  switchMs: number[];
  /** From the moment in which a key was the current one to the first call with it. */
  firstUseMs: number[];
  /** The first of what failed. */
  failures: string[];
}

export interface SkippedLane {
  lane: string;
  /** Why, in words. */
  skipped: string;
}

export interface LaneWorld {
  account: LaneAccount;
  apis: FakeApis;
  /** What starts Keyturn. @default - this one */
  keyturn?: readonly string[];
  /** @default - each change of the lane once */
  rotations?: number;
  /** @default - as the lane says */
  leastCalls?: number;
  /** Between two calls of one worker. @default - none */
  pauseMs?: number;
  /** How long something may take that has to happen. @default a minute */
  patienceMs?: number;
}

export interface Lane<World = LaneWorld> {
  name: string;
  run(world: World): Promise<LaneResult | SkippedLane>;
}

export function startResult(lane: string): LaneResult {
  const counts = { calls: 0, failed: 0, excused: 0, lost: 0, duplicated: 0, rotations: 0 };
  return { lane, ...counts, switchMs: [], firstUseMs: [], failures: [] };
}

/** A call that takes longer than this is lost. */
export const lostAfterMs = 60_000;

/**
 * @param call rejects where the answer is wrong
 * @param isExcused asked before the call and after it: whether it may fail
 */
export async function checkCall(
  result: LaneResult,
  call: () => Promise<void>,
  isExcused: () => boolean = () => false,
): Promise<void> {
  const begunAt = performance.now();
  const wasExcused = isExcused();
  result.calls++;
  try {
    await call();
  } catch (error) {
    if (performance.now() - begunAt >= lostAfterMs) result.lost++;
    else if (wasExcused || isExcused()) {
      result.excused++;
      return;
    } else result.failed++;
    result.failures.push((error as Error).message);
  }
}

/**
 * Keeps `workers` calls under way while keys change, and until there were as many as there have to be.
 * @param change what it throws is a failure of the lane, and ends it
 */
export async function underLoad(
  result: LaneResult,
  { workers, leastCalls }: { workers: number; leastCalls: number },
  call: () => Promise<void>,
  change: () => Promise<void>,
): Promise<void> {
  // The clients of the second generation have started another process by then than the one that they have tried.
  await call();
  let least = Number.POSITIVE_INFINITY;
  const work = async () => {
    while (result.calls < least) await call();
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  try {
    await change();
    least = leastCalls;
  } catch (error) {
    least = 0;
    result.failures.unshift((error as Error).message);
  }
  await working;
}

/** @throws where it does not come true in time @param what `the new key was used` */
export async function until(what: string, isTrue: () => boolean, patienceMs = 60_000): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs / 1000} s: ${what}`);
    await sleep(5);
  }
}

export interface LaneCall {
  tool: string;
  args: object;
  /** Appears in the right answer, and in no other. */
  mark: string;
  /** Answered in steps, with notices of progress. */
  hasProgress?: true;
  /** Carried out as a task: what is answered at first is only its handle. */
  isTask?: true;
}

/** @throws where the answer is another than that to this call */
export async function answer(client: McpClient, call: LaneCall, result: LaneResult): Promise<void> {
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
