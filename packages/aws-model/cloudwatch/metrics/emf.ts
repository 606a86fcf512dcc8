// Embedded metric format: which metrics CloudWatch Logs finds in a log line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import * as z from 'zod';
import { dayMs, hourMs } from '../../clock/time';
import { type DataPoint, singleValue, total } from './metric-store';

const directive = z.object({
  Namespace: z.string().min(1).max(1024),
  Dimensions: z.array(z.array(z.string()).max(30)).min(1),
  Metrics: z
    .array(
      z.object({
        Name: z.string().min(1).max(1024),
        Unit: z.string().optional(),
        StorageResolution: z.union([z.literal(1), z.literal(60)]).optional(),
      }),
    )
    .max(100),
});
const metadata = z.object({ Timestamp: z.int(), CloudWatchMetrics: z.array(directive) });
const metricTarget = z.union([z.number(), z.array(z.number()).min(1).max(100)]);

const twoWeeksMs = 14 * dayMs;
const twoHoursMs = 2 * hourMs;
const maxBytes = 256 * 1024;

/** @returns `no-metrics` for an ordinary line; `invalid` for one that AWS drops and counts in EMFValidationErrors */
export function readEmbeddedMetrics(line: string, now: Date): DataPoint[] | 'no-metrics' | 'invalid' {
  const root = objectIn(line);
  if (!root || !('_aws' in root)) return 'no-metrics';
  const parsed = metadata.safeParse(root._aws);
  if (!parsed.success || Buffer.byteLength(line) > maxBytes) return 'invalid';
  const at = new Date(parsed.data.Timestamp);
  const ageMs = now.getTime() - at.getTime();
  if (ageMs > twoWeeksMs || ageMs < -twoHoursMs) return 'invalid';
  const points = parsed.data.CloudWatchMetrics.map(one => pointsOf(one, root, at));
  return points.some(found => !found) ? 'invalid' : points.flatMap(found => found ?? []);
}

function pointsOf(
  { Namespace, Dimensions, Metrics }: z.output<typeof directive>,
  root: Record<string, unknown>,
  at: Date,
): DataPoint[] | undefined {
  const sets = Dimensions.map(names => Object.fromEntries(names.map(name => [name, root[name]])));
  // Targets are members of the root, never deeper; dimensions are texts.
  const usable = sets.every(set =>
    Object.values(set).every(value => typeof value === 'string' && value.length <= 1024),
  );
  const measured = Metrics.flatMap(metric => {
    const { success, data } = metricTarget.safeParse(root[metric.Name]);
    return success ? [{ ...metric, values: [data].flat() }] : [];
  });
  if (!usable || measured.length < Metrics.length) return undefined;
  return measured.flatMap(({ Name, Unit, StorageResolution, values }) =>
    sets.map(dimensions => ({
      namespace: Namespace,
      name: Name,
      dimensions: dimensions as Record<string, string>,
      at,
      statistics: total(values.map(singleValue)),
      unit: Unit,
      ...(StorageResolution && { storageResolution: StorageResolution }),
    })),
  );
}

function objectIn(line: string): Record<string, unknown> | undefined {
  // Most lines of a log hold no metrics: they are not worth parsing.
  if (!line.includes('"_aws"')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
