// What the emergency function may do: every key of its environment, and nothing beyond what a containment needs.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { secretArn } from '../config/arns';
import { type Environment, providersInUse } from '../config/config';
import { providerSecrets } from '../config/names';
import type { IssuerArns } from '../secrets/issuer-secret';
import { tellsEventBus } from './event-access';
import { tellsPeople } from './people-access';

export function emergencyStatements(
  scope: Construct,
  environment: Environment,
  issuerArns: IssuerArns,
  tableArn: string,
  deadLetterQueueArn: string,
): PolicyStatement[] {
  const { name } = environment;
  const issuers = [...issuerArns.values()];
  const statement = (sid: string, actions: string[], resources: string[]) =>
    new PolicyStatement({ sid, actions, resources });
  return [
    statement(
      'Keys',
      [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      keySecrets(scope, environment),
    ),
    ...(issuers.length ? [statement('IssuerCredentials', ['secretsmanager:GetSecretValue'], issuers)] : []),
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
    ...Object.fromEntries(
      keySecrets(scope, environment).map(keys => [
        keys,
        'Exactly the keys of one provider; server stacks add and remove some without this stack.',
      ]),
    ),
  };
}

export function keySecrets(scope: Construct, environment: Environment): string[] {
  return providersInUse(environment).map(provider =>
    secretArn(scope, providerSecrets(environment.name, provider)),
  );
}

function alarmArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
