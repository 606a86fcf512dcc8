import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ScheduledRun } from '../alarms/scheduled-run';
import { keptIfUndelivered } from '../alarms/undelivered';
import { tableArn } from '../config/aws/arns';
import { eventSource, ruleName } from '../config/aws/names';
import { deliveredKeys, type Environment } from '../config/config';
import { deliveryAccess } from '../permissions/delivery-access';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, tellsPeople, unusedToTell } from '../permissions/people-access';
import { DeadLetters } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

export interface DeliverFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  /** Of secrets with tokens of places. */
  readonly tokenArns: string[];
}

/** Only where the configuration says of some key where its server runs. */
export function addDeliverFunction(scope: Construct, props: DeliverFunctionProps): void {
  if (deliveredKeys(props.environment).length) new DeliverFunction(scope, 'Deliver', props);
}

/** Brings new keys to where their servers run. */
class DeliverFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, code, kmsKeyArn, tokenArns }: DeliverFunctionProps,
  ) {
    super(scope, id);
    const { name } = environment;
    const { queue } = new DeadLetters(this, 'DeadLetters', { environment, name: 'deliver' });
    const { statements, providers, wildcards, unused } = deliveryAccess(this, environment);
    const { function: deliver } = new KeyturnFunction(this, 'Deliver', {
      environment,
      name: 'deliver',
      entry: 'deliver',
      code,
      kmsKeyArn,
      description: `Brings the new keys of ${name} to where their servers run`,
      timeout: Duration.minutes(10),
      calledBy: [
        calledByRule(this, 'Changed', name, 'deliver-changed'),
        calledByRule(this, 'Hourly', name, 'deliver-hourly'),
      ],
      invokers: environment.admins,
      statements: [
        ...this.statements(environment, queue.queueArn),
        // Each kind of place has one of its own, which no other function reads.
        new PolicyStatement({
          sid: 'PlaceTokens',
          actions: ['secretsmanager:GetSecretValue'],
          resources: tokenArns,
        }),
        ...statements,
      ],
      providers,
      wildcards: {
        '*': 'ListSecrets and DescribeTaskDefinition know no narrower resource; neither shows the value of a secret.',
        ...wildcards,
      },
      unused: {
        ...unusedToTell(environment),
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
        ...unused,
      },
      variables: peopleVariables(this, environment),
      deadLetterQueue: queue,
    });
    const target = { id: 'deliver', arn: deliver.functionArn, ...keptIfUndelivered(this, name) };
    new CfnRule(this, 'Changed', {
      name: ruleName(name, 'deliver-changed'),
      description: `New keys of ${name}, which have to be brought to where their servers run`,
      eventPattern: {
        source: [eventSource],
        'detail-type': ['Key Rotated', 'Key Contained'],
        detail: { environment: [name] },
      },
      targets: [target],
    });
    const rule = ruleName(name, 'deliver-hourly');
    new CfnRule(this, 'Hourly', {
      name: rule,
      description: `Looks which keys of ${name} are not yet where their servers run`,
      scheduleExpression: 'rate(1 hour)',
      targets: [target],
    });
    const { runbook } = environment.notify;
    new ScheduledRun(this, 'Missing', { environment: name, what: 'deliver', every: 'hour', runbook, rule });
  }

  private statements(environment: Environment, queueArn: string): PolicyStatement[] {
    return [
      new PolicyStatement({ sid: 'FindsKeys', actions: ['secretsmanager:ListSecrets'], resources: ['*'] }),
      new PolicyStatement({
        sid: 'KnowsDeliveries',
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
        resources: [tableArn(this, environment.name)],
        conditions: {
          // Without it, a call that tells no key would do.
          Null: { 'dynamodb:LeadingKeys': 'false' },
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['delivery', 'problem', 'problem-group'] },
        },
      }),
      ...tellsPeople(this, environment),
      new PolicyStatement({ sid: 'OwnDeadLetters', actions: ['sqs:SendMessage'], resources: [queueArn] }),
    ];
  }
}
