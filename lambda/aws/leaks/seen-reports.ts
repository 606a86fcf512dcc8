// The bodies of reports that were taken a while ago, by hashes under a salt of this sandbox. GitHub signs no time, so whoever has one
// of its reports can send it for ever: it must not cost a look at every key each time.
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../../core/provider';
import { minuteMs } from '../../../core/time';

const rememberedMs = 10 * minuteMs;
const rememberedAtMost = 1_000;

export function createSeenReports(clock: Clock) {
  const salt = randomBytes(32);
  const seen = new Map<string, number>();
  return {
    /** Runs it, unless the same body was taken before; one whose run failed was not. */
    async once(body: Buffer, run: () => Promise<unknown>): Promise<void> {
      const id = createHmac('sha256', salt).update(body).digest('hex');
      const now = clock.now().getTime();
      if (now - (seen.get(id) ?? Number.NEGATIVE_INFINITY) < rememberedMs) return;
      await run();
      const [oldest] = seen.keys();
      if (seen.size >= rememberedAtMost && oldest) seen.delete(oldest);
      seen.delete(id);
      seen.set(id, now);
    },
  };
}
