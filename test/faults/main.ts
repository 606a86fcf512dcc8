// `npm run test:faults`: every call of every rotation, retirement, first issue and containment goes wrong in every way.
import { entry, runEntry, wholeNumber } from '../../bin/terminal/entry';
import { exploreAll } from './explore-all';
import type { Job, JobResult } from './job';

interface Flags {
  provider?: string;
  phase?: string;
  atProvider?: boolean;
  only?: number;
  seed: number;
  skew?: number;
  json?: boolean;
}

const program = entry('npm run test:faults --', 'Lets every call of every flow go wrong in every way.')
  .option('--provider <provider>', 'only this one')
  .option('--phase <phase>', 'only this flow, such as emergency')
  .option(
    '--at-provider',
    "only at calls to the provider and beside them: all else is alike for a provider's kind",
  )
  .option('--only <number>', 'only so many, drawn by the seed', wholeNumber(0, 1_000_000))
  .option('--seed <number>', 'a seed; another one picks other moments', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--skew <seconds>', 'how far clocks differ', wholeNumber(0, 86_400));

async function main(values: Flags): Promise<number> {
  const exploration = await exploreAll({
    provider: values.provider,
    phase: values.phase,
    atProvider: values.atProvider,
    only: values.only,
    seed: values.seed,
    skewSeconds: values.skew,
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

void runEntry(program, main);
