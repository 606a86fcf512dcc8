// CloudWatch, assembled: where metrics come from, how late they are seen, and the alarms on them.

import { minuteMs } from '../clock/time';
import type { Random, Virtual } from '../clock/virtual';
import type { AwsEvent } from '../shared/aws-event';
import type { Deliver } from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Service, validationText } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { alarmOperations } from './alarms/alarm-operations';
import { type Alarm, type AlarmKnobs, type Alarms, createAlarms, type HistoryItem } from './alarms/alarms';
import { readEmbeddedMetrics } from './metrics/emf';
import { metricOperations } from './metrics/metric-operations';
import {
  createMetricStore,
  type DataPoint,
  type MetricName,
  metricId,
  singleValue,
} from './metrics/metric-store';

/** How long until a point is seen, by where it comes from. AWS promises nothing. Milliseconds. */
export interface MetricDelays {
  /** Embedded metrics: the logs have to be taken in first. */
  logs: number;
  putMetricData: number;
  /** AWS's own metrics. */
  services: number;
}

export const defaultMetricDelays: MetricDelays = { logs: 30_000, putMetricData: 5_000, services: minuteMs };

export interface CloudWatch {
  readonly service: Service;
  /** A line that a process with CloudWatch Logs wrote. @returns what it held */
  ingestLogLine(functionName: string, line: string): 'metrics' | 'no-metrics' | 'invalid';
  /** AWS's own metrics come in here. */
  recordMetric: RecordMetric;
  /** Properties of AWS::CloudWatch::Alarm. @returns its ARN */
  addMetricAlarm: Alarms['addMetricAlarm'];
  /** Properties of AWS::CloudWatch::CompositeAlarm. @returns its ARN */
  addCompositeAlarm: Alarms['addCompositeAlarm'];
  removeAlarm(name: string): void;
  alarms(): Alarm[];
  alarm(nameOrArn: string): Alarm | undefined;
  /** False where nobody hears of it when it goes off. */
  actsOnAlarm(name: string): boolean;
  /** Every change of an alarm, every action and how it went. */
  readonly alarmHistory: readonly HistoryItem[];
  metrics(): MetricName[];
  /** One value over [from, to); `undefined` where nothing was recorded. */
  read(metric: MetricName, statistic: string, from: Date, to: Date): number | undefined;
}

export function createCloudWatch(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  deliver: Deliver;
  publish(event: AwsEvent): void;
  delays: MetricDelays;
  alarmKnobs: AlarmKnobs;
}): CloudWatch {
  const { virtual, delays } = parts;
  const store = createMetricStore(virtual.now.bind(virtual));
  const alarms = createAlarms({ ...parts, store, knobs: parts.alarmKnobs });

  function record(point: DataPoint, delayMs: number): void {
    const see = () => {
      store.put(point);
      alarms.dataArrived(metricId(point), point.at);
    };
    if (delayMs === 0) see();
    else
      virtual.schedule(
        new Date(virtual.now().getTime() + delayMs),
        `metric ${point.namespace} ${point.name}`,
        see,
      );
  }

  return {
    service: {
      name: 'monitoring',
      protocol: awsJson('1.0'),
      isTrailed: name => /Alarm/.test(name),
      refuse: problems => new AwsError('ValidationError', validationText(problems)),
      operations: {
        ...metricOperations({ ...parts, store, record: point => record(point, delays.putMetricData) }),
        ...alarmOperations({ ...parts, alarms }),
      },
    },
    ingestLogLine(functionName, line) {
      const points = readEmbeddedMetrics(line, virtual.now());
      if (points === 'no-metrics') return points;
      if (points === 'invalid') {
        const metric = {
          namespace: 'AWS/Logs',
          name: 'EMFValidationErrors',
          dimensions: { LogGroupName: `/aws/lambda/${functionName}` },
        };
        record({ ...metric, at: virtual.now(), statistics: singleValue(1) }, delays.services);
        return points;
      }
      for (const point of points) record(point, delays.logs);
      return 'metrics';
    },
    recordMetric: ({ value, ...point }) =>
      record({ ...point, at: virtual.now(), statistics: singleValue(value) }, delays.services),
    addMetricAlarm: alarms.addMetricAlarm,
    addCompositeAlarm: alarms.addCompositeAlarm,
    removeAlarm: alarms.remove,
    alarms: alarms.all,
    alarm: alarms.find,
    actsOnAlarm: alarms.actsOnAlarm,
    alarmHistory: alarms.history,
    metrics: store.metrics,
    read: (metric, statistic, from, to) => store.read(metric, statistic, from.getTime(), to.getTime()),
  };
}
