import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { topicArn } from '../config/arns';
import { watchName } from '../config/names';

export interface NoticeAlarmProps {
  readonly environment: string;
  /** Becomes part of the alarm's name. */
  readonly what: string;
  /** What it means, and what to do next. */
  readonly description: string;
  readonly metric: IMetric;
}

/** Tells people and machines as soon as a metric is not zero: of some things, one is too many. */
export class NoticeAlarm extends Construct {
  constructor(scope: Construct, id: string, { environment, what, description, metric }: NoticeAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: watchName(environment, what),
      alarmDescription: description,
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    for (const name of ['oncall', 'alarms'] as const) {
      const topic = Topic.fromTopicArn(this, name, topicArn(this, environment, name));
      alarm.addAlarmAction(new SnsAction(topic));
    }
  }
}
