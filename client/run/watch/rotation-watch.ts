// Finds out that a key has a new version: by polling, and at once after a rejection, an event or a signal.
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { KeySource, VersionStatus } from '../../keys/sources/key-source';

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
   * The client has sent a request. Without requests, AWS is asked less often.
   * @returns a promise if the last answer is too old: it resolves when AWS has answered again, or has taken too long
   */
  noteActivity(): Promise<unknown> | undefined;
}

export interface WatchParts {
  source: KeySource;
  addresses: readonly KeyAddress[];
  /** The keys of the process that gets new requests. */
  inUse(): GivenKeys;
  /** The keys of superseded processes, by process number. */
  superseded(): ReadonlyMap<number, GivenKeys>;
  /** @param status of the key that is worst off */
  onChange(status: Exclude<VersionStatus, 'current'>): void;
  /** A superseded process has a key that no longer works. */
  onKeysEnded(process: number): void;
  /** AWS is asked less often while the client asks for nothing. False where there is no client. */
  rests: boolean;
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

/** How many times less often AWS is asked while the client is idle. */
const idleFactor = 5;
/** Many hosts may start together; this spreads their questions over time. */
const jitter = 0.2;
/** The shortest time between two questions, whatever the reason for asking. */
const patienceMs = 1_000;
/** The longest that a client's request waits for AWS. */
const answerMs = 1_000;

export function watchRotations(parts: WatchParts): RotationWatch {
  const { source, addresses, everyMs, freshMs, now, sleep } = parts;
  const state = {
    checkedAt: 0,
    /** When the last answered question was asked. The keys of the first process were just read. */
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
        parts.say(`${(error as Error).message} (the server keeps running with its current keys)`);
      state.isAway = true;
    }
  }

  function checkNow(): void {
    if (now() - state.checkedAt < Math.min(patienceMs, everyMs)) return;
    check();
  }

  const haveToken = Promise.all(addresses.map(source.givesTokens)).then(tokens => tokens.includes(true));

  async function watch(): Promise<void> {
    for (;;) {
      await sleep(everyMs * (1 + jitter * (2 * parts.random() - 1)));
      // Whether a token is near its end can be told without asking.
      const isIdle = parts.rests && now() - state.activeAt > everyMs * idleFactor && !(await haveToken);
      if (!isIdle || now() - state.checkedAt >= everyMs * idleFactor) checkNow();
    }
  }

  // The loop ends when its sleep rejects.
  watch().catch(() => {});
  return {
    checkNow,
    noteActivity() {
      state.activeAt = now();
      // If AWS did not answer the last time, requests do not wait for it again.
      if (state.isAway) return undefined;
      if (!state.checking && now() - state.answeredAt >= freshMs) check();
      return state.checking && Promise.race([state.checking, sleep(answerMs).catch(() => {})]);
    },
  };
}
