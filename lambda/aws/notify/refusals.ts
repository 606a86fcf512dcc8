// Tells people that something was not genuine, once in ten minutes: a call, or what stands in the table.
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import { refusedNotice } from '../../../core/notices/other-notices';
import type { Clock } from '../../../core/provider';
import { minuteMs } from '../../../core/time';
import { logger } from '../runtime/logger';
import { refusalKey, type Table, text } from '../table/table';
import type { Notify } from './notify';

const quietMs = 10 * minuteMs;

/** @param from where it came from, for people: nothing of what was refused is believed, so nothing of it is passed on */
export type Refuse = (why: string, from: string) => Promise<void>;

export function createRefusals(
  environment: string,
  { table, notify, clock }: { table: Table; notify: Notify; clock: Clock },
): Refuse {
  return async (why, from) => {
    logger.warn('refused what was not genuine', { why });
    process.stdout.write(`${environmentMetricLine(environment, { Refused: 1 }, clock.now())}\n`);
    const now = clock.now().getTime();
    const isFirst = await table.putNew({
      ...refusalKey(Math.floor(now / quietMs)),
      why: text(why),
      expiresAt: { N: String(Math.floor((now + 24 * quietMs) / 1000)) },
    });
    if (isFirst) await notify(refusedNotice(environment, why, from));
  };
}
