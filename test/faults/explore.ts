// One exploration: a piece of work with one fault in it, then whatever AWS, the hourly retiring and, where those give up,
// an administrator do; at the end everything must be as if nothing had happened.
import type { Bench } from './bench';
import type { Phase, Plan, SeenCall } from './plan';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** AWS's own tries are over by then. */
const triedForMs = 2 * hourMs;
/** The longest fault, the hard limit of an overlap, and the tries between. */
const retiredWithinMs = 8 * hourMs;

export interface Explored {
  /** Calls and invocations of the function that the phase is about. */
  calls: SeenCall[];
  invocations: number;
  /** Where the fault struck; absent where the call it waited for never came. */
  struck?: string;
  /** What went wrong, in words. */
  broken: string[];
  /** What an administrator had to do besides: start another rotation, and first take the label from a stuck one. */
  help?: 'rotate' | 'unstick';
  /** How long the current key of a roll was dead. */
  deadMs: number;
}

/** Does the piece of work once. Without a plan nothing goes wrong, and all its calls are seen. */
export async function explore(bench: Bench, phase: Phase, plan?: Plan): Promise<Explored> {
  const { gate, books } = bench;
  if (phase === 'first issue') bench.redeploy();
  await bench.makeReady();
  books.open();
  if (phase === 'rotation in an overlap') await rotate(bench);
  if (phase !== 'retire') gate.arm(bench.rotateFunction, plan);
  const help = await rotate(bench);
  if (phase === 'retire') {
    await bench.passUntilAlmostDue();
    gate.arm(bench.retireFunction, plan);
  }
  const isRetired = () => bench.holder('AWSPREVIOUS') === undefined;
  await bench.passUntil(isRetired, retiredWithinMs);
  const { invocations } = gate;
  const calls = [...gate.calls];
  // What was carried out late has happened by then.
  await bench.pass(hourMs);
  const { struck } = gate;
  if (plan?.fault === 'carried out late' && books.orphans().length) {
    // Nobody could see it coming: the next rotation sweeps it.
    await rotate(bench);
    await bench.passUntil(isRetired, retiredWithinMs);
  }
  const lastError = gate.errors.at(-1);
  const broken = books.close(gate.errors);
  gate.disarm();
  if (!isRetired()) broken.push(`AWSPREVIOUS is still there: ${lastError}`);
  if (bench.isPending) broken.push('AWSPENDING is still there');
  if (!bench.isTold) broken.push('no event told of the key that is current');
  return { calls, invocations, struck, broken, help, deadMs: books.deadMs };
}

/** Starts a rotation and sees it through, as AWS does; where AWS gives up, an administrator starts the next. */
async function rotate(bench: Bench): Promise<Explored['help']> {
  const began = bench.now;
  const isRotated = () => bench.hasRotatedSince(began);
  await bench.rotate();
  if (await bench.passUntil(isRotated, triedForMs)) return undefined;
  const { outageEndsAt } = bench.gate;
  if (outageEndsAt) await bench.passUntil(() => bench.now > outageEndsAt, retiredWithinMs);
  const help = bench.isPending ? 'unstick' : 'rotate';
  if (bench.isPending) await bench.unstick();
  await bench.rotate();
  if (!(await bench.passUntil(isRotated, triedForMs)))
    bench.books.note(`the rotation after it does not come through: ${bench.gate.errors.at(-1)}`);
  return help;
}
