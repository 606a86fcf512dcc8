import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../core/provider';

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: ms => sleep(ms),
};

/** Waits for the work, though no longer than that. */
export async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  // An expected outcome: the work was done in time, and the sleep is ended.
  const sleeping = sleep(ms, undefined, { signal }).catch(() => {});
  await Promise.race([work, sleeping]).finally(() => stop.abort());
}
