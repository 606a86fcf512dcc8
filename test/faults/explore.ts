// One exploration: a piece of work with one fault in it, then whatever AWS, the hourly retiring and, where those give up,
// an administrator do; at the end everything must be as if nothing had happened.

import { markLabel } from '../../core/incident/marks';
import { stuckAfterMs } from '../../core/rotation/stuck';
import { hourMs, minuteMs } from '../../core/time';
import { failsEveryTime, type Hindrance, hasNoSchedule, isAt, isGone, redeploy } from './arrangements';
import type { Deployment } from './deployment';
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
export async function explore(deployment: Deployment, phase: Phase, plan?: Plan): Promise<Explored> {
  const { gate, books, orders } = deployment;
  if (phase === 'first issue') redeploy(deployment);
  await deployment.makeReady();
  books.open();
  orders.open();
  const help = await work(deployment, phase, plan);
  await deployment.passUntil(() => isAtRest(deployment), retiredWithinMs);
  const { invocations } = gate;
  const calls = [...gate.calls];
  // What was carried out late has happened by then.
  await deployment.pass(hourMs);
  await deployment.passUntil(() => isAtRest(deployment), retiredWithinMs);
  const { struck } = gate;
  // A containment does not wait for the call of a rotation that it has abandoned, either.
  if (gate.wasLate || plan?.fault === 'contained meanwhile') await sweepLate(deployment);
  const lastError = gate.errors.at(-1);
  const incidents = orders.close();
  const broken = books.close({ errors: gate.errors, incidents });
  gate.disarm();
  for (const label of deployment.labelsLeft) broken.push(`${label} is still there: ${lastError}`);
  if (!deployment.isTold) broken.push('no event told of the key that is current');
  return { calls, invocations, struck, broken, help, deadMs: books.deadMs };
}

/**
 * Nobody could see it coming: the next rotation sweeps a key, and the next containment takes a mark from a dead one. A mark on a current
 * key would have that containment end a healthy one.
 */
async function sweepLate(deployment: Deployment): Promise<void> {
  if (deployment.isCurrentMarked) deployment.books.note('the current key is marked as one that must end');
  if (deployment.books.orphans().length) await rotate(deployment);
  if (deployment.labelsLeft.some(label => label.startsWith(markLabel))) await contain(deployment);
  await deployment.passUntil(() => isAtRest(deployment), retiredWithinMs);
}

function isAtRest(deployment: Deployment): boolean {
  return deployment.labelsLeft.length === 0;
}

async function work(deployment: Deployment, phase: Phase, plan?: Plan): Promise<Help | undefined> {
  const { gate } = deployment;
  if (phase.endsWith('in an overlap')) await rotate(deployment);
  if (isEmergency(phase)) {
    const mend = await hindrances[phase]?.(deployment);
    gate.arm(deployment.emergencyFunction, plan);
    const ordered = deployment.now.getTime();
    const help = await contain(deployment);
    if (mend && deployment.now.getTime() - ordered >= stuckAfterMs)
      deployment.books.note('the containment waited until the rotation was given up');
    mend?.();
    await deployment.pass(minuteMs);
    if (await deployment.passUntil(() => !deployment.isPending, startedAfreshWithinMs)) return help;
    return startAfresh(deployment);
  }
  if (phase !== 'retire') gate.arm(deployment.rotateFunction, plan);
  const help = await rotate(deployment);
  if (phase === 'retire') {
    await deployment.passUntilAlmostDue();
    gate.arm(deployment.retireFunction, plan);
  }
  return help;
}

/** Orders a containment and sees it through, as Lambda and the hourly taking up do; where those give up, a person does. */
async function contain(deployment: Deployment): Promise<Help | undefined> {
  const { orders, gate } = deployment;
  const isContained = await orders.send();
  if (await deployment.passUntil(isContained, triedForMs, minuteMs)) return undefined;
  const { outageEndsAt } = gate;
  if (outageEndsAt) await deployment.passUntil(() => deployment.now > outageEndsAt, retiredWithinMs);
  if (await deployment.passUntil(isContained, triedForMs)) return undefined;
  if (!orders.haveFailedLoudly) deployment.books.note('the order came to nothing, and nobody was told');
  await orders.repeat();
  if (!(await deployment.passUntil(isContained, triedForMs)))
    deployment.books.note(`the containment does not come through: ${gate.errors.at(-1)}`);
  return 'order again';
}

/** Starts a rotation and sees it through, as AWS does; where that gives up the hourly run starts the next, and else an administrator. */
async function rotate(deployment: Deployment): Promise<Help | undefined> {
  const began = deployment.now;
  // A containment that replaced the key meanwhile has abandoned the rotation, and left nothing to rotate.
  const isRotated = () => deployment.hasRotatedSince(began) || deployment.isReplacedSince(began);
  await deployment.rotate();
  if (await deployment.passUntil(isRotated, triedForMs)) return undefined;
  const { outageEndsAt } = deployment.gate;
  if (outageEndsAt) await deployment.passUntil(() => deployment.now > outageEndsAt, retiredWithinMs);
  if (await deployment.passUntil(isRotated, startedAfreshWithinMs)) return undefined;
  return startAfresh(deployment);
}

/** An administrator, once all that caused it is over. */
async function startAfresh(deployment: Deployment): Promise<Help> {
  const began = deployment.now;
  const help = deployment.isPending ? 'unstick' : 'rotate';
  if (deployment.isPending) await deployment.unstick();
  await deployment.rotate();
  if (!(await deployment.passUntil(() => deployment.hasRotatedSince(began), triedForMs)))
    deployment.books.note(`the rotation after it does not come through: ${deployment.gate.errors.at(-1)}`);
  return help;
}
