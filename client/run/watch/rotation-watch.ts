// Learns that a key has a new version: by asking, and sooner where somebody says that it is worth asking.
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { isMinted, type KeySource, type Standing } from '../../keys/key-source';

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
  /** The versions that the running process has, by the key's short name. */
  inUse(): ReadonlyMap<string, string>;
  /** @param standing of the key that is worst off */
  onChange(standing: Exclude<Standing, 'current'>): void;
  /** For people. */
  say(text: string): void;
  /** Between questions while the client is at work. Milliseconds. */
  everyMs: number;
  /** How old the last answer may be when the client asks for something. Milliseconds. */
  freshMs: number;
  now(): number;
  /** Rejects once the watch is to stop. */
  sleep(ms: number): Promise<void>;
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
  const { source, addresses, inUse, onChange, say, everyMs, freshMs, now, sleep } = parts;
  let checkedAt = 0;
  /** When the question was asked to which the last answer came; the first process has just got its keys. */
  let answeredAt = now();
  let activeAt = now();
  let isAway = false;
  let checking: Promise<void> | undefined;

  function check(): void {
    checkedAt = now();
    const asked = ask().finally(() => {
      if (checking === asked) checking = undefined;
    });
    checking = asked;
  }

  async function ask(): Promise<void> {
    const askedAt = now();
    try {
      const standings = await Promise.all(
        addresses.map(address => source.standingOf(address, inUse().get(shortName(address)) ?? '')),
      );
      isAway = false;
      answeredAt = askedAt;
      const worst = (['ending', 'superseded'] as const).find(standing => standings.includes(standing));
      if (worst) onChange(worst);
    } catch (error) {
      if (!isAway) say(`${(error as Error).message} (the server goes on with the keys that it has)`);
      isAway = true;
    }
  }

  function checkNow(): void {
    if (now() - checkedAt < Math.min(patienceMs, everyMs)) return;
    check();
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
      // While AWS is away, nobody waits for it a second time.
      if (isAway) return undefined;
      if (!checking && now() - answeredAt >= freshMs) check();
      return checking && Promise.race([checking, sleep(answerMs).catch(() => {})]);
    },
  };
}
