// Learns that a key has a new version: by asking, and sooner where somebody says that it is worth asking.
import { type KeyAddress, shortName } from '../../core/key-address';
import { isMinted, type KeySource } from '../key-source';

export interface RotationWatch {
  /** Asks now: a provider has rejected a key, or an event has come in. */
  checkNow(): void;
  /** The client has asked for something: while nobody does, asking AWS can wait. */
  noteActivity(): void;
}

export interface WatchParts {
  source: KeySource;
  addresses: readonly KeyAddress[];
  /** The versions that the running process has, by the key's short name. */
  inUse(): ReadonlyMap<string, string>;
  onChange(): void;
  /** For people. */
  say(text: string): void;
  /** Between questions while the client is at work. Milliseconds. */
  everyMs: number;
  now(): number;
  /** Rejects once the watch is to stop. */
  sleep(ms: number): Promise<void>;
}

/** Without a client at work it is asked so much less often. */
const idleFactor = 5;
/** Many hosts start at the same time and must not ask at the same time for ever. */
const jitter = 0.2;
/** Between questions, whoever asks for them. */
const patienceMs = 5_000;

export function watchRotations(parts: WatchParts): RotationWatch {
  const { source, addresses, inUse, onChange, say, everyMs, now, sleep } = parts;
  let checkedAt = 0;
  let activeAt = now();
  let isAway = false;

  async function check(): Promise<void> {
    checkedAt = now();
    try {
      for (const address of addresses) {
        if (!(await source.isCurrent(address, inUse().get(shortName(address)) ?? ''))) return onChange();
      }
      isAway = false;
    } catch (error) {
      if (!isAway) say(`${(error as Error).message} (the server goes on with the keys that it has)`);
      isAway = true;
    }
  }

  function checkNow(): void {
    if (now() - checkedAt < Math.min(patienceMs, everyMs)) return;
    void check();
  }

  async function watch(): Promise<void> {
    for (;;) {
      await sleep(everyMs * (1 + jitter * (2 * Math.random() - 1)));
      // Whether a token is near its end can be told without asking.
      const isIdle = now() - activeAt > everyMs * idleFactor && !addresses.some(isMinted);
      if (!isIdle || now() - checkedAt >= everyMs * idleFactor) checkNow();
    }
  }

  // It ends when its sleep is cut short.
  watch().catch(() => {});
  return {
    checkNow,
    noteActivity() {
      activeAt = now();
    },
  };
}
