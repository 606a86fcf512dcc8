import { Duration, Validations } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { NoticeAlarm } from '../alarms/notice-alarm';
import { ScheduledRun } from '../alarms/scheduled-run';
import { keptIfUndelivered } from '../alarms/undelivered';
import { functionRoleArn, tableArn, topicArn } from '../config/aws/arns';
import { deadLetterQueueName, metricNamespace, ruleName } from '../config/aws/names';
import { deliveredKeys, type Environment, mailboxesOf, rotatingProviders } from '../config/config';
import { certifiesEnds } from '../permissions/certificates-access';
import { tellsEventBus } from '../permissions/event-access';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, tellsPeople, unusedToTell } from '../permissions/people-access';
import { retireAccess, unusedToStartAfresh } from '../permissions/retire-access';
import type { IssuerArns } from '../secrets/issuer-secret';
import { guardQueue } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

export interface RetireFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  /** Of those providers that have one. */
  readonly issuerArns: IssuerArns;
}

/** Ends superseded keys, every hour. */
export class RetireFunction extends Construct {
  private readonly deadLetterQueue: Queue;

  constructor(
    scope: Construct,
    id: string,
    { environment, code, kmsKeyArn, issuerArns }: RetireFunctionProps,
  ) {
    super(scope, id);
    this.deadLetterQueue = new Queue(this, 'DeadLetters', {
      queueName: deadLetterQueueName(environment.name, 'retire'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetterQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself, of a function.',
    });
    guardQueue(this.deadLetterQueue, environment, [functionRoleArn(this, environment, 'retire')]);
    const { function: retire } = new KeyturnFunction(this, 'Retire', {
      environment,
      name: 'retire',
      entry: 'retire',
      code,
      kmsKeyArn,
      description: `Ends the superseded keys of ${environment.name} once their overlap is over, every hour`,
      // All keys of a provider go one after the other, and each is seen rejected.
      timeout: Duration.minutes(15),
      calledBy: [calledByRule(this, 'Hourly', environment.name, 'retire-hourly')],
      statements: this.statements(environment),
      providers: retireAccess(this, environment, issuerArns),
      wildcards: {
        '*': 'ListSecrets, GetMetricData and GetSubscriptionAttributes know no narrower resource; they show names, labels, counts and filters, never a value.',
      },
      unused: {
        KnowsWhatWasTold: 'On a normal day nobody keeps a secret under a name of Keyturn.',
        ...unusedToTell(environment),
        CertifiesEnds: 'It adds to a certificate only where a key was not seen rejected at the first try.',
        ...unusedToStartAfresh,
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
      },
      variables: {
        ...peopleVariables(this, environment),
        KEYTURN_FALLBACK_TOPIC: topicArn(this, environment.name, 'fallback'),
        KEYTURN_NOTIFY: JSON.stringify(mailboxesOf(environment)),
      },
      deadLetterQueue: this.deadLetterQueue,
    });
    new CfnRule(this, 'Hourly', {
      name: ruleName(environment.name, 'retire-hourly'),
      description: `Ends the superseded keys of ${environment.name}`,
      scheduleExpression: 'rate(1 hour)',
      targets: [{ id: 'retire', arn: retire.functionArn, ...keptIfUndelivered(this, environment.name) }],
    });
    new ScheduledRun(this, 'Missing', {
      environment: environment.name,
      what: 'retire',
      every: 'hour',
      runbook: environment.notify.runbook,
      rule: ruleName(environment.name, 'retire-hourly'),
    });
    new NoticeAlarm(this, 'UnreportedUse', {
      alarm: { kind: 'unreported-use', environment: environment.name },
      runbook: environment.notify.runbook,
      metric: new Metric({
        namespace: metricNamespace,
        metricName: 'UnreportedUses',
        dimensionsMap: { environment: environment.name },
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
    });
    new NoticeAlarm(this, 'Stopped', {
      alarm: { kind: 'retire-stopped', environment: environment.name },
      runbook: environment.notify.runbook,
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(5),
      }),
    });
  }

  private statements(environment: Environment): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'FindsSuperseded',
        actions: ['secretsmanager:ListSecrets'],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'SeesReportsAndFilters',
        actions: ['cloudwatch:GetMetricData', 'sns:GetSubscriptionAttributes'],
        resources: ['*'],
      }),
      ...(rotatingProviders(environment).length ? [tellsEventBus(this)] : []),
      certifiesEnds(this, environment.name),
      new PolicyStatement({
        sid: 'KnowsWhatWasTold',
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
        resources: [tableArn(this, environment.name)],
        conditions: {
          Null: { 'dynamodb:LeadingKeys': 'false' },
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': [
              ...['unknown-secret', 'found', 'problem', 'problem-group', 'server-read'],
              ...(deliveredKeys(environment).length ? ['delivery'] : []),
            ],
          },
        },
      }),
      new PolicyStatement({
        sid: 'SeesWhoIsTold',
        actions: ['sns:ListSubscriptionsByTopic'],
        resources: [topicArn(this, environment.name, 'oncall'), topicArn(this, environment.name, 'fallback')],
      }),
      ...tellsPeople(this, environment),
      new PolicyStatement({
        sid: 'OwnDeadLetters',
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetterQueue.queueArn],
      }),
    ];
  }
}
