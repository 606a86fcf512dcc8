// Counts for CloudWatch, as a log line in embedded metric format. By hand, not with Powertools' Metrics: those add a
// dimension `service` of their own, and no alarm on ours would match.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { KeyAddress } from '../key/key-address';
import { metricNamespace, usageDimensions, usageNamespace } from './usage';

/**
 * One key's counts since the last line; without a line break at the end.
 * Write it to a stream, not with console.log: Lambda's JSON logs would wrap it, and the metrics in it would not be seen.
 */
export function metricLine(address: KeyAddress, counts: Record<string, number>, at: Date): string {
  const dimensions = Object.fromEntries(usageDimensions.map(dimension => [dimension, address[dimension]]));
  return embedded(usageNamespace(address), dimensions, counts, at);
}

/** What is counted for all keys that one server has at one provider: fewer series, and one alarm for all. */
export function providerMetricLine(
  { environment, server, provider }: KeyAddress,
  counts: Record<string, number>,
  at: Date,
): string {
  return embedded(metricNamespace, { environment, server, provider }, counts, at);
}

/** What is counted for a whole environment, in the same way. */
export function environmentMetricLine(environment: string, counts: Record<string, number>, at: Date): string {
  return embedded(metricNamespace, { environment }, counts, at);
}

/** How many findings of one rule there are in a whole environment. */
export function findingsMetricLine(environment: string, rule: string, count: number, at: Date): string {
  return embedded(metricNamespace, { environment, rule }, { AuditFindings: count }, at);
}

function embedded(
  Namespace: string,
  dimensions: Record<string, string>,
  counts: Record<string, number>,
  at: Date,
): string {
  const Metrics = Object.keys(counts).map(Name => ({ Name, Unit: 'Count' }));
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [{ Namespace, Dimensions: [Object.keys(dimensions)], Metrics }],
    },
    ...dimensions,
    ...counts,
  });
}
