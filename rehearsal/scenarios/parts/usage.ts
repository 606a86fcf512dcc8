// Use of keys as the client library reports it, for servers that a scenario does not run.
import type { KeyAddress } from '../../../core/key/key-address';
import { type UsageMetric, usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';
import { minuteMs } from '../../../core/time';
import type { RehearsalContext } from '../../world/rehearsal-context';

/** What one minute of use writes to the log of a server on Lambda. */
export function reportUse(
  { world }: RehearsalContext,
  address: KeyAddress,
  counts: Partial<Record<UsageMetric, number>>,
): void {
  const metrics = Object.entries(counts) as [UsageMetric, number][];
  const line = JSON.stringify({
    _aws: {
      Timestamp: world.clock.now().getTime(),
      CloudWatchMetrics: [
        {
          Namespace: usageNamespace(address),
          Dimensions: [usageDimensions],
          Metrics: metrics.map(([metric]) => ({ Name: usageMetrics[metric], Unit: 'Count' })),
        },
      ],
    },
    ...address,
    ...Object.fromEntries(metrics.map(([metric, count]) => [usageMetrics[metric], count])),
  });
  world.model.cloudWatch.ingestLogLine(address.server, line);
}

/** The same every minute, for so long. */
export async function reportUseFor(
  context: RehearsalContext,
  addresses: readonly KeyAddress[],
  counts: Partial<Record<UsageMetric, number>>,
  minutes: number,
): Promise<void> {
  const { clock } = context.world;
  for (let minute = 0; minute < minutes; minute++) {
    for (const address of addresses) reportUse(context, address, counts);
    await clock.runUntil(new Date(clock.now().getTime() + minuteMs));
  }
}
