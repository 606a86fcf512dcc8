import type { Provider } from '../../core/provider';

/** Lets so many pieces of work go on at once; the others wait. */
function createGate(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async work => {
    if (free > 0) free--;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

export type Gate = ReturnType<typeof createGate>;

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
export function gated(provider: Provider, gate: Gate): Provider {
  return {
    ...provider,
    make: (name, now) => gate(() => provider.make(name, now)),
    install: value => gate(() => provider.install(value)),
    list: () => gate(() => provider.list()),
    revoke: (keyId, held) => gate(() => provider.revoke(keyId, held)),
    verify: value => gate(() => provider.verify(value)),
  };
}
