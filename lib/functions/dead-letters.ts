import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { NoticeAlarm } from '../alarms/notice-alarm';
import { functionRoleArn } from '../config/aws/arns';
import { deadLetterQueueName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { denyAllBut } from '../deny-all-but';
import { noteUnusedGrants } from '../unused-grants';

export interface DeadLettersProps {
  readonly environment: Environment;
  readonly name: 'emergency-revoke' | 'watch' | 'tell' | 'audit' | 'deliver';
  /** Services that deliver events to the function, and send here what they could not. @default - Lambda only */
  readonly senders?: readonly { service: string; sourceArn: string }[];
}

/** Where events go that a function failed on three times, and the alarm that says so. Empty on every normal day. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { environment, name, senders = [] }: DeadLettersProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      queueName: deadLetterQueueName(environment.name, name),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself, of a function.',
    });
    const sender = 'TakesUndelivered';
    for (const { service, sourceArn } of senders) {
      this.queue.addToResourcePolicy(
        new PolicyStatement({
          sid: sender,
          principals: [new ServicePrincipal(service)],
          actions: ['sqs:SendMessage'],
          resources: [this.queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
        }),
      );
    }
    if (senders.length) {
      noteUnusedGrants(this.queue.node.findChild('Policy').node.defaultChild as CfnQueuePolicy, {
        [sender]: 'On a normal day everything is delivered.',
      });
    }
    // Lambda sends as the function's role.
    guardQueue(this.queue, environment, [functionRoleArn(this, environment, name)]);
    new NoticeAlarm(this, 'Filled', {
      alarm: { kind: `${name}-stopped`, environment: environment.name },
      runbook: environment.notify.runbook,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
    });
  }
}

/**
 * Whoever else put something there would raise its alarm, and whoever took it out would hide one.
 * @param senders ARNs of roles; services that the queue's policy lets in may send besides
 */
export function guardQueue(queue: Queue, environment: Environment, senders: readonly string[]): void {
  const resources = [queue.queueArn];
  queue.addToResourcePolicy(
    denyAllBut(senders, { sid: 'OnlyKeyturnSends', actions: ['sqs:SendMessage'], resources }),
  );
  queue.addToResourcePolicy(
    denyAllBut([...deployersOf(queue, environment), ...environment.admins], {
      sid: 'OnlyDeploymentsChange',
      // A statement of a queue's policy takes seven.
      actions: [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:PurgeQueue',
        'sqs:SetQueueAttributes',
        'sqs:AddPermission',
        'sqs:RemovePermission',
        'sqs:DeleteQueue',
      ],
      resources,
    }),
  );
}
