// Who may use and change the key that an environment's secrets and topics are encrypted under. The stack writes it for a key
// that it makes; for a key of the team's own (`kmsKey`), `keyturn grants` prints what has to be added to its policy.
import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { awsRotationRoleArn, functionRoleArn, secretArn } from '../config/aws/arns';
import { awsRotatedServers, type Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { decrypted, encrypted, usedByAlarms, usedByFunctions, writingFunctions } from './key-use';

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
    usedByAlarms(scope, environment.name),
    usedByFunctions(scope, environment),
  ];
}

/** Whoever may write secrets of the environment. */
function encrypters(scope: Construct, environment: Environment): string[] {
  return [
    ...writingFunctions(environment).map(name => functionRoleArn(scope, environment, name)),
    ...awsRotatedServers(environment).map(({ name }) => awsRotationRoleArn(scope, environment, name)),
    ...deployersOf(scope, environment),
    ...environment.admins,
  ];
}

/** Of grants that a normal day does not use: Sid -> reason. */
export const unusedKeyGrants = {
  AccountLooks: 'For people who look after the key.',
  AccountIsTold: 'For people: functions are told which key it is by their deployment.',
  DeployersAdminister: 'For deployments, and for people who look after the key.',
  AlarmsUseTopics: 'A normal day has no alarm.',
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
