// `npm run test:faults`: every call of every rotation, retirement and first issue goes wrong in every way.
import { parseArgs } from 'node:util';
import { exploreAll } from './explore-all';
import type { JobResult } from './job';

const usage = `Usage: npm run test:faults -- [--provider sendgrid] [--only 200] [--seed 1] [--json]
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      provider: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only === undefined ? undefined : Number(values.only);
  if (values.help || Number.isNaN(only) || Number.isNaN(Number(values.seed))) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  const exploration = await exploreAll({
    provider: values.provider,
    only,
    seed: Number(values.seed),
    onResult: result => void (values.json || process.stdout.write(`${lineOf(result)}\n`)),
  });
  process.stdout.write(`${JSON.stringify(exploration)}\n`);
  return exploration.failures.length ? 1 : 0;
}

function lineOf({ provider, phase, explored, failures, awsCalls, helped }: JobResult): string {
  const help = helped.rotate + helped.unstick;
  const counts = `${explored} explored, ${failures.length} failed, ${help} needed an administrator`;
  return [`${provider}, ${phase}: ${counts}; ${awsCalls} AWS calls`, ...failures].join('\n  ');
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
