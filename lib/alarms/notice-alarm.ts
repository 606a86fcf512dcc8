import {
  Alarm,
  type AlarmBase,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  isToldUnrendered,
  type PlatformAlarm,
  platformAlarmDescription,
  platformAlarmName,
} from '../../core/notices/alarms/platform-alarms';
import { topicArn } from '../config/aws/arns';
import type { TopicName } from '../config/aws/names';

export interface NoticeAlarmProps {
  /** Which it is: says its name, what it means and what to do. */
  readonly alarm: PlatformAlarm;
  readonly metric: IMetric;
  /** Where the team keeps the runbook. @default - the one that is shipped */
  readonly runbook?: string | undefined;
}

/** Tells people as soon as a metric is not zero, and when it is again: of some things, one is too many. */
export class NoticeAlarm extends Construct {
  constructor(scope: Construct, id: string, { alarm: told, metric, runbook }: NoticeAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: platformAlarmName(told),
      alarmDescription: platformAlarmDescription(told, runbook),
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    tellOf(alarm, told);
  }
}

/** By the alarms topic, whose messages the tell function makes readable; where it may be what does not work, also past it. */
export function tellOf(alarm: AlarmBase, told: PlatformAlarm): void {
  const topics: TopicName[] = isToldUnrendered(told) ? ['alarms', 'fallback'] : ['alarms'];
  for (const name of topics) {
    const action = new SnsAction(Topic.fromTopicArn(alarm, name, topicArn(alarm, told.environment, name)));
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
