// How fast one provider is called: as fast as it answers, until it says that this is too fast; then slower, and little by
// little faster again. Without it, many keys at once would spend their tries on being refused.
import { hasCode } from '../../core/errors';
import type { Clock } from '../../core/provider';
import type { LetThrough } from './gate';

/** Calls a second at the first refusal and at the least; what providers allow lies between. */
const fastest = 20;
const slowest = 0.5;
/** Calls under way together are refused together: that counts once. */
const sameRefusalMs = 1_000;
const restMs = 2_000;
const triesAtMost = 6;

/** A call that was refused for its rate was not carried out, and has another turn. */
export function createProviderPace(clock: Clock): LetThrough {
  let perSecond = Number.POSITIVE_INFINITY;
  let next = 0;
  let refusedAt = Number.NEGATIVE_INFINITY;

  async function turn(): Promise<void> {
    const now = clock.now().getTime();
    const mine = Math.max(now, next);
    next = mine + 1000 / perSecond;
    if (mine > now) await clock.sleep(mine - now);
  }

  function slowDown(): void {
    const now = clock.now().getTime();
    if (now - refusedAt < sameRefusalMs) return;
    refusedAt = now;
    perSecond = Math.max(slowest, Math.min(perSecond, fastest) / 2);
    next = Math.max(next, now + restMs);
  }

  return async call => {
    for (let tried = 1; ; tried++) {
      await turn();
      try {
        const answer = await call();
        perSecond += 1 / (4 * perSecond);
        return answer;
      } catch (error) {
        if (!hasCode(error, 'rate-limited')) throw error;
        slowDown();
        if (tried === triesAtMost) throw error;
      }
    }
  };
}
