// PutMetricData and GetMetricData.
import * as z from 'zod';
import { dayMs, hourMs } from '../../clock/time';
import type { Virtual } from '../../clock/virtual';
import type { Access } from '../../wire/access';
import { AwsError } from '../../wire/aws-error';
import { type Operation, operation } from '../../wire/operation';
import { type DataPoint, type MetricStore, singleValue, total } from './metric-store';
import {
  dimensionRecord,
  dimensions,
  type MetricDataQuery,
  metricDataQuery,
  readQueries,
  seriesOf,
  unit,
} from './queries';

const datum = z.strictObject({
  MetricName: z.string().min(1).max(255),
  Dimensions: dimensions.optional(),
  Timestamp: z.number().optional(),
  Value: z.number().optional(),
  Values: z.array(z.number()).max(150).optional(),
  Counts: z.array(z.number()).max(150).optional(),
  StatisticValues: z
    .strictObject({ SampleCount: z.number(), Sum: z.number(), Minimum: z.number(), Maximum: z.number() })
    .optional(),
  Unit: unit.optional(),
  StorageResolution: z.union([z.literal(1), z.literal(60)]).optional(),
});

const putInput = z.strictObject({
  Namespace: z.string().min(1).max(255),
  MetricData: z.array(datum).max(1000).optional(),
});

const dataInput = z.strictObject({
  MetricDataQueries: z.array(metricDataQuery).max(500),
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  MaxDatapoints: z.int().optional(),
});

const twoWeeksMs = 14 * dayMs;
const twoHoursMs = 2 * hourMs;

export function metricOperations(parts: {
  virtual: Virtual;
  access: Access;
  store: MetricStore;
  record(point: DataPoint): void;
}): Record<string, Operation> {
  const { virtual, access, store } = parts;
  return {
    PutMetricData: operation(putInput, ({ Namespace, MetricData = [] }, call) => {
      access.permit(call, {
        action: 'cloudwatch:PutMetricData',
        resource: '*',
        context: { 'cloudwatch:namespace': Namespace },
      });
      if (Namespace.startsWith('AWS/')) throw invalid('The value AWS/ for parameter Namespace is invalid.');
      MetricData.forEach(checkDatum);
      const points = MetricData.map(one => pointOf(Namespace, one, virtual.now()));
      for (const point of points) parts.record(point);
    }),

    GetMetricData: operation(dataInput, (input, call) => {
      access.permit(call, { action: 'cloudwatch:GetMetricData', resource: '*' });
      if (input.StartTime >= input.EndTime)
        throw invalid('The parameter StartTime must be less than the parameter EndTime.');
      const read = readQueries(input.MetricDataQueries);
      const returned = input.MetricDataQueries.filter(({ ReturnData = true }) => ReturnData);
      const results = returned.map(query => {
        const seconds =
          query.MetricStat?.Period ??
          query.Period ??
          read.queries.find(other => other.MetricStat)?.MetricStat?.Period;
        const times = periodsIn(input.StartTime, input.EndTime, seconds ?? 60);
        const series = seriesOf(query.Id, read, store, {
          times,
          periodMs: (seconds ?? 60) * 1000,
          inAlarm: false,
        });
        const points = times.flatMap((time, place) => {
          const value = series[place];
          return value === undefined ? [] : [{ time, value }];
        });
        if (input.ScanBy !== 'TimestampAscending') points.reverse();
        return {
          Id: query.Id,
          Label: labelOf(query, returned),
          Timestamps: points.map(({ time }) => new Date(time)),
          Values: points.map(({ value }) => value),
          StatusCode: 'Complete',
        };
      });
      return { MetricDataResults: results, Messages: [] };
    }),
  };
}

function checkDatum({ Value, Values, Counts, StatisticValues }: z.output<typeof datum>, index: number): void {
  const place = `MetricData.member.${index + 1}`;
  const rival = Values ? 'Values' : StatisticValues && 'StatisticValues';
  if (Value !== undefined && rival) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameters ${place}.Value and ${place}.${rival} are mutually exclusive and you have specified both.`,
    );
  }
  if (Values && Counts && Values.length !== Counts.length)
    throw invalid(`The parameters ${place}.Values and ${place}.Counts must be of the same size.`);
}

/** The metric's name, with the statistic where others of that name are asked for beside it. */
function labelOf({ Id, Label, MetricStat }: MetricDataQuery, returned: readonly MetricDataQuery[]): string {
  if (Label !== undefined || !MetricStat) return Label ?? Id;
  const { MetricName } = MetricStat.Metric;
  const statistics = returned.flatMap(other =>
    other.MetricStat?.Metric.MetricName === MetricName ? other.MetricStat.Stat : [],
  );
  return new Set(statistics).size > 1 ? `${MetricName} ${MetricStat.Stat}` : MetricName;
}

function pointOf(namespace: string, one: z.output<typeof datum>, now: Date): DataPoint {
  const at = one.Timestamp === undefined ? now : new Date(one.Timestamp * 1000);
  const ageMs = now.getTime() - at.getTime();
  if (ageMs > twoWeeksMs || ageMs < -twoHoursMs) {
    throw invalid(
      `The value ${at.toISOString()} for parameter Timestamp is too far in the past or in the future.`,
    );
  }
  return {
    namespace,
    name: one.MetricName,
    dimensions: dimensionRecord(one.Dimensions),
    at,
    statistics: statisticsOf(one),
    unit: one.Unit,
    ...(one.StorageResolution && { storageResolution: one.StorageResolution }),
  };
}

function statisticsOf({ Value, Values, Counts, StatisticValues, MetricName }: z.output<typeof datum>) {
  if (StatisticValues) {
    const { Sum, SampleCount, Minimum, Maximum } = StatisticValues;
    return { sum: Sum, count: SampleCount, minimum: Minimum, maximum: Maximum };
  }
  if (Value !== undefined) return singleValue(Value);
  if (!Values?.length)
    throw invalid(`The metric ${MetricName} has none of Value, Values and StatisticValues.`);
  return total(
    Values.map((value, place) => {
      const count = Counts?.[place] ?? 1;
      return { sum: value * count, count, minimum: value, maximum: value };
    }),
  );
}

/** The starts of the periods that lie between two instants, given in seconds. */
function periodsIn(start: number, end: number, seconds: number): number[] {
  const first = Math.floor(start / seconds);
  const count = Math.max(0, Math.ceil(end / seconds) - first);
  return Array.from({ length: count }, (_, n) => (first + n) * seconds * 1000);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
