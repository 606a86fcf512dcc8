// AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm, as templates have them, checked and brought into one form.
import * as z from 'zod';
import { NotModelled } from '../../wire/aws-error';
import {
  dimensions,
  type MetricDataQuery,
  metricDataQuery,
  type ReadQueries,
  readQueries,
} from '../metrics/queries';
import type { AlarmState, MissingData } from './alarm-evaluation';

const positive = z.coerce.number().int().positive();
const actions = z.array(z.string()).max(5).default([]);

const common = {
  AlarmName: z.string().min(1).max(255),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: actions,
  OKActions: actions,
  InsufficientDataActions: actions,
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
};

const metricAlarm = z.strictObject({
  ...common,
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
    'LessThanLowerOrGreaterThanUpperThreshold',
    'LessThanLowerThreshold',
    'GreaterThanUpperThreshold',
  ]),
  EvaluationPeriods: positive,
  DatapointsToAlarm: positive.optional(),
  Threshold: z.coerce.number().optional(),
  ThresholdMetricId: z.string().optional(),
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions.optional(),
  Period: positive.optional(),
  Statistic: z.string().optional(),
  Unit: z.string().optional(),
  Metrics: z.array(metricDataQuery).max(20).optional(),
});

const compositeAlarm = z.strictObject({ ...common, AlarmRule: z.string().min(1).max(10_240) });

export type MetricAlarmProperties = z.output<typeof metricAlarm>;
export type CompositeAlarmProperties = z.output<typeof compositeAlarm>;

export interface MetricAlarm {
  properties: MetricAlarmProperties;
  read: ReadQueries;
  /** The id of what is compared. */
  watched: string;
  /** The metric that the band is learned from; absent where there is a threshold. */
  band?: { sourceId: string; deviations: number };
  periodMs: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: MissingData;
}

export const actionsOf: Record<AlarmState, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'> = {
  OK: 'OKActions',
  ALARM: 'AlarmActions',
  INSUFFICIENT_DATA: 'InsufficientDataActions',
};

const daySeconds = 86_400;

export function readMetricAlarm(template: object): MetricAlarm {
  const properties = checked(metricAlarm, template);
  const queries = properties.Metrics ?? [{ Id: 'm1', MetricStat: singleMetric(properties) }];
  const bandQuery = queries.find(({ Id }) => Id === properties.ThresholdMetricId);
  const band = bandQuery && readBand(bandQuery);
  const watched = queries.find(({ Id, ReturnData = true }) => ReturnData && Id !== bandQuery?.Id);
  const periods = [...new Set(queries.flatMap(({ MetricStat }) => MetricStat?.Period ?? []))];
  const seconds = periods[0] ?? watched?.Period;
  if (!watched || !seconds || periods.length > 1) {
    throw new NotModelled(
      `the alarm ${properties.AlarmName} has no returned metric, or metrics of several periods`,
    );
  }
  const { EvaluationPeriods } = properties;
  const limit = seconds >= 3600 ? 7 * daySeconds : daySeconds;
  if (seconds * EvaluationPeriods > limit || (seconds % 60 !== 0 && ![10, 20, 30].includes(seconds))) {
    throw new Error(
      `CloudWatch refuses the alarm ${properties.AlarmName}: ${EvaluationPeriods} periods of ${seconds} seconds`,
    );
  }
  return {
    properties,
    // The band is no math that can be worked out: see anomaly-band.ts.
    read: readQueries(queries.filter(query => query !== bandQuery)),
    watched: watched.Id,
    ...(band && { band }),
    periodMs: seconds * 1000,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? EvaluationPeriods,
    treatMissingData: properties.TreatMissingData ?? 'missing',
  };
}

export function readCompositeAlarm(template: object): CompositeAlarmProperties {
  return checked(compositeAlarm, template);
}

function checked<Output>(shape: z.ZodType<Output>, template: object): Output {
  const parsed = shape.safeParse(template);
  if (parsed.success) return parsed.data;
  const { AlarmName } = template as { AlarmName?: string };
  throw new NotModelled(
    `the alarm ${AlarmName} has properties that are not modelled: ${z.prettifyError(parsed.error)}`,
  );
}

/** What an alarm without Metrics reads. */
export function singleMetric({
  AlarmName,
  Namespace,
  MetricName,
  Dimensions,
  Period,
  Statistic,
  Unit,
}: MetricAlarmProperties): NonNullable<MetricDataQuery['MetricStat']> {
  if (!Namespace || !MetricName || !Period || !Statistic) {
    throw new NotModelled(
      `the alarm ${AlarmName} names neither Metrics nor Namespace, MetricName, Period and Statistic`,
    );
  }
  const Metric = { Namespace, MetricName, ...(Dimensions && { Dimensions }) };
  return { Metric, Period, Stat: Statistic, ...(Unit && { Unit }) };
}

function readBand({ Id, Expression = '' }: MetricDataQuery): NonNullable<MetricAlarm['band']> {
  const [, sourceId, deviations = '2'] =
    /^ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*([\d.]+)\s*)?\)$/.exec(Expression) ?? [];
  if (!sourceId)
    throw new NotModelled(`the threshold ${Id} is not ANOMALY_DETECTION_BAND(<id>, <deviations>)`);
  return { sourceId, deviations: Number(deviations) };
}
