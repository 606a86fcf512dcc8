// Metrics as CloudWatch keeps them: sums of what fell into a minute (or second), merged into coarser buckets as they age.

import { dayMs, hourMs, minuteMs } from '../../clock/time';
import { NotModelled } from '../../wire/aws-error';

export interface MetricName {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

export interface DataPoint extends MetricName {
  at: Date;
  statistics: Statistics;
  unit?: string | undefined;
  /** 1 keeps seconds apart for three hours. @default 60 */
  storageResolution?: 1 | 60;
}

export interface Statistics {
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
}

export type Statistic = 'Sum' | 'SampleCount' | 'Average' | 'Minimum' | 'Maximum';

interface Bucket extends Statistics {
  start: number;
}

interface MetricHistory {
  metric: MetricName;
  /** By their start. */
  buckets: Bucket[];
  /** When the buckets were last merged. */
  agedAt: number;
}

export interface MetricStore {
  put(point: DataPoint): void;
  /** One value for [from, to); `undefined` where nothing was recorded. Milliseconds. */
  read(metric: MetricName, statistic: string, from: number, to: number): number | undefined;
  /** The same for several spans. */
  readAll(
    metric: MetricName,
    statistic: string,
    starts: readonly number[],
    periodMs: number,
  ): (number | undefined)[];
  /** Where the metric's newest data ends: `undefined` for a metric that has none. Milliseconds. */
  newest(metric: MetricName): number | undefined;
  metrics(): MetricName[];
}

/** After so long, only buckets of so many milliseconds are kept. */
const tiers = [
  { olderThanMs: 3 * hourMs, bucketMs: minuteMs },
  { olderThanMs: 15 * 24 * hourMs, bucketMs: 300_000 },
  { olderThanMs: 63 * 24 * hourMs, bucketMs: hourMs },
];
/** 15 months. */
const keptMs = 455 * dayMs;

export function createMetricStore(now: () => Date): MetricStore {
  const series = new Map<string, MetricHistory>();
  /** Aged also where nothing is put any more: silent metrics are forgotten like the others. */
  function bucketsOf(metric: MetricName): readonly Bucket[] {
    const kept = series.get(metricId(metric));
    if (kept) age(kept, now().getTime());
    return kept?.buckets ?? [];
  }

  return {
    put({ at, statistics, storageResolution = 60, namespace, name, dimensions }) {
      const metric = { namespace, name, dimensions };
      const id = metricId(metric);
      const time = now().getTime();
      const kept = series.get(id) ?? { metric, buckets: [], agedAt: time };
      series.set(id, kept);
      const tier = tiers.findLast(({ olderThanMs }) => time - at.getTime() > olderThanMs);
      const bucketMs = Math.max(storageResolution * 1000, tier?.bucketMs ?? 0);
      add(kept.buckets, { start: startOf(bucketMs, at.getTime()), ...statistics });
      age(kept, time);
    },
    read: (metric, statistic, from, to) => valueIn(bucketsOf(metric), statistic, from, to),
    readAll(metric, statistic, starts, periodMs) {
      const buckets = bucketsOf(metric);
      return starts.map(from => valueIn(buckets, statistic, from, from + periodMs));
    },
    newest: metric => bucketsOf(metric).at(-1)?.start,
    metrics: () => [...series.values()].map(({ metric }) => metric),
  };
}

export function metricId({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

export function singleValue(value: number): Statistics {
  return { sum: value, count: 1, minimum: value, maximum: value };
}

export function total(parts: readonly Statistics[]): Statistics {
  return parts.reduce((all, { sum, count, minimum, maximum }) => ({
    sum: all.sum + sum,
    count: all.count + count,
    minimum: Math.min(all.minimum, minimum),
    maximum: Math.max(all.maximum, maximum),
  }));
}

function statisticOf({ sum, count, minimum, maximum }: Statistics, statistic: string): number {
  switch (statistic as Statistic) {
    case 'Sum':
      return sum;
    case 'SampleCount':
      return count;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return minimum;
    case 'Maximum':
      return maximum;
    default:
      throw new NotModelled(
        `the statistic ${statistic} is not modelled; use Sum, SampleCount, Average, Minimum or Maximum`,
      );
  }
}

function add(buckets: Bucket[], bucket: Bucket): void {
  const place = placeOf(buckets, bucket.start);
  const held = buckets[place];
  if (held?.start === bucket.start) buckets[place] = { start: held.start, ...total([held, bucket]) };
  else buckets.splice(place, 0, bucket);
}

/** Of the first bucket that starts then or later. */
function placeOf(buckets: readonly Bucket[], start: number): number {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle]?.start ?? start) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function valueIn(
  buckets: readonly Bucket[],
  statistic: string,
  from: number,
  to: number,
): number | undefined {
  const found = buckets.slice(placeOf(buckets, from), placeOf(buckets, to));
  return found.length ? statisticOf(total(found), statistic) : undefined;
}

/** Merges what has come of age since it was last done, once a day, and drops what is too old. */
function age(kept: MetricHistory, now: number): void {
  const { buckets, agedAt } = kept;
  if (now - agedAt < dayMs) return;
  for (const { olderThanMs, bucketMs } of tiers) {
    const first = placeOf(buckets, startOf(bucketMs, agedAt - olderThanMs));
    const end = placeOf(buckets, startOf(bucketMs, now - olderThanMs));
    const merged: Bucket[] = [];
    for (const bucket of buckets.slice(first, end))
      add(merged, { ...bucket, start: startOf(bucketMs, bucket.start) });
    buckets.splice(first, end - first, ...merged);
  }
  buckets.splice(0, placeOf(buckets, now - keptMs));
  kept.agedAt = now;
}

function startOf(bucketMs: number, at: number): number {
  return Math.floor(at / bucketMs) * bucketMs;
}
