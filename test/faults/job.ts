// One job: one phase of one provider, in a world of its own, which is replaced where an exploration leaves it broken.
import { hash } from 'node:crypto';
import { type Conditions, Deployment } from './deployment';
import { type Explored, explore, type Help } from './explore';
import { isAtProvider, type Phase, type Plan, plansFor } from './plan';

export interface Job {
  provider: string;
  phase: Phase;
  /** How many of its explorations, drawn by the seed. @default - all */
  only?: number;
  /** Only these. @default - all */
  faults?: readonly Plan['fault'][];
  /** Only at calls whose names begin with this. @default - all */
  at?: string;
  /** Only where one provider can differ from another of its kind. @default - everywhere */
  atProvider?: boolean;
  /** A failure that reads so ends the job. @default - all are explored, whatever fails */
  until?: RegExp;
}

export interface JobResult extends Job {
  explored: number;
  /** Planned, but the call never came: the run took another turn. */
  missed: number;
  /** A line for each exploration after which something was broken. */
  failures: string[];
  /** Explorations in which an administrator had to start another rotation, to take a stuck label away first, or to order again. */
  helped: Record<Help, number>;
  /** Of the phase without a fault. */
  awsCalls: number;
  /** How long the current key of a roll was dead: without a fault, and at worst. Milliseconds. */
  deadMs: { ordinary: number; worst: number };
}

/**
 * @param onExplored told after each exploration, with what was found broken
 * @param plant puts a fault into the functions of each deployment, once it has a key
 */
export async function runJob(
  conditions: Conditions,
  job: Job,
  onExplored: (failure?: string) => void = () => {},
  plant: (deployment: Deployment) => void = () => {},
): Promise<JobResult> {
  const { provider, phase } = job;
  const result: JobResult = {
    ...job,
    explored: 0,
    missed: 0,
    failures: [],
    helped: { rotate: 0, unstick: 0, 'order again': 0 },
    awsCalls: 0,
    deadMs: { ordinary: 0, worst: 0 },
  };
  let deployment: Deployment | undefined;
  try {
    deployment = await openWithKey(conditions, job);
    plant(deployment);
    const seen = await ordinary(deployment, phase);
    result.awsCalls = seen.calls.filter(({ side }) => side === 'aws').length;
    result.deadMs = { ordinary: seen.deadMs, worst: seen.deadMs };
    const plans = plansFor(phase, seen.calls, seen.invocations).filter(plan => isAsked(job, plan, seen));
    for (const plan of drawn(plans, job, conditions.seed)) {
      const explored = await explore(deployment, phase, plan).catch(failed);
      const failure = note(result, plan, explored);
      onExplored(failure);
      if (failure === undefined) continue;
      if (job.until?.test(failure)) break;
      await deployment.close();
      deployment = await openWithKey(conditions, job);
      plant(deployment);
    }
  } catch (error) {
    const failure = `${provider}, ${phase}: ${error instanceof Error ? error.message : error}`;
    result.explored++;
    result.failures.push(failure);
    onExplored(failure);
  } finally {
    await deployment?.close();
  }
  return result;
}

async function openWithKey(conditions: Conditions, { provider, phase }: Job): Promise<Deployment> {
  const deployment = await Deployment.open(conditions, provider);
  if (phase === 'first issue') return deployment;
  await ordinary(deployment, 'first issue');
  return deployment;
}

function isAsked({ faults, at, atProvider }: Job, plan: Plan, { calls }: Explored): boolean {
  if (!(faults?.includes(plan.fault) ?? true)) return false;
  if (atProvider && !isAtProvider(plan, calls)) return false;
  return at === undefined || ('call' in plan && calls[plan.call]!.name.startsWith(at));
}

/** @throws where something is broken though nothing went wrong */
async function ordinary(deployment: Deployment, phase: Phase): Promise<Explored> {
  const seen = await explore(deployment, phase);
  if (!seen.broken.length) return seen;
  await deployment.close();
  throw new Error(`${phase} without a fault: ${seen.broken.join('; ')}`);
}

/** @returns what was broken, in one line */
function note(result: JobResult, plan: Plan, { struck, broken, help, deadMs }: Explored): string | undefined {
  if (!struck && !broken.length) {
    result.missed++;
    return undefined;
  }
  result.explored++;
  if (help) result.helped[help]++;
  result.deadMs.worst = Math.max(result.deadMs.worst, deadMs);
  if (!broken.length) return undefined;
  const where = `${result.provider}, ${result.phase}, ${plan.fault} at ${struck ?? 'a call that never came'}`;
  const failure = `${where}: ${broken.join('; ')}`;
  result.failures.push(failure);
  return failure;
}

function failed(error: unknown): Explored {
  const broken = [`the exploration failed: ${error instanceof Error ? error.message : error}`];
  return { calls: [], invocations: 0, broken, deadMs: 0 };
}

/**
 * A sample that the seed decides, in the order in which it was planned. Each job has lots of its own: providers of a kind have the same
 * plans, and would all be explored at the same one.
 */
export function drawn(plans: Plan[], { provider, phase, only }: Job, seed: number): Plan[] {
  if (only === undefined || only >= plans.length) return plans;
  const lotOf = (plan: Plan) => hash('sha256', JSON.stringify([seed, provider, phase, plan]));
  const lots = plans.map(plan => ({ plan, lot: lotOf(plan) })).sort((a, b) => (a.lot < b.lot ? -1 : 1));
  const chosen = new Set(lots.slice(0, only).map(({ plan }) => plan));
  return plans.filter(plan => chosen.has(plan));
}
