// Stops automatic containments when too many keys trip at once: then the alarms are wrong, or somebody turns them against
// their owner, and a person decides. People's own orders pass.
import { hourMs, minuteMs } from '../time';

/** More than the keys of one careless server; fewer than would hurt if all of them were false alarms. */
const containmentsAtMost = 5;
const windowMs = 15 * minuteMs;
/** Time to read the page and decide. It closes by itself, so that a night's noise does not leave the week unguarded. */
const openMs = hourMs;

export interface Breaker {
  /** Incidents that were let through, and when. Milliseconds. */
  recent: { incidentId: string; at: number }[];
  openUntil?: number;
  /** The incident that was too many. */
  trippedBy?: string;
}

export const closedBreaker: Breaker = { recent: [] };

/** `tripped` on the one that was too many, `open` on those after it. */
export type BreakerAnswer = 'ok' | 'tripped' | 'open';

/** Counts one automatic containment; the same one counts once, and hears the same answer if its run stopped and comes again. */
export function countContainment(breaker: Breaker, incidentId: string, now: Date): [BreakerAnswer, Breaker] {
  const ms = now.getTime();
  const recent = breaker.recent.filter(({ at }) => ms - at < windowMs);
  // What was let through is finished, also while it is open.
  if (recent.some(other => other.incidentId === incidentId)) return ['ok', { ...breaker, recent }];
  if (breaker.openUntil !== undefined && ms < breaker.openUntil)
    return [breaker.trippedBy === incidentId ? 'tripped' : 'open', breaker];
  if (recent.length >= containmentsAtMost)
    return ['tripped', { recent, openUntil: ms + openMs, trippedBy: incidentId }];
  return ['ok', { recent: [...recent, { incidentId, at: ms }] }];
}
