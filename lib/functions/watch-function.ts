import { Duration, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { keptIfUndelivered } from '../alarms/undelivered';
import { secretArn } from '../config/aws/arns';
import { ruleName } from '../config/aws/names';
import { type Environment, replicaRegions } from '../config/config';
import { providerGroups } from '../config/provider-groups';
import { tellsEventBus } from '../permissions/event-access';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, tellsPeople, unusedToTell } from '../permissions/people-access';
import { keySecrets } from '../permissions/provider-policies';
import { DeadLetters } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

export interface WatchFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  readonly tableArn: string;
}

/** Reads of the secrets of an environment, or of their replicas in those regions. */
export function readsOf(scope: Construct, environment: string, regions: readonly string[]): object {
  return {
    source: ['aws.secretsmanager'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['secretsmanager.amazonaws.com'],
      eventName: ['GetSecretValue'],
      // Callers pass a name or an ARN, and CloudTrail tells what they passed.
      requestParameters: {
        secretId: [
          { prefix: `keyturn/${environment}/` },
          ...regions.map(region => ({ prefix: secretArn(scope, `keyturn/${environment}/`, region) })),
        ],
      },
    },
  };
}

/** Looks at every read of a secret that CloudTrail tells of: who, and from where. */
export class WatchFunction extends Construct {
  constructor(scope: Construct, id: string, { environment, code, kmsKeyArn, tableArn }: WatchFunctionProps) {
    super(scope, id);
    const { name } = environment;
    const { queue } = new DeadLetters(this, 'DeadLetters', {
      environment,
      name: 'watch',
    });
    const { function: watch } = new KeyturnFunction(this, 'Watch', {
      environment,
      name: 'watch',
      entry: 'watch',
      code,
      kmsKeyArn,
      description: `Notices who reads the secrets of ${name}, and from where`,
      timeout: Duration.minutes(1),
      calledBy: [calledByRule(this, 'Reads', name, 'secret-reads')],
      statements: this.statements(environment, tableArn, queue.queueArn),
      providers: {
        groups: providerGroups(environment, 'watch'),
        statements: group => [
          new PolicyStatement({
            sid: 'KnowsServers',
            actions: ['secretsmanager:GetResourcePolicy'],
            resources: keySecrets(this, name, group),
          }),
        ],
      },
      wildcards: {},
      unused: {
        KnowsServers: 'Only asked where a reader is new; a quiet quarter may have none for some provider.',
        RaisesSignals: 'A normal day has nothing to raise.',
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
        ...unusedToTell(environment),
        TellsPeople: 'Nobody but Keyturn reads an issuer credential on a normal day.',
      },
      variables: {
        KEYTURN_ADMINS: JSON.stringify(environment.admins),
        ...peopleVariables(this, environment),
      },
      deadLetterQueue: queue,
    });
    new CfnRule(this, 'Reads', {
      name: ruleName(name, 'secret-reads'),
      description: `Reads of the secrets of ${name}`,
      // Plain rules get no events of calls that only read.
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      eventPattern: readsOf(this, name, [Stack.of(this).region, ...replicaRegions(environment)]),
      targets: [{ id: 'watch', arn: watch.functionArn, ...keptIfUndelivered(this, name) }],
    });
  }

  private statements(environment: Environment, tableArn: string, queueArn: string): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'KnowsReaders',
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [tableArn],
        conditions: {
          // Without it, a call that tells no key would do.
          Null: { 'dynamodb:LeadingKeys': 'false' },
          // Neither incidents nor what a containment goes by: whoever takes this function over can raise a signal, and that is all.
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': [
              `source#${environment.name}/*`,
              `refused-reads#${environment.name}/*`,
              ...['watched', 'server-read', 'issuer-read', 'signal'],
            ],
          },
        },
      }),
      tellsEventBus(this, 'RaisesSignals'),
      ...tellsPeople(this, environment),
      new PolicyStatement({ sid: 'OwnDeadLetters', actions: ['sqs:SendMessage'], resources: [queueArn] }),
    ];
  }
}
