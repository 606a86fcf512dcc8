// An incident that met an outage is tried again every minute for as long as one invocation may last: Lambda then starts two
// more, and after those it is taken up every hour. People are told after every round, not at the end.
import type { Incident, Trigger } from './incident';
import type { Clock } from './provider';
import type { Responded } from './response';

const pauseMs = 60_000;
/** Of the 15 minutes that Lambda allows: time is left for a round that has begun. */
const perseveranceMs = 10 * 60_000;

/**
 * @param respond one try
 * @param report tells people, and closes what has ended
 * @returns what became of each trigger in the end
 * @throws what kept one from being written down, so that the caller comes again
 */
export async function persevere(
  triggers: readonly Trigger[],
  respond: (trigger: Trigger) => Promise<Responded>,
  report: (responded: Responded[]) => Promise<void>,
  clock: Clock,
): Promise<Responded[]> {
  const until = clock.now().getTime() + perseveranceMs;
  const ended: Responded[] = [];
  let pending = triggers;
  for (;;) {
    const settled = await Promise.allSettled(pending.map(respond));
    const responded = settled.flatMap(one => (one.status === 'fulfilled' ? one.value : []));
    await report(responded);
    const open = responded.filter(isOpen);
    ended.push(...responded.filter(one => !isOpen(one)));
    // Not even written down. That must keep nobody from hearing of the others.
    const lost = settled.flatMap((one, n) =>
      one.status === 'rejected' ? { trigger: pending[n]!, error: one.reason as unknown } : [],
    );
    if (!open.length && !lost.length) return ended;
    if (clock.now().getTime() + pauseMs > until) {
      if (lost[0]) throw lost[0].error;
      return [...ended, ...open];
    }
    await clock.sleep(pauseMs);
    pending = [...open.map(({ incident }) => incident), ...lost.map(({ trigger }) => trigger)];
  }
}

/** Unfinished, or due for the second look that some providers need. */
function isOpen(
  responded: Responded,
): responded is Exclude<Responded, { as: 'passed' }> & { incident: Incident } {
  return responded.as !== 'passed' && responded.incident.status !== 'closed';
}
