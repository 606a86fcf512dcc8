// One exploration: a piece of work with one fault in it, then whatever AWS, the hourly retiring and, where those give up,
// an administrator do; at the end everything must be as if nothing had happened.

import { markLabel } from '../../core/incident/marks';
import { stuckAfterMs } from '../../core/rotation/stuck';
import { hourMs, minuteMs } from '../../core/time';
import { failsEveryTime, type Hindrance, hasNoSchedule, isAt, isGone, redeploy } from './arrangements';
import type { Bench } from './bench';
import { isEmergency, type Phase, type Plan, type SeenCall } from './plan';

/** AWS's own tries are over by then. */
const triedForMs = 2 * hourMs;
/** The hourly run sees then that a rotation cannot go on, and the next one runs; twice, where a key is first to be ended. */
const startedAfreshWithinMs = stuckAfterMs + 4 * hourMs;
/** The longest fault, the hard limit of an overlap, and the tries between. */
const retiredWithinMs = 8 * hourMs;

/** What an administrator had to do besides. */
export type Help = 'rotate' | 'unstick' | 'order again';

export interface Explored {
  /** Calls and invocations of the function that the phase is about. */
  calls: SeenCall[];
  invocations: number;
  /** Where the fault struck; absent where the call it waited for never came. */
  struck?: string;
  /** What went wrong, in words. */
  broken: string[];
  help?: Help;
  /** How long the current key of a roll was dead. */
  deadMs: number;
}

const hindrances: Partial<Record<Phase, Hindrance>> = {
  'emergency during createSecret': isAt('createSecret'),
  'emergency during testSecret': isAt('testSecret'),
  'emergency during finishSecret': isAt('finishSecret'),
  'emergency while rotations fail': failsEveryTime,
  'emergency without a rotation function': isGone,
  'emergency without a schedule': hasNoSchedule,
};

/** Does the piece of work once. Without a plan nothing goes wrong, and all its calls are seen. */
export async function explore(bench: Bench, phase: Phase, plan?: Plan): Promise<Explored> {
  const { gate, books, orders } = bench;
  if (phase === 'first issue') redeploy(bench);
  await bench.makeReady();
  books.open();
  orders.open();
  const help = await work(bench, phase, plan);
  await bench.passUntil(() => isAtRest(bench), retiredWithinMs);
  const { invocations } = gate;
  const calls = [...gate.calls];
  // What was carried out late has happened by then.
  await bench.pass(hourMs);
  await bench.passUntil(() => isAtRest(bench), retiredWithinMs);
  const { struck } = gate;
  // A containment does not wait for the call of a rotation that it has abandoned, either.
  if (gate.wasLate || plan?.fault === 'contained meanwhile') await sweepLate(bench);
  const lastError = gate.errors.at(-1);
  const incidents = orders.close();
  const broken = books.close({ errors: gate.errors, incidents });
  gate.disarm();
  for (const label of bench.labelsLeft) broken.push(`${label} is still there: ${lastError}`);
  if (!bench.isTold) broken.push('no event told of the key that is current');
  return { calls, invocations, struck, broken, help, deadMs: books.deadMs };
}

/**
 * Nobody could see it coming: the next rotation sweeps a key, and the next containment takes a mark from a dead one. A mark on a current
 * key would have that containment end a healthy one.
 */
async function sweepLate(bench: Bench): Promise<void> {
  if (bench.isCurrentMarked) bench.books.note('the current key is marked as one that must end');
  if (bench.books.orphans().length) await rotate(bench);
  if (bench.labelsLeft.some(label => label.startsWith(markLabel))) await contain(bench);
  await bench.passUntil(() => isAtRest(bench), retiredWithinMs);
}

function isAtRest(bench: Bench): boolean {
  return bench.labelsLeft.length === 0;
}

async function work(bench: Bench, phase: Phase, plan?: Plan): Promise<Help | undefined> {
  const { gate } = bench;
  if (phase.endsWith('in an overlap')) await rotate(bench);
  if (isEmergency(phase)) {
    const mend = await hindrances[phase]?.(bench);
    gate.arm(bench.emergencyFunction, plan);
    const ordered = bench.now.getTime();
    const help = await contain(bench);
    if (mend && bench.now.getTime() - ordered >= stuckAfterMs)
      bench.books.note('the containment waited until the rotation was given up');
    mend?.();
    await bench.pass(minuteMs);
    if (await bench.passUntil(() => !bench.isPending, startedAfreshWithinMs)) return help;
    return startAfresh(bench);
  }
  if (phase !== 'retire') gate.arm(bench.rotateFunction, plan);
  const help = await rotate(bench);
  if (phase === 'retire') {
    await bench.passUntilAlmostDue();
    gate.arm(bench.retireFunction, plan);
  }
  return help;
}

/** Orders a containment and sees it through, as Lambda and the hourly taking up do; where those give up, a person does. */
async function contain(bench: Bench): Promise<Help | undefined> {
  const { orders, gate } = bench;
  const isContained = await orders.send();
  if (await bench.passUntil(isContained, triedForMs, minuteMs)) return undefined;
  const { outageEndsAt } = gate;
  if (outageEndsAt) await bench.passUntil(() => bench.now > outageEndsAt, retiredWithinMs);
  if (await bench.passUntil(isContained, triedForMs)) return undefined;
  if (!orders.haveFailedLoudly) bench.books.note('the order came to nothing, and nobody was told');
  await orders.repeat();
  if (!(await bench.passUntil(isContained, triedForMs)))
    bench.books.note(`the containment does not come through: ${gate.errors.at(-1)}`);
  return 'order again';
}

/** Starts a rotation and sees it through, as AWS does; where that gives up the hourly run starts the next, and else an administrator. */
async function rotate(bench: Bench): Promise<Help | undefined> {
  const began = bench.now;
  // A containment that replaced the key meanwhile has abandoned the rotation, and left nothing to rotate.
  const isRotated = () => bench.hasRotatedSince(began) || bench.isReplacedSince(began);
  await bench.rotate();
  if (await bench.passUntil(isRotated, triedForMs)) return undefined;
  const { outageEndsAt } = bench.gate;
  if (outageEndsAt) await bench.passUntil(() => bench.now > outageEndsAt, retiredWithinMs);
  if (await bench.passUntil(isRotated, startedAfreshWithinMs)) return undefined;
  return startAfresh(bench);
}

/** An administrator, once all that caused it is over. */
async function startAfresh(bench: Bench): Promise<Help> {
  const began = bench.now;
  const help = bench.isPending ? 'unstick' : 'rotate';
  if (bench.isPending) await bench.unstick();
  await bench.rotate();
  if (!(await bench.passUntil(() => bench.hasRotatedSince(began), triedForMs)))
    bench.books.note(`the rotation after it does not come through: ${bench.gate.errors.at(-1)}`);
  return help;
}
