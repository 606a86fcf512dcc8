import type { Clock, Provider } from '../../core/provider';

/** Lets so many pieces of work go on at once; the others wait, and go on in the order in which they came. */
export interface Gate {
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** For one that has passed: another takes its place while it waits. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
}

export function createGate(atOnce: number): Gate {
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
    async pass(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async aside(wait) {
      leave();
      try {
        return await wait();
      } finally {
        await enter();
      }
    },
  };
}

/** A gate for each name. */
export function createGates(atOnce: number): (name: string) => Gate {
  const gates = new Map<string, Gate>();
  return name => {
    const gate = gates.get(name) ?? createGate(atOnce);
    gates.set(name, gate);
    return gate;
  };
}

/** A provider whose calls pass a gate. */
export function gated(provider: Provider, { pass }: Gate): Provider {
  return {
    ...provider,
    make: (name, now) => pass(() => provider.make(name, now)),
    install: value => pass(() => provider.install(value)),
    list: () => pass(() => provider.list()),
    revoke: (keyId, held) => pass(() => provider.revoke(keyId, held)),
    verify: value => pass(() => provider.verify(value)),
  };
}

/** A clock for work behind a gate: who sleeps is not in the way. */
export function sleepingAside(clock: Clock, gate: Gate): Clock {
  return { now: () => clock.now(), sleep: ms => gate.aside(() => clock.sleep(ms)) };
}
