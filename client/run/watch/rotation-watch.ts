// Learns that a key has a new version: by asking, and sooner where somebody says that it is worth asking.
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { isMinted } from '../../keys/aws-source';
import type { KeySource, VersionStatus } from '../../keys/key-source';

/** The keys that a process was started with. */
export interface GivenKeys {
  /** By the key's short name. */
  versions: ReadonlyMap<string, string>;
  /** When the first of them expires, where that is known. Milliseconds since 1970. */
  expiresAt: number;
}

export interface RotationWatch {
  /** Asks now: a provider has rejected a key, or an event has come in. */
  checkNow(): void;
  /**
   * The client asks for something: while nobody does, asking AWS can wait.
   * @returns where the last answer is too old for that, until AWS has given another, or has taken too long
   */
  noteActivity(): Promise<unknown> | undefined;
}

export interface WatchParts {
  source: KeySource;
  addresses: readonly KeyAddress[];
  /** What new requests are served with. */
  inUse(): GivenKeys;
  /** What superseded processes still work with, by their number. */
  superseded(): ReadonlyMap<number, GivenKeys>;
  /** @param status of the key that is worst off */
  onChange(status: Exclude<VersionStatus, 'current'>): void;
  /** A superseded process has a key that works no longer. */
  onKeysEnded(process: number): void;
  /** For people. */
  say(text: string): void;
  /** Between questions while the client is at work. Milliseconds. */
  everyMs: number;
  /** How old the last answer may be when the client asks for something. Milliseconds. */
  freshMs: number;
  now(): number;
  /** Rejects once the watch is to stop. */
  sleep(ms: number): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/** Without a client at work it is asked so much less often. */
const idleFactor = 5;
/** Many hosts start at the same time and must not ask at the same time for ever. */
const jitter = 0.2;
/** Between questions, whoever asks for them. */
const patienceMs = 1_000;
/** A client waits no longer for an answer of AWS's. */
const answerMs = 1_000;

export function watchRotations(parts: WatchParts): RotationWatch {
  const { source, addresses, everyMs, freshMs, now, sleep } = parts;
  const state = {
    checkedAt: 0,
    /** When the question was asked to which the last answer came; the first process has just got its keys. */
    answeredAt: now(),
    activeAt: now(),
    isAway: false,
    checking: undefined as Promise<void> | undefined,
  };

  const statusesOf = ({ versions }: GivenKeys) =>
    Promise.all(addresses.map(address => source.statusOf(address, versions.get(shortName(address)) ?? '')));

  function check(): void {
    state.checkedAt = now();
    const asked = ask().finally(() => {
      if (state.checking === asked) state.checking = undefined;
    });
    state.checking = asked;
  }

  async function ask(): Promise<void> {
    const askedAt = now();
    try {
      const statuses = await statusesOf(parts.inUse());
      state.isAway = false;
      state.answeredAt = askedAt;
      const worst = (['expiring', 'superseded'] as const).find(status => statuses.includes(status));
      if (worst) parts.onChange(worst);
      for (const [process, keys] of parts.superseded()) {
        const isOver = now() >= keys.expiresAt || (await statusesOf(keys)).includes('expiring');
        if (isOver) parts.onKeysEnded(process);
      }
    } catch (error) {
      if (!state.isAway)
        parts.say(`${(error as Error).message} (the server goes on with the keys that it has)`);
      state.isAway = true;
    }
  }

  function checkNow(): void {
    if (now() - state.checkedAt < Math.min(patienceMs, everyMs)) return;
    check();
  }

  async function watch(): Promise<void> {
    for (;;) {
      await sleep(everyMs * (1 + jitter * (2 * parts.random() - 1)));
      // Whether a token is near its end can be told without asking.
      const isIdle = now() - state.activeAt > everyMs * idleFactor && !addresses.some(isMinted);
      if (!isIdle || now() - state.checkedAt >= everyMs * idleFactor) checkNow();
    }
  }

  // It ends when its sleep is cut short.
  watch().catch(() => {});
  return {
    checkNow,
    noteActivity() {
      state.activeAt = now();
      // While AWS is away, nobody waits for it a second time.
      if (state.isAway) return undefined;
      if (!state.checking && now() - state.answeredAt >= freshMs) check();
      return state.checking && Promise.race([state.checking, sleep(answerMs).catch(() => {})]);
    },
  };
}
