// Every job, on as many processes as there are cores.
import { type ChildProcess, fork } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Lab } from './bench';
import type { Job, JobResult } from './job';
import { phases } from './plan';
import { providersOf, synthesizeSamples } from './sample-app';

export interface ExploreOptions {
  /** Of which provider only. @default - all whose keys rotate */
  provider?: string;
  /** How many explorations, drawn by the seed. @default - every one */
  only?: number;
  seed: number;
  /** Runs other code than the assembly's. */
  codeDirectory?: string;
  onResult?(result: JobResult): void;
}

export interface Exploration {
  explored: number;
  missed: number;
  survived: number;
  failures: string[];
  /** AWS calls of an ordinary rotation. */
  awsCallsPerRotation: Record<string, number>;
  /** Of rolls: how long the current key is dead in an ordinary rotation, and how long a fault can make that. */
  rollWindowMs: Record<string, number>;
  worstRollWindowMs: Record<string, number>;
  /** Explorations that AWS's own tries did not bring through, so that an administrator had to. */
  helped: { rotate: number; unstick: number };
  seed: number;
}

/** @throws where no provider of that name has keys that rotate */
export async function exploreAll({ provider, only, seed, ...options }: ExploreOptions): Promise<Exploration> {
  const { directory, environment, remove } = await synthesizeSamples();
  try {
    const known = providersOf(environment);
    const chosen = known.filter(one => !provider || one === provider);
    if (!chosen.length) throw new Error(`no keys of "${provider}" rotate; use one of ${known.join(', ')}`);
    const jobs = phases.flatMap(phase => chosen.map((one): Job => ({ provider: one, phase })));
    const share = only === undefined ? undefined : Math.ceil(only / jobs.length);
    const lab: Lab = { directory, environment, seed, codeDirectory: options.codeDirectory };
    const results = await runJobs(
      lab,
      jobs.map(job => ({ ...job, only: share })),
      options.onResult,
    );
    return summed(results, seed);
  } finally {
    remove();
  }
}

async function runJobs(
  lab: Lab,
  jobs: Job[],
  onResult: (result: JobResult) => void = () => {},
): Promise<JobResult[]> {
  const waiting = [...jobs];
  const results: JobResult[] = [];
  const work = async () => {
    const worker = fork(join(__dirname, 'worker.ts'), {
      cwd: join(__dirname, '..', '..'),
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    });
    try {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const result = await answer(worker, { lab, job });
        results.push(result);
        onResult(result);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(cpus().length, jobs.length) }, work));
  return results;
}

function answer(worker: ChildProcess, message: { lab: Lab; job: Job }): Promise<JobResult> {
  const { provider, phase } = message.job;
  return new Promise((resolve, reject) => {
    const died = (code: number | null) =>
      reject(new Error(`the process that explored ${provider}, ${phase} ended with ${code}`));
    worker.once('exit', died);
    worker.once('message', result => {
      worker.off('exit', died);
      resolve(result as JobResult);
    });
    worker.send(message);
  });
}

function summed(results: JobResult[], seed: number): Exploration {
  const failures = results.flatMap(result => result.failures);
  const sum = (count: (result: JobResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  const explored = sum(result => result.explored);
  const rotations = results.filter(({ phase }) => phase === 'rotation').sort(byProvider);
  const rolls = rotations.filter(({ deadMs }) => deadMs.worst > 0);
  return {
    explored,
    survived: explored - failures.length,
    failures,
    awsCallsPerRotation: Object.fromEntries(rotations.map(({ provider, awsCalls }) => [provider, awsCalls])),
    rollWindowMs: Object.fromEntries(rolls.map(({ provider, deadMs }) => [provider, deadMs.ordinary])),
    worstRollWindowMs: Object.fromEntries(rolls.map(({ provider, deadMs }) => [provider, deadMs.worst])),
    helped: { rotate: sum(({ helped }) => helped.rotate), unstick: sum(({ helped }) => helped.unstick) },
    missed: sum(({ missed }) => missed),
    seed,
  };
}

function byProvider(one: JobResult, other: JobResult): number {
  return one.provider.localeCompare(other.provider);
}
