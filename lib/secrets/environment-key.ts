import { Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Alias, type CfnKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { functionRoleArn, secretArn } from '../config/arns';
import { type Key as ConfiguredKey, type Environment, rotatingProviders } from '../config/config';
import { deployersOf } from '../config/deployers';
import { type FunctionName, keyAlias } from '../config/names';
import { type ProviderName, providers, usesUpRoot } from '../config/providers';
import { removalPolicyOf } from '../removal-policy';
import { noteUnusedGrants } from '../unused-grants';

export interface EnvironmentKeyProps {
  readonly environment: Environment;
}

/** The KMS key of an environment: for its topics, and for its secrets, whose origin it proves. */
export class EnvironmentKey extends Construct {
  readonly key: Key;
  readonly alias: Alias;

  constructor(scope: Construct, id: string, { environment }: EnvironmentKeyProps) {
    super(scope, id);
    const { name, admins } = environment;
    const deployers = deployersOf(this, environment);
    const functions = writingFunctions(environment).map(one => functionRoleArn(this, environment, one));
    // Without its alias, the secrets that outlive a stack could not be written any more.
    const removalPolicy = removalPolicyOf(environment.policy);
    this.key = new Key(this, 'Key', {
      description: `Keyturn's secrets and topics in ${name}`,
      enableKeyRotation: true,
      policy: new PolicyDocument({
        statements: [
          seenByAccount(),
          toldToAccount(this),
          administered(this, [...deployers, ...admins]),
          decrypted(this, name),
          encrypted(this, name, [...functions, ...deployers, ...admins]),
          usedForTopics(),
          usedByFunctions(this, environment),
        ],
      }),
      removalPolicy,
    });
    this.alias = new Alias(this, 'Alias', {
      aliasName: keyAlias(name),
      targetKey: this.key,
      removalPolicy,
    });
    noteUnusedGrants(this.key.node.defaultChild as CfnKey, {
      AccountLooks: 'For people who look after the key.',
      AccountIsTold: 'For people: functions are told which key it is by their deployment.',
      DeployersAdminister: 'For deployments, and for people who look after the key.',
      TopicsTakeNotices: 'For alarms and failed rotations, of which a normal day has none.',
    });
  }
}

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
  const root = Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'root' });
  return new PolicyStatement({
    sid: 'DeployersAdminister',
    principals: [new AccountRootPrincipal()],
    actions: changes.map(act => `kms:${act}`),
    resources: ['*'],
    conditions: { ArnLike: { 'aws:PrincipalArn': [...roles, root] } },
  });
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
