// One report that is believed: from its finds to containments.
import { shortName } from '../../../core/key/key-address';
import type { Find, Reporter } from '../../../core/leaks/leak-report';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import { findLeakedKeys, type LeakTools, orderContainments } from './leaked-keys';
import type { LeakedAnswer } from './leaked-order';

/** @param salt of finds that are HMACs */
export type TakeReport = (reporter: Reporter, finds: readonly Find[], salt: string) => Promise<LeakedAnswer>;

export function createTakeReport(environment: string, tools: LeakTools): TakeReport {
  return async (reporter, finds, salt) => {
    const { leaked, unread } = finds.length
      ? await findLeakedKeys(tools, finds, salt)
      : { leaked: [], unread: 0 };
    const ordered = await orderContainments(tools, reporter, leaked);
    const counts = { LeakReports: 1, LeakedKeys: leaked.length };
    process.stdout.write(`${environmentMetricLine(environment, counts, tools.clock.now())}\n`);
    return {
      unread: finds.every(find => leaked.some(key => key.finds.includes(find))) ? 0 : unread,
      keys: ordered.map(({ key: { address, labels, versionId, finds }, incidentId }) => ({
        key: shortName(address),
        labels: [...labels],
        versionId,
        finds: finds.map(({ value }) => value),
        incidentId,
      })),
    };
  };
}
