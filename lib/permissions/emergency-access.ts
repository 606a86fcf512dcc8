// What the emergency function may do: every key of its environment, and nothing beyond what a containment needs.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Environment } from '../config/config';
import { providerGroups } from '../config/provider-groups';
import type { IssuerArns } from '../secrets/issuer-secret';
import { tellsEventBus } from './event-access';
import { tellsPeople } from './people-access';
import { issuerSecrets, keySecrets, type ProviderAccess } from './provider-policies';

export function emergencyAccess(
  scope: Construct,
  environment: Environment,
  issuerArns: IssuerArns,
): ProviderAccess {
  return {
    groups: providerGroups(environment, 'emergency-revoke'),
    statements: group => [
      new PolicyStatement({
        sid: 'Keys',
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: keySecrets(scope, environment.name, group),
      }),
      new PolicyStatement({
        sid: 'IssuerCredentials',
        actions: ['secretsmanager:GetSecretValue'],
        resources: issuerSecrets(issuerArns, group),
      }),
    ],
  };
}

export function emergencyStatements(
  scope: Construct,
  environment: Environment,
  tableArn: string,
  deadLetterQueueArn: string,
): PolicyStatement[] {
  const { name } = environment;
  const statement = (sid: string, actions: string[], resources: string[]) =>
    new PolicyStatement({ sid, actions, resources });
  return [
    statement(
      'Incidents',
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
      [tableArn],
    ),
    statement('FindsAlarms', ['cloudwatch:DescribeAlarms'], [alarmArn(scope, '*')]),
    statement(
      'ReadsAlarmHistory',
      ['cloudwatch:DescribeAlarmHistory'],
      [alarmArn(scope, `keyturn-${name}-*`)],
    ),
    statement('Investigates', ['cloudtrail:LookupEvents', 'cloudwatch:GetMetricData'], ['*']),
    ...tellsPeople(scope, environment),
    tellsEventBus(scope),
    statement('OwnDeadLetters', ['sqs:SendMessage'], [deadLetterQueueArn]),
  ];
}

/** Why a pattern is no single resource. */
export function emergencyWildcards(scope: Construct, environment: Environment): Record<string, string> {
  return {
    '*': 'LookupEvents and GetMetricData know no narrower resource; they show who read a secret and how often a key was used.',
    [alarmArn(scope, '*')]: 'DescribeAlarms knows no narrower resource; it shows how alarms are set.',
    [alarmArn(scope, `keyturn-${environment.name}-*`)]:
      'Exactly the alarms of this environment; server stacks add and remove some.',
  };
}

function alarmArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
