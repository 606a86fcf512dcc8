// Whether servers still use a key that was superseded: as its provider tells, and as the client library reports it.
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { KeyAddress } from '../../../core/key/key-address';
import { metricNamespace, usageDimensions, usageMetrics } from '../../../core/metrics/usage';
import type { Provider } from '../../../core/provider';
import { cloudWatch } from './described-alarm';

const periodSeconds = 300;

/** @param since when it was superseded */
export async function lastUseOf(
  provider: Provider,
  keyId: string,
  address: KeyAddress,
  since: Date,
  now: Date,
): Promise<Date | undefined> {
  const listed = 'list' in provider ? await provider.list() : [];
  const lastUsedAt = listed.find(key => key.id === keyId)?.lastUsedAt;
  const reported = await lastReport(address, since, now);
  const known = [lastUsedAt, reported].filter(date => date !== undefined);
  return known.length ? new Date(Math.max(...known.map(Number))) : undefined;
}

/** The newest report of use since then, to five minutes; `undefined` where nobody reported any. */
async function lastReport(address: KeyAddress, since: Date, now: Date): Promise<Date | undefined> {
  const Dimensions = usageDimensions.map(Name => ({ Name, Value: address[Name] }));
  const Metric = { Namespace: metricNamespace, MetricName: usageMetrics.supersededUses, Dimensions };
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'uses', MetricStat: { Metric, Period: periodSeconds, Stat: 'Sum' } }],
      StartTime: since,
      EndTime: now,
    }),
  );
  const { Timestamps = [], Values = [] } = MetricDataResults[0] ?? {};
  const used = Timestamps.filter((_, index) => Values[index]! > 0).map(time => time.getTime());
  // A point stands at the start of its period.
  return used.length ? new Date(Math.max(...used) + periodSeconds * 1000) : undefined;
}
