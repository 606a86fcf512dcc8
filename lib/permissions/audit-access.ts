// What the audit may look at besides keys and issuer credentials: who can read them, what watches them, and where else in the
// account they may be written. It reads, and most of these calls know no narrower resource than the whole account.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ExpectedReaders } from '../../core/audit/access';
import { shortName } from '../../core/key/key-address';
import { isHandedOver } from '../../targets/targets';
import { tableArn, topicArn } from '../config/aws/arns';
import { type Environment, keysOf, mailboxesOf } from '../config/config';
import { tokenPlaceNames } from '../config/keys/delivery-places';
import { mintsTokens, type ProviderName, providers } from '../config/providers';

/** Whom the configuration lets read, as the function is told it with its code. */
export function expectedReaders(environment: Environment): ExpectedReaders {
  const { admins, servers, leakReports } = environment;
  const read = servers.flatMap(({ role, keys }) =>
    keys.flatMap(({ address }) =>
      // The server gets tokens; no server reads what they are made from.
      mintsTokens(providers[address.provider as ProviderName]) ? [] : [[shortName(address), role] as const],
    ),
  );
  const awsRotated = servers.flatMap(({ keys }) =>
    keys.flatMap(({ address, awsRotation }) => (awsRotation ? shortName(address) : [])),
  );
  const handedOver = keysOf(environment)
    .filter(({ spec }) => isHandedOver(spec))
    .map(({ address }) => shortName(address));
  const places = tokenPlaceNames(environment);
  const assumed = servers.flatMap(({ role, assumedBy }) => (assumedBy ? [[role, assumedBy] as const] : []));
  return {
    admins,
    servers: Object.fromEntries(read),
    assumedBy: Object.fromEntries(assumed),
    ...(awsRotated.length && { awsRotated }),
    ...(handedOver.length && { handedOver }),
    ...(places.length && { tokenPlaces: places }),
    takesLeakReports: leakReports !== undefined,
  };
}

export function seesAccount(
  scope: Construct,
  environment: Environment,
  kmsKeyArn: string,
): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'SeesWhoDecrypts',
      actions: ['kms:GetKeyPolicy', 'kms:ListGrants'],
      resources: [kmsKeyArn],
    }),
    new PolicyStatement({
      sid: 'SeesWhatOthersMay',
      actions: ['iam:GetAccountAuthorizationDetails'],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'FindsCopies',
      actions: [
        'lambda:ListFunctions',
        'ssm:DescribeParameters',
        'ecs:ListTaskDefinitions',
        'ecs:DescribeTaskDefinition',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadsParameters',
      actions: ['ssm:GetParameters'],
      resources: [allParameters(scope)],
    }),
    new PolicyStatement({
      sid: 'SeesReports',
      actions: ['dynamodb:Query'],
      resources: [tableArn(scope, environment.name)],
      conditions: {
        // Without it, a call that tells no key would do.
        Null: { 'dynamodb:LeadingKeys': 'false' },
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['server-read'] },
      },
    }),
    new PolicyStatement({
      sid: 'SeesWhoIsTold',
      actions: ['sns:ListSubscriptionsByTopic'],
      resources: [topicArn(scope, environment.name, 'oncall'), topicArn(scope, environment.name, 'fallback')],
    }),
    new PolicyStatement({
      sid: 'SeesFilters',
      actions: ['sns:GetSubscriptionAttributes'],
      resources: ['*'],
    }),
  ];
}

export function wildcardsOfAccount(scope: Construct): Record<string, string> {
  return {
    '*': 'ListSecrets, GetAccountAuthorizationDetails, ListFunctions, DescribeParameters, ListTaskDefinitions, DescribeTaskDefinition and GetSubscriptionAttributes know no narrower resource; none changes anything.',
    [allParameters(scope)]:
      'Any parameter may hold a copy of a key; without kms:Decrypt, those that are encrypted stay so.',
  };
}

export const unusedOfAccount = {
  'secretsmanager:ListSecretVersionIds': 'Asked only about keys with an unfinished rotation.',
};

/** What the function is told of where to look, besides the topic for on-call. */
export function variablesOfAccount(scope: Construct, environment: Environment): Record<string, string> {
  return {
    KEYTURN_NOTIFY: JSON.stringify(mailboxesOf(environment)),
    KEYTURN_FALLBACK_TOPIC: topicArn(scope, environment.name, 'fallback'),
  };
}

function allParameters(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: '*',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
