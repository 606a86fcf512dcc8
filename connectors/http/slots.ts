import type { Clock } from '../../core/provider';

/** Lets so many pieces of work go on at once; the others wait, and go on in the order in which they came. */
export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** For work that has a slot: another takes it while this one waits. */
  lend<T>(wait: () => Promise<T>): Promise<T>;
}

export function createSlots(atOnce: number): Slots {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const enter = async () => {
    if (free > 0) free--;
    else await new Promise<void>(resolve => waiting.push(resolve));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async lend(wait) {
      leave();
      try {
        return await wait();
      } finally {
        await enter();
      }
    },
  };
}

/** A clock for work that has a slot: another has it while this one sleeps. */
export function lendingClock(clock: Clock, slots: Slots): Clock {
  return { now: () => clock.now(), sleep: ms => slots.lend(() => clock.sleep(ms)) };
}

/** One for each name, made when it is first asked for. */
export function forEachName<T>(make: () => T): (name: string) => T {
  const made = new Map<string, T>();
  return name => {
    const one = made.get(name) ?? make();
    made.set(name, one);
    return one;
  };
}
