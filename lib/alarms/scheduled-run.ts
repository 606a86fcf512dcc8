import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { wordsOf } from '../../core/notices/alarms/alarm-words';
import { platformAlarmDescription, platformAlarmName } from '../../core/notices/alarms/platform-alarms';
import { runbookSection } from '../../core/notices/notice';
import { watchName } from '../config/aws/names';
import { tellOf } from './notice-alarm';

export interface ScheduledRunProps {
  readonly environment: string;
  /** Part of the alarms' names. */
  readonly what: 'retire' | 'take-up' | 'audit' | 'deliver';
  readonly every: keyof typeof patience;
  /** Where the team keeps the runbook. @default - the one that is shipped */
  readonly runbook?: string | undefined;
  /** Name of the EventBridge rule that starts it. */
  readonly rule: string;
}

/** How much may pass without a run: one can come late, and two in a row hardly do. An alarm looks back a week at most. */
const patience = {
  hour: { period: Duration.hours(1), without: 3, words: '3 hours' },
  day: { period: Duration.days(1), without: 2, words: '2 days' },
};

/**
 * Tells people that a function which is started every hour or day is started no more: its rule is gone or disabled. It has to have been
 * started on two days of the last week: right after the first deploy nothing has yet. A function that is started and fails has its own alarms.
 */
export class ScheduledRun extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledRunProps) {
    super(scope, id);
    const { environment, what, every, runbook } = props;
    const { period, without: missed, words } = patience[every];
    const told = { kind: `${what}-missing`, environment } as const;
    const halfOf = `Half of ${platformAlarmName(told)}`;
    const section = `Runbook: ${runbookSection(wordsOf(told).section, runbook)}`;
    const starts = (of: Duration) =>
      new Metric({
        namespace: 'AWS/Events',
        metricName: 'Invocations',
        dimensionsMap: { RuleName: props.rule },
        statistic: 'Sum',
        period: of,
      });
    const without = new Alarm(this, 'Without', {
      alarmName: watchName(environment, `${what}-without-run`),
      alarmDescription: `${halfOf}: no run for ${words}. ${section}`,
      // Filled: a period without any start would be left out, and an older one that had some looked at in its place.
      metric: new MathExpression({
        expression: 'FILL(starts, 0)',
        usingMetrics: { starts: starts(period) },
        period,
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: missed,
      treatMissingData: TreatMissingData.BREACHING,
    });
    const before = new Alarm(this, 'Before', {
      alarmName: watchName(environment, `${what}-has-run`),
      alarmDescription: `${halfOf}: runs on two days of the last week. ${section}`,
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
