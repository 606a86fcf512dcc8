import type { Clock } from '../../../core/provider';

export interface Pace {
  /** Resolves when it is the caller's turn: one after the other, so many a second; at once where nobody waits. */
  turn(): Promise<void>;
  /** Nobody has a turn for so long, but for those who wait already. */
  rest(ms: number): void;
}

/** @param perSecond asked at every turn */
export function createPace(perSecond: () => number, clock: Clock): Pace {
  let next = 0;
  return {
    async turn() {
      const now = clock.now().getTime();
      const mine = Math.max(now, next);
      next = mine + 1000 / perSecond();
      if (mine > now) await clock.sleep(mine - now);
    },
    rest(ms) {
      next = Math.max(next, clock.now().getTime() + ms);
    },
  };
}
