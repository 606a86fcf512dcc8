// Real MCP servers behind `keyturn run`, and the client library, under constant load while their keys change.
// Prints one line of JSON: what was called in each lane, and what went wrong.
import pMap from 'p-map';
import { entry, runEntry, wholeNumber } from '../../bin/terminal/entry';
import { openAccount } from '../../rehearsal/lanes/account';
import { startFakeApis } from '../../rehearsal/lanes/fake-apis';
import { type LaneResult, startResult } from '../../rehearsal/lanes/lane';
import { expectedFailures } from '../../rehearsal/lanes/lane-row';
import { lanes } from './lanes/all-lanes';
import { openTokenFunction } from './lanes/token-lane';
import { playMatrix } from './matrix/matrix';
import { writeTable } from './matrix/table';
import { publishedApis } from './published-apis';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
interface Flags {
  rotations: number;
  only: string;
  json?: boolean;
  matrix?: boolean;
  calls?: number;
}

const program = entry('npm run test:servers --', 'Rotates keys of real MCP servers while they are called.')
  .option('--rotations <number>', 'how often each key changes', wholeNumber(1, 1_000), 6)
  .option('--only <lane>', 'only lanes or servers whose name contains this', '')
  .option('--matrix', 'published servers behind the broker; writes the table of docs/mcp-servers.md')
  .option(
    '--calls <number>',
    'of each lane, at least; of each phase of the matrix (default: 20)',
    wholeNumber(4, 10_000),
  );
const callsOfPhase = 20;
/** Lanes that run at the same time. */
const atOnce = 3;

async function main({ rotations, only, json, matrix, calls }: Flags): Promise<number> {
  if (matrix) return playAll(only, calls ?? callsOfPhase, json);
  const account = await openAccount();
  // Of the client library in this process.
  Object.assign(process.env, account.env);
  const apis = await startFakeApis(publishedApis);
  const tokens = openTokenFunction(account);
  const run = lanes.filter(({ name }) => name.includes(only));
  const results = await pMap(
    run,
    async lane => {
      const begunAt = performance.now();
      const result = await lane
        .run({ account, apis, rotations, tokens, ...(calls && { leastCalls: calls }) })
        .catch((error: Error): LaneResult => ({ ...startResult(lane.name), failures: [error.message] }));
      const seconds = Math.round((performance.now() - begunAt) / 1000);
      if (!json)
        process.stdout.write(
          `${'skipped' in result ? `${lane.name}: skipped, ${result.skipped}` : inWords(result, seconds)}\n`,
        );
      return { ...result, seconds };
    },
    { concurrency: atOnce },
  );
  await apis.close();
  await account.close();

  const done = results.filter(result => 'calls' in result);
  const sum = (count: (result: LaneResult) => number) => done.reduce((all, one) => all + count(one), 0);
  const summary = {
    calls: sum(({ calls }) => calls),
    failed: sum(({ failed }) => failed),
    excused: sum(({ excused }) => excused),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    rotations: sum(one => one.rotations),
    switchMs: quantiles(done.flatMap(({ switchMs }) => switchMs)),
    rejectedByApis: apis.rejected(),
    lanes: results.map(result =>
      'calls' in result
        ? (({ switchMs, firstUseMs, failures, ...counts }) => ({
            ...counts,
            switchMs: quantiles(switchMs),
            firstUseMs: quantiles(firstUseMs),
          }))(result)
        : result,
    ),
  };
  const failures = done.flatMap(one => one.failures.slice(0, 5).map(text => `${one.lane}: ${text}`));
  if (failures.length) process.stderr.write(`${failures.join('\n')}\n`);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  const isClean = !summary.failed && !summary.lost && !summary.duplicated && !failures.length;
  return isClean && done.every(one => one.rotations >= rotations) ? 0 : 1;
}

/** @returns 1 where a server was not tried */
async function playAll(only: string, calls: number, json: boolean | undefined): Promise<number> {
  const rows = await playMatrix(only, calls, row => {
    if (!json) process.stdout.write(`${row.package} ${row.version}: ${row.result} ${row.why}\n`);
  });
  if (json) process.stdout.write(`${JSON.stringify({ matrix: rows })}\n`);
  const isWhole = rows.every(({ result }) => result !== 'not tried');
  // A part of it, or one without network, does not take the place of the whole.
  if (isWhole && !only) writeTable(rows);
  return isWhole ? 0 : 1;
}

function quantiles(times: number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return { p50: at(0.5), p99: at(0.99) };
}

function inWords(result: LaneResult, seconds: number): string {
  const { lane, calls, failed, lost, duplicated, rotations } = result;
  const wrong = `${failed} failed, ${lost} lost, ${duplicated} duplicated${expectedFailures(result)}`;
  return `${lane}: ${calls} calls while its key changed ${rotations} times, ${wrong} (${seconds} s)`;
}

void runEntry(program, main).then(code => process.exit(code));
