// Who may use and change the key that an environment's secrets and topics are encrypted under. The stack writes it for a key
// that it makes; for a key of the team's own (`kmsKey`), `keyturn grants` prints what has to be added to its policy.
import { Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { functionRoleArn, secretArn } from '../config/arns';
import { type Key as ConfiguredKey, type Environment, rotatingProviders } from '../config/config';
import { deployersOf } from '../config/deployers';
import type { FunctionName } from '../config/names';
import { type ProviderName, providers, usesUpRoot } from '../config/providers';

/** The whole policy of a key that is there for one environment alone. */
export function keyPolicy(scope: Construct, environment: Environment): PolicyStatement[] {
  return [
    seenByAccount(),
    toldToAccount(scope),
    administered(scope, [...deployersOf(scope, environment), ...environment.admins]),
    ...uses(scope, environment),
  ];
}

/**
 * What the policy of a key needs that others made, besides what it says already. Whatever that is, and whatever grants the key
 * has, nobody else then encrypts a secret of the environment, and nobody but the key's keepers takes that away again.
 */
export function addedKeyPolicy(
  scope: Construct,
  environment: Environment,
  keepers: readonly string[],
): PolicyStatement[] {
  const { name, admins } = environment;
  const denials = [
    new PolicyStatement({
      sid: 'NobodyElseEncrypts',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:GenerateDataKey*', 'kms:Encrypt', 'kms:ReEncryptTo'],
      resources: ['*'],
      conditions: {
        StringLike: { 'kms:EncryptionContext:SecretARN': secretArn(scope, `keyturn/${name}/*`) },
        ArnNotLike: { 'aws:PrincipalArn': encrypters(scope, environment) },
      },
    }),
    new PolicyStatement({
      sid: 'OnlyKeepersChangePolicy',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:PutKeyPolicy'],
      resources: ['*'],
      conditions: { ArnNotLike: { 'aws:PrincipalArn': [...keepers, ...admins, rootArn(scope)] } },
    }),
  ];
  // A key may serve several environments.
  const named = `Keyturn${name.split('-').map(capitalized).join('')}`;
  return [toldToAccount(scope), ...uses(scope, environment), ...denials].map(statement =>
    statement.copy({ sid: `${named}${statement.sid}` }),
  );
}

const capitalized = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

function uses(scope: Construct, environment: Environment): PolicyStatement[] {
  return [
    decrypted(scope, environment.name),
    encrypted(scope, environment.name, encrypters(scope, environment)),
    usedForTopics(),
    usedByFunctions(scope, environment),
  ];
}

/** Whoever may write secrets of the environment. */
function encrypters(scope: Construct, environment: Environment): string[] {
  return [
    ...writingFunctions(environment).map(name => functionRoleArn(scope, environment, name)),
    ...deployersOf(scope, environment),
    ...environment.admins,
  ];
}

/** Of grants that a normal day does not use: Sid -> reason. */
export const unusedKeyGrants = {
  AccountLooks: 'For people who look after the key.',
  AccountIsTold: 'For people: functions are told which key it is by their deployment.',
  DeployersAdminister: 'For deployments, and for people who look after the key.',
  TopicsTakeNotices: 'For alarms and failed rotations, of which a normal day has none.',
};

const looks = [
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListKeyPolicies',
  'ListResourceTags',
  'ListKeyRotations',
];
const changes = [
  ...['PutKeyPolicy', 'UpdateKeyDescription', 'TagResource', 'UntagResource'],
  ...['EnableKey', 'DisableKey', 'EnableKeyRotation', 'DisableKeyRotation', 'RotateKeyOnDemand'],
  ...['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
];

function seenByAccount(): PolicyStatement {
  return new PolicyStatement({
    sid: 'AccountLooks',
    principals: [new AccountRootPrincipal()],
    actions: looks.map(act => `kms:${act}`),
    resources: ['*'],
  });
}

/** Without leave of their own: the command line asks which key that is before it stores a value. */
function toldToAccount(scope: Construct): PolicyStatement {
  return new PolicyStatement({
    sid: 'AccountIsTold',
    principals: [new AnyPrincipal()],
    actions: ['kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'kms:CallerAccount': Stack.of(scope).account } },
  });
}

/**
 * If their own policies allow it, too; and never using the key: nobody does but through the services below. Nobody gets a
 * grant. The account's root user is there for the day on which none of the roles exists any more.
 */
function administered(scope: Construct, roles: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'DeployersAdminister',
    principals: [new AccountRootPrincipal()],
    actions: changes.map(act => `kms:${act}`),
    resources: ['*'],
    conditions: { ArnLike: { 'aws:PrincipalArn': [...roles, rootArn(scope)] } },
  });
}

function rootArn(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'root' });
}

/** Of secrets of this environment, through Secrets Manager. */
function forSecrets(scope: Construct, environment: string) {
  const { account, region } = Stack.of(scope);
  return {
    StringEquals: {
      'kms:CallerAccount': account,
      'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
    },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArn(scope, `keyturn/${environment}/*`) },
  };
}

/** As AWS's own key for Secrets Manager does: whoever may read the secret may decrypt it, and the secret's policy says who. */
function decrypted(scope: Construct, environment: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'SecretsAreRead',
    principals: [new AnyPrincipal()],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions: forSecrets(scope, environment),
  });
}

/**
 * Secrets Manager asks for this of whoever creates a secret under the key, moves one under it, or stores a value in one. So
 * a secret under this key was made by one of these, and its values are theirs: it is what functions go by.
 */
function encrypted(scope: Construct, environment: string, roles: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'OnlyKeyturnEncrypts',
    principals: [new AnyPrincipal()],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { ...forSecrets(scope, environment), ArnLike: { 'aws:PrincipalArn': roles } },
  });
}

/** Each by its full name: a pattern would match those of an environment whose name begins the same. */
function writingFunctions(environment: Environment): FunctionName[] {
  const spendsRoot = ({ address, spec }: ConfiguredKey) =>
    usesUpRoot(providers[address.provider as ProviderName], spec.settings);
  return [
    'emergency-revoke',
    ...rotatingProviders(environment).map(provider => `rotate-${provider}` as const),
    ...environment.servers
      .filter(({ keys }) => keys.some(spendsRoot))
      .map(({ name }) => `token-${name}` as const),
  ];
}

function usedForTopics(): PolicyStatement {
  return new PolicyStatement({
    sid: 'TopicsTakeNotices',
    principals: [
      new ServicePrincipal('cloudwatch.amazonaws.com'),
      new ServicePrincipal('events.amazonaws.com'),
    ],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
  });
}

/** Whoever publishes to an encrypted topic uses its key. */
function usedByFunctions(scope: Construct, environment: Environment): PolicyStatement {
  const { account, region } = Stack.of(scope);
  const tellers = (['emergency-revoke', 'watch', 'retire'] as const).map(name =>
    functionRoleArn(scope, environment, name),
  );
  return new PolicyStatement({
    sid: 'FunctionsTellPeople',
    principals: [new AnyPrincipal()],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `sns.${region}.amazonaws.com` },
      ArnEquals: { 'aws:PrincipalArn': tellers },
    },
  });
}
