// `npm run test:faults`: every call of every rotation, retirement, first issue and containment goes wrong in every way.
import { parseArgs } from 'node:util';
import { exploreAll } from './explore-all';
import type { Job, JobResult } from './job';

const usage = `Usage: npm run test:faults -- [--provider sendgrid] [--phase emergency] [--only 200] [--seed 1] [--skew 5] [--json]
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      provider: { type: 'string' },
      phase: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      skew: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only === undefined ? undefined : Number(values.only);
  const numbers = [only ?? 0, values.seed, values.skew ?? 0].map(Number);
  if (values.help || numbers.some(Number.isNaN)) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  const exploration = await exploreAll({
    provider: values.provider,
    phase: values.phase,
    only,
    seed: Number(values.seed),
    skewSeconds: values.skew === undefined ? undefined : Number(values.skew),
    ...(!values.json && {
      onResult: result => void process.stdout.write(`${lineOf(result)}\n`),
      onExplored: tellProgress(),
    }),
  });
  process.stdout.write(`${JSON.stringify(exploration)}\n`);
  return exploration.failures.length ? 1 : 0;
}

/** How far it is, and at once what was found broken. */
function tellProgress(): (job: Job, failure?: string) => void {
  const { stderr } = process;
  let explored = 0;
  let failed = 0;
  return ({ provider, phase }, failure) => {
    explored++;
    if (failure) failed++;
    if (failure) stderr.write(`${failure}\n`);
    const line = `${explored} explored, ${failed} failed; now ${provider}, ${phase}`;
    if (stderr.isTTY) stderr.write(`\u001b[K${line}\r`);
    else if (explored % 100 === 0) stderr.write(`${line}\n`);
  };
}

function lineOf({ provider, phase, explored, failures, awsCalls, helped }: JobResult): string {
  const help = Object.values(helped).reduce((sum, n) => sum + n, 0);
  const counts = `${explored} explored, ${failures.length} failed, ${help} needed an administrator`;
  return `${provider}, ${phase}: ${counts}; ${awsCalls} AWS calls`;
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  },
);
