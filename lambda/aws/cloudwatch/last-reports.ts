// When servers last reported how they use their keys, as CloudWatch tells.
import { type CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';
import { dayMs, hourMs, minuteMs } from '../../../core/time';

/** With these, a call asks for less than the 100,800 points that one answer has room for. */
const keysInOneCall = 100;
const finePeriodMs = 5 * minuteMs;
const fineForMs = 3 * dayMs;

/**
 * @param since at most two weeks ago
 * @returns by the key's short name, the end of the newest period with a report: to five minutes, or to an hour where `since` is
 * more than three days ago. A report that counted no request is one, too.
 */
export async function lastReports(
  cloudWatch: CloudWatchClient,
  addresses: readonly KeyAddress[],
  since: Date,
  now: Date,
): Promise<Map<string, Date>> {
  const periodMs = now.getTime() - since.getTime() > fineForMs ? hourMs : finePeriodMs;
  const found = new Map<string, Date>();
  for (let first = 0; first < addresses.length; first += keysInOneCall) {
    const asked = addresses.slice(first, first + keysInOneCall);
    const pages = paginateGetMetricData(
      { client: cloudWatch },
      {
        MetricDataQueries: asked.map((address, place) => ({
          Id: `key${place}`,
          MetricStat: {
            Metric: {
              Namespace: usageNamespace(address),
              MetricName: usageMetrics.requests,
              Dimensions: usageDimensions.map(Name => ({ Name, Value: address[Name] })),
            },
            Period: periodMs / 1000,
            Stat: 'SampleCount',
          },
        })),
        StartTime: new Date(Math.floor(since.getTime() / periodMs) * periodMs),
        EndTime: now,
      },
    );
    for await (const { MetricDataResults = [] } of pages)
      for (const { Id, Timestamps = [] } of MetricDataResults) {
        const address = asked[Number(Id?.slice('key'.length))];
        if (!address || !Timestamps.length) continue;
        const key = shortName(address);
        const newest = Math.max(...Timestamps.map(time => time.getTime())) + periodMs;
        found.set(key, new Date(Math.max(Math.min(newest, now.getTime()), found.get(key)?.getTime() ?? 0)));
      }
  }
  return found;
}
