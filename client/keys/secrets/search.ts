// The search for another version after a rejection: at once, and again while there is none, once for all waiting calls.
import { minuteMs, secondMs } from '../../../core/time';

/** Before each look. A containment that revokes first has its new key in place within seconds. */
const waitsMs = [0, 250, 500, 1_000, 2_000];
/** Between later looks. Calls then get the rejection without waiting. */
const patienceMs = 5 * secondMs;
/** A rejection that comes so long after the last look is a new occasion. */
const forgottenMs = minuteMs;

export interface SearchParts {
  /** @returns true where there is nothing more to look for. Rejects where AWS gives no answer: then nothing better can be had */
  look(rejected: string): Promise<boolean>;
  now(): number;
  sleep(ms: number): Promise<void>;
}

type SearchState = { versionId: string } & (
  | { kind: 'looking'; since: number; done: Promise<void> }
  | { kind: 'looked'; at: number }
);

export interface KeySearch {
  /** Resolves when there may be another version than the rejected one, or none is to be had now. */
  after(rejected: string): Promise<void>;
  /** The provider has accepted a version in a call that began then: calls that wait for another version can stop waiting. */
  accepted(versionId: string, begunAt: number): void;
}

export function createKeySearch({ look, now, sleep }: SearchParts): KeySearch {
  let search: SearchState | undefined;

  async function run(versionId: string, waits: readonly number[]): Promise<void> {
    for (const wait of waits) {
      if (wait) await sleep(wait);
      const isCalledOff = search?.kind !== 'looking' || search.versionId !== versionId;
      if (isCalledOff || (await look(versionId).catch(() => true))) break;
    }
    if (search?.versionId === versionId) search = { kind: 'looked', versionId, at: now() };
  }

  return {
    async after(rejected) {
      const last = search?.versionId === rejected ? search : undefined;
      if (last?.kind === 'looking') return last.done;
      const ago = last ? now() - last.at : Number.POSITIVE_INFINITY;
      if (ago < patienceMs) return;
      const waits = ago < forgottenMs ? waitsMs.slice(0, 1) : waitsMs;
      const begun = { kind: 'looking' as const, versionId: rejected, since: now() };
      search = { ...begun, done: Promise.resolve() };
      search.done = run(rejected, waits);
      return search.done;
    },
    accepted(versionId, begunAt) {
      if (search?.kind === 'looking' && search.versionId === versionId && begunAt > search.since) {
        search = { kind: 'looked', versionId, at: now() };
      }
    },
  };
}
