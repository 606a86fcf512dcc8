import { Duration, Validations } from 'aws-cdk-lib';
import type { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ruleArn, undeliveredQueueArn } from '../config/aws/arns';
import { undeliveredQueueName } from '../config/aws/names';
import { type Environment, rulesOf } from '../config/config';
import { guardQueue } from '../functions/dead-letters';
import { noteUnusedGrants } from '../unused-grants';
import { NoticeAlarm } from './notice-alarm';

export interface UndeliveredProps {
  readonly environment: Environment;
}

/** Where events go that EventBridge could not deliver, and the alarm that says so. Empty on every normal day. */
export class Undelivered extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { environment }: UndeliveredProps) {
    super(scope, id);
    const { name } = environment;
    const queueName = undeliveredQueueName(name);
    this.queue = new Queue(this, 'Queue', {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself, of rules.',
    });
    const sid = 'TakesUndelivered';
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid,
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': rulesOf(environment).map(rule => ruleArn(this, name, rule)) },
        },
      }),
    );
    guardQueue(this.queue, environment, []);
    noteUnusedGrants(this.queue.node.findChild('Policy').node.defaultChild as CfnQueuePolicy, {
      [sid]: 'On a normal day everything is delivered.',
    });
    new NoticeAlarm(this, 'Filled', {
      alarm: { kind: 'undelivered', environment: name },
      runbook: environment.notify.runbook,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
    });
  }
}

/** For each target of each rule: what cannot be delivered within an hour is kept, and people are told. EventBridge would drop it after a day. */
export function keptIfUndelivered(
  scope: Construct,
  environment: string,
): Pick<CfnRule.TargetProperty, 'deadLetterConfig' | 'retryPolicy'> {
  return {
    deadLetterConfig: { arn: undeliveredQueueArn(scope, environment) },
    retryPolicy: { maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
  };
}
