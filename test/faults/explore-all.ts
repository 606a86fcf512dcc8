// Every job, on as many processes as there are cores.
import { type ChildProcess, fork } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Conditions } from './deployment';
import type { Help } from './explore';
import type { Job, JobResult } from './job';
import { phases as allPhases } from './plan';
import { openSamples } from './sample-app';
import type { Told } from './worker';

export interface ExploreOptions {
  /** Of which provider only. @default - all whose keys rotate */
  provider?: string;
  /** Of which phases only: those whose names begin so. @default - all */
  phase?: string;
  /** Only where one provider can differ from another of its kind. @default - everywhere */
  atProvider?: boolean;
  /** How many explorations, drawn by the seed. @default - every one */
  only?: number;
  seed: number;
  /** Clocks of hosts differ from AWS's by up to so much, and AWS tells whole seconds. @default - one clock, in milliseconds */
  skewSeconds?: number;
  onResult?(result: JobResult): void;
  /** Told after every exploration, with what was found broken. */
  onExplored?(job: Job, failure?: string): void;
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
  helped: Record<Help, number>;
  wallSeconds: number;
  seed: number;
}

/** @throws where no provider of that name has keys that rotate */
export async function exploreAll(options: ExploreOptions): Promise<Exploration> {
  const began = performance.now();
  const { provider, phase = '', atProvider, only, seed, skewSeconds } = options;
  const samples = await openSamples();
  try {
    const known = samples.providers;
    const chosen = known.filter(one => !provider || one === provider);
    if (!chosen.length) throw new Error(`no keys of "${provider}" rotate; use one of ${known.join(', ')}`);
    const conditionsOf = (job: Job): Conditions => {
      const { directory, environment } = samples.of(job.provider);
      return { directory, environment, seed, skewSeconds };
    };
    const jobs = jobsOf(chosen, only, seed, phase).map(job => ({ ...job, atProvider }));
    const results = await runJobs(conditionsOf, jobs, options);
    return summed(results, seed, Math.round((performance.now() - began) / 1000));
  } finally {
    samples.remove();
  }
}

/** A sample takes from every phase and every provider as evenly as its size allows; the seed decides where it begins. */
export function jobsOf(providers: string[], only: number | undefined, seed: number, phase = ''): Job[] {
  const phases = allPhases.filter(one => one.startsWith(phase));
  if (only === undefined) return phases.flatMap(phase => providers.map(provider => ({ provider, phase })));
  const jobs = providers.flatMap((_, shift) =>
    phases.map((phase, place) => ({
      provider: providers[(place + shift + seed) % providers.length]!,
      phase,
    })),
  );
  const share = (place: number) => Math.floor(only / jobs.length) + (place < only % jobs.length ? 1 : 0);
  return jobs.map((job, place) => ({ ...job, only: share(place) })).filter(job => job.only > 0);
}

async function runJobs(
  conditionsOf: (job: Job) => Conditions,
  jobs: Job[],
  { onResult, onExplored }: Pick<ExploreOptions, 'onResult' | 'onExplored'>,
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
        const result = await answer(worker, conditionsOf(job), job, onExplored);
        results.push(result);
        onResult?.(result);
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(cpus().length, jobs.length) }, work));
  return results;
}

function answer(
  worker: ChildProcess,
  conditions: Conditions,
  job: Job,
  onExplored: ExploreOptions['onExplored'],
): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) =>
      reject(new Error(`the process that explored ${job.provider}, ${job.phase} ended with ${code}`));
    const hear = (told: Told) => {
      if ('explored' in told) return onExplored?.(job, told.failure);
      worker.off('exit', died).off('message', hear);
      resolve(told.result);
    };
    worker.once('exit', died).on('message', hear);
    worker.send({ conditions, job });
  });
}

function summed(results: JobResult[], seed: number, wallSeconds: number): Exploration {
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
    helped: {
      rotate: sum(({ helped }) => helped.rotate),
      unstick: sum(({ helped }) => helped.unstick),
      'order again': sum(({ helped }) => helped['order again']),
    },
    missed: sum(({ missed }) => missed),
    wallSeconds,
    seed,
  };
}

function byProvider(one: JobResult, other: JobResult): number {
  return one.provider.localeCompare(other.provider);
}
