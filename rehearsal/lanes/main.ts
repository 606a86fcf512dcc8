// Plays the lanes in a process of its own, beside the rehearsal that started it. It tells that process of each lane that is over,
// and takes all that it has started with it when that process goes.
import { openAccount } from './account';
import { defaultLanes } from './default-lanes';
import { startFakeApis } from './fake-apis';
import { type LaneResult, type SkippedLane, startResult } from './lane';
import { rowOf, titleOf } from './lane-row';
import { endServers } from './open-server';
import { runLane } from './run-lane';

// Of the AWS SDK: whoever is told of Node's age is told it elsewhere.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Of each lane; while a key changes, as many more as that takes. */
const leastCalls = 100;
const pauseMs = 25;
/** Of each. It ends what hangs, and has room for a machine that is ten times as slow. */
const limitMs = 10 * 60_000;
const endsWithinMs = 10_000;

async function main(): Promise<void> {
  const account = await openAccount();
  const apis = await startFakeApis();
  const unfinished = [...defaultLanes];
  /** Of the next one that is not over. */
  const tell = (result: LaneResult | SkippedLane) => {
    const lane = unfinished.shift();
    limit.refresh();
    if (lane && process.connected) process.send?.(rowOf(lane.title, result));
  };
  const failed = (why: string): LaneResult => ({ ...startResult(''), failures: [why] });
  const limit = setTimeout(() => {
    while (unfinished.length)
      tell(failed(`no lane ended for ${limitMs / 60_000} minutes, so this one was stopped`));
    void end();
  }, limitMs);
  // One after the other: each keeps some processes busy, and the quarter takes longer than all of them.
  for (const lane of defaultLanes) {
    const { run } = runLane({ ...lane, name: titleOf(lane.title), leastCalls });
    tell(await run({ account, apis, pauseMs }).catch((error: Error) => failed(error.message)));
  }
  clearTimeout(limit);
  await apis.close();
  await account.close();
}

/** Nothing in it is worth a wait but what would go on without it. */
async function end(): Promise<void> {
  setTimeout(() => process.exit(1), endsWithinMs);
  await endServers();
  process.exit();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
process.once('disconnect', () => void end());
void main()
  .catch(error => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => void end());
