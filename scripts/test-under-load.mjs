// Runs the suite three times while every core is kept busy. A test that fails only here depends on the machine's speed.
// Arguments are Jest's: `--shard 1/6` to `--shard 6/6` are the whole suite in parts, each of which can be run again alone.
// `--runs 1` before them runs it once.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const given = process.argv.slice(2);
const [runs, forJest] = given[0] === '--runs' ? [Number(given[1]), given.slice(2)] : [3, given];
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write(
    `--runs takes a whole number from 1, not "${given[1] ?? ''}"; for example: --runs 1\n`,
  );
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const jest = join(root, 'node_modules/jest/bin/jest.js');
const folder = mkdtempSync(join(tmpdir(), 'keyturn-under-load-'));

// Two for each core, so that a test never has one to itself.
const busy = Array.from(
  { length: 2 * availableParallelism() },
  () => new Worker('for (;;);', { eval: true }),
);

/** @returns the names of the tests that failed, files that did not run among them */
async function failuresOf(run) {
  const outputFile = join(folder, `run-${run}.json`);
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${outputFile}`, ...forJest], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const { testResults, numPassedTests } = JSON.parse(readFileSync(outputFile, 'utf8'));
  const failures = testResults
    .filter(({ status }) => status !== 'passed')
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      return failed.length ? failed.map(({ fullName }) => `${name}: ${fullName}`) : [name];
    });
  process.stdout.write(`run ${run} of ${runs}: ${numPassedTests} passed, ${failures.length} failed\n`);
  return failures;
}

try {
  const failures = [];
  for (let run = 1; run <= runs; run++) failures.push(...(await failuresOf(run)));
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`${failures.length} failures in ${runs} ${runs === 1 ? 'run' : 'runs'} under load\n`);
  process.exitCode = failures.length ? 1 : 0;
} finally {
  await Promise.all(busy.map(worker => worker.terminate()));
  rmSync(folder, { recursive: true, force: true });
}
