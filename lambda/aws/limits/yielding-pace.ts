// How fast somebody is called who allows so many calls and does not say how many, or shares them out among others, too: as
// fast as they answer, until one is refused for its rate; then slower, and little by little faster again. Without it, many
// keys at once would spend their tries on being refused.
import type { Clock } from '../../../core/provider';
import type { LetThrough } from './gate';
import { createPace } from './pace';

export interface Yielding {
  isRefusal(error: unknown): boolean;
  /** Calls a second; half of it after the first refusal. */
  fastest: number;
}

/** Calls a second. */
const slowest = 0.5;
/** Calls under way together are refused together: that counts once. */
const sameRefusalMs = 1_000;
const restMs = 2_000;
const triesAtMost = 6;

/** A call that was refused for its rate was not carried out, and has another turn. */
export function createYieldingPace(clock: Clock, { isRefusal, fastest }: Yielding): LetThrough {
  let perSecond = Number.POSITIVE_INFINITY;
  let refusedAt = Number.NEGATIVE_INFINITY;
  const pace = createPace(() => perSecond, clock);

  function slowDown(): void {
    const now = clock.now().getTime();
    if (now - refusedAt < sameRefusalMs) return;
    refusedAt = now;
    perSecond = Math.max(slowest, Math.min(perSecond, fastest) / 2);
    pace.rest(restMs);
  }

  return async call => {
    for (let tried = 1; ; tried++) {
      await pace.turn();
      try {
        const answer = await call();
        perSecond += 1 / (4 * perSecond);
        return answer;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        slowDown();
        if (tried === triesAtMost) throw error;
      }
    }
  };
}
