import type { Clock, Provider } from '../../../core/provider';
import type { SecretStore } from '../../../core/rotation/secret-store';

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

/** One for each name, made when it is first asked for. */
export function forEachName<T>(make: () => T): (name: string) => T {
  const made = new Map<string, T>();
  return name => {
    const one = made.get(name) ?? make();
    made.set(name, one);
    return one;
  };
}

/** How the calls to one provider are let through. */
export type LetThrough = <T>(call: () => Promise<T>) => Promise<T>;

/** A provider whose calls are let through one way or another. */
export function gated(provider: Provider, pass: LetThrough): Provider {
  return letThrough(provider, ['make', 'install', 'list', 'revoke', 'verify'], pass);
}

/** A store whose writes are let through one way or another. */
export function gatedWrites(store: SecretStore, pass: LetThrough): SecretStore {
  return letThrough(store, ['put', 'moveLabel'], pass);
}

function letThrough<Port extends object>(port: Port, names: readonly string[], pass: LetThrough): Port {
  const calls = Object.entries(port).filter(([name]) => names.includes(name));
  const gatedCalls = calls.map(([name, call]) => [
    name,
    (...given: unknown[]) => pass(async () => call(...given)),
  ]);
  return { ...port, ...Object.fromEntries(gatedCalls) };
}

/** A clock for work behind a gate: who sleeps is not in the way. */
export function sleepingAside(clock: Clock, gate: Gate): Clock {
  return { now: () => clock.now(), sleep: ms => gate.aside(() => clock.sleep(ms)) };
}
