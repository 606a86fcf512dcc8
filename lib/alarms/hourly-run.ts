import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { platformAlarmDescription, platformAlarmName } from '../../core/notices/platform-alarms';
import { watchName } from '../config/names';
import { tellOf } from './notice-alarm';

export interface HourlyRunProps {
  readonly environment: string;
  /** Part of the alarms' names. */
  readonly what: 'retire' | 'take-up';
  /** Where the team keeps the runbook. @default - the one that is shipped */
  readonly runbook?: string | undefined;
  /** Name of the EventBridge rule that starts it. */
  readonly rule: string;
}

/** How many hours may pass without a run: one can come late, and two in a row hardly do. */
const hoursWithout = 3;

/**
 * Tells people that a function which is started every hour is started no more: its rule is gone or disabled. It has to have been
 * started on two days of the last week: right after the first deploy nothing has yet. A function that is started and fails has its own alarms.
 */
export class HourlyRun extends Construct {
  constructor(scope: Construct, id: string, props: HourlyRunProps) {
    super(scope, id);
    const { environment, what, runbook } = props;
    const told = { kind: `${what}-missing`, environment } as const;
    const starts = (period: Duration) =>
      new Metric({
        namespace: 'AWS/Events',
        metricName: 'Invocations',
        dimensionsMap: { RuleName: props.rule },
        statistic: 'Sum',
        period,
      });
    const without = new Alarm(this, 'Without', {
      alarmName: watchName(environment, `${what}-without-run`),
      alarmDescription: `Half of ${watchName(environment, `${what}-missing`)}: no run for ${hoursWithout} hours. Runbook: docs/runbook.md#hourly-run-missing`,
      metric: starts(Duration.hours(1)),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hoursWithout,
      treatMissingData: TreatMissingData.BREACHING,
    });
    const before = new Alarm(this, 'Before', {
      alarmName: watchName(environment, `${what}-has-run`),
      alarmDescription: `Half of ${watchName(environment, `${what}-missing`)}: runs on two days of the last week. Runbook: docs/runbook.md#hourly-run-missing`,
      metric: starts(Duration.days(1)),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 7,
      // Two, so that the other half has long been quiet when this one speaks for the first time.
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const missing = new CompositeAlarm(this, 'Missing', {
      compositeAlarmName: platformAlarmName(told),
      alarmDescription: platformAlarmDescription(told, runbook),
      alarmRule: AlarmRule.allOf(
        ...[without, before].map(alarm => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)),
      ),
    });
    tellOf(missing, told);
  }
}
