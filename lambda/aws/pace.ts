import type { Clock } from '../../core/provider';

/** Callers go on one after the other, so many a second; whoever comes when nobody waits goes on at once. */
export function createPace(perSecond: number, clock: Clock): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = clock.now().getTime();
    const mine = Math.max(now, next);
    next = mine + 1000 / perSecond;
    if (mine > now) await clock.sleep(mine - now);
  };
}
