// An incident that met an outage is tried again every minute for as long as one invocation may last: Lambda then starts two
// more, and after those it is taken up every hour. People are told after every round, not at the end.

import type { Clock } from '../provider';
import { minuteMs } from '../time';
import { begin, type Incident, type Trigger } from './incident';
import type { ResponseResult, UnfinishedResponse } from './response';

const pauseMs = minuteMs;
/**
 * @param respond one try
 * @param report tells people, and closes what has ended
 * @param until when the last round may begin
 * @returns what became of each trigger in the end
 */
export async function retryUntilDeadline(
  triggers: readonly (Trigger | Incident)[],
  respond: (trigger: Trigger) => Promise<ResponseResult>,
  report: (responded: ResponseResult[]) => Promise<void>,
  clock: Clock,
  until: Date,
): Promise<ResponseResult[]> {
  const ended: ResponseResult[] = [];
  let pending = triggers;
  for (;;) {
    const responded = await Promise.all(
      pending.map(trigger =>
        respond(trigger).catch((error: unknown) => unwritten(trigger, error, clock.now())),
      ),
    );
    await report(responded);
    const open = responded.filter(isOpen);
    ended.push(...responded.filter(one => !isOpen(one)));
    if (!open.length || clock.now().getTime() + pauseMs > until.getTime()) return [...ended, ...open];
    await clock.sleep(pauseMs);
    pending = open.map(({ incident }) => incident);
  }
}

/** Not even the records could be reached: nobody else must wait for that, and it is tried again like any other. */
function unwritten(trigger: Trigger | Incident, error: unknown, now: Date): UnfinishedResponse {
  return { as: 'unfinished', incident: 'steps' in trigger ? trigger : begin(trigger, now), error };
}

/** Unfinished, due for the second look that some providers need, or waiting for another incident; a breaker takes longer. */
function isOpen(
  responded: ResponseResult,
): responded is Exclude<ResponseResult, { as: 'skipped' }> & { incident: Incident } {
  if (responded.as === 'skipped') return false;
  const { status, outcome } = responded.incident;
  return status !== 'closed' && outcome !== 'breaker-open';
}
