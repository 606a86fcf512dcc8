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
import type { Environment } from '../config/config';
import { keyAlias } from '../config/names';
import { removalPolicyOf } from '../removal-policy';
import { noteUnusedGrants } from '../unused-grants';

export interface EnvironmentKeyProps {
  readonly environment: Pick<Environment, 'name' | 'policy'>;
}

/** The KMS key of an environment: for its secrets through Secrets Manager, and for its topics. */
export class EnvironmentKey extends Construct {
  readonly key: Key;
  readonly alias: Alias;

  constructor(scope: Construct, id: string, { environment }: EnvironmentKeyProps) {
    super(scope, id);
    // Without its alias, the secrets that outlive a stack could not be written any more.
    const removalPolicy = removalPolicyOf(environment.policy);
    this.key = new Key(this, 'Key', {
      description: `Keyturn's secrets and topics in ${environment.name}`,
      enableKeyRotation: true,
      policy: new PolicyDocument({
        statements: [
          administered(),
          usedForSecrets(this, environment.name),
          usedForTopics(),
          usedByFunctions(this, environment.name),
        ],
      }),
      removalPolicy,
    });
    this.alias = new Alias(this, 'Alias', {
      aliasName: keyAlias(environment.name),
      targetKey: this.key,
      removalPolicy,
    });
    noteUnusedGrants(this.key.node.defaultChild as CfnKey, {
      AccountAdministers: 'For deployments, and for people who look after the key.',
      TopicsTakeNotices: 'For alarms and failed rotations, of which a normal day has none.',
    });
  }
}

/** Everything but using it: nobody decrypts with this key other than through the services below. */
function administered(): PolicyStatement {
  const acts = [
    ...[
      'DescribeKey',
      'GetKeyPolicy',
      'GetKeyRotationStatus',
      'ListGrants',
      'ListKeyPolicies',
      'ListResourceTags',
      'ListKeyRotations',
    ],
    ...[
      'PutKeyPolicy',
      'UpdateKeyDescription',
      'EnableKey',
      'DisableKey',
      'EnableKeyRotation',
      'DisableKeyRotation',
      'RotateKeyOnDemand',
    ],
    ...[
      'TagResource',
      'UntagResource',
      'CreateAlias',
      'UpdateAlias',
      'DeleteAlias',
      'ScheduleKeyDeletion',
      'CancelKeyDeletion',
    ],
  ];
  return new PolicyStatement({
    sid: 'AccountAdministers',
    principals: [new AccountRootPrincipal()],
    actions: acts.map(act => `kms:${act}`),
    resources: ['*'],
  });
}

/** As AWS's own key for Secrets Manager does: whoever may read the secret may decrypt it, and the secret's policy says who. */
function usedForSecrets(scope: Construct, environment: string): PolicyStatement {
  const { account, region } = Stack.of(scope);
  return new PolicyStatement({
    sid: 'SecretsThroughSecretsManager',
    principals: [new AnyPrincipal()],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'kms:CallerAccount': account,
        'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
      },
      StringLike: { 'kms:EncryptionContext:SecretARN': secretArn(scope, `keyturn/${environment}/*`) },
    },
  });
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
function usedByFunctions(scope: Construct, environment: string): PolicyStatement {
  const { account, region } = Stack.of(scope);
  const tellers = (['emergency-revoke', 'watch'] as const).map(name =>
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
