import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricNamespace, topicName } from '../config/aws/names';
import { NoticeAlarm } from './notice-alarm';

export interface PeopleToldProps {
  readonly environment: string;
  /** Where the team keeps the runbook. @default - the one that is shipped */
  readonly runbook?: string | undefined;
}

/** Whether messages can reach people: a message that nobody gets says nothing of itself. */
export class PeopleTold extends Construct {
  constructor(scope: Construct, id: string, { environment, runbook }: PeopleToldProps) {
    super(scope, id);
    new NoticeAlarm(this, 'Nobody', {
      alarm: { kind: 'nobody-told', environment },
      runbook,
      metric: new Metric({
        namespace: metricNamespace,
        metricName: 'NobodyTold',
        dimensionsMap: { environment },
        statistic: 'Maximum',
        period: Duration.hours(1),
      }),
    });
    new NoticeAlarm(this, 'Failed', {
      alarm: { kind: 'deliveries-failed', environment },
      runbook,
      metric: new Metric({
        namespace: 'AWS/SNS',
        metricName: 'NumberOfNotificationsFailed',
        dimensionsMap: { TopicName: topicName(environment, 'oncall') },
        statistic: 'Sum',
        period: Duration.minutes(5),
      }),
    });
  }
}
