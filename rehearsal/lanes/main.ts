// Plays the lanes in a process of its own, beside the rehearsal that started it. It tells that process of each lane that is over,
// and takes all that it has started with it when that process goes.
import pMap from 'p-map';
import { openAccount } from './account';
import { startFakeApis } from './fake-apis';
import { type LaneResult, startResult } from './lane';
import { rowOf, titleOf } from './lane-row';
import { endServers } from './open-server';
import { runLane } from './run-lane';
import { wayLanes } from './ways';

// Of the AWS SDK: whoever is told of Node's age is told it elsewhere.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Each keeps some processes busy, and the rehearsal has work of its own. */
const atOnce = 2;
/** Of each lane; while a key changes, as many more as that takes. */
const leastCalls = 100;
const pauseMs = 25;
/** All of them together. */
const limitMs = 5 * 60_000;
const endsWithinMs = 10_000;

async function main(): Promise<void> {
  const account = await openAccount();
  const apis = await startFakeApis();
  const unfinished = new Set(wayLanes);
  const tell = (lane: (typeof wayLanes)[number], result: Parameters<typeof rowOf>[1]) => {
    if (unfinished.delete(lane) && process.connected)
      process.send?.([wayLanes.indexOf(lane), rowOf(lane.title, result)]);
  };
  const failed = (name: string, why: string): LaneResult => ({ ...startResult(name), failures: [why] });
  const limit = setTimeout(() => {
    for (const lane of unfinished)
      tell(lane, failed(titleOf(lane.title), `it was not over when ${limitMs / 60_000} minutes were`));
    void end();
  }, limitMs);
  await pMap(
    wayLanes,
    async lane => {
      const name = titleOf(lane.title);
      const { run } = runLane({ ...lane, name, leastCalls });
      tell(lane, await run({ account, apis, pauseMs }).catch((error: Error) => failed(name, error.message)));
    },
    { concurrency: atOnce },
  );
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
