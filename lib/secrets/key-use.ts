// Who uses the environment's KMS key, and for what: always through a service, for Keyturn's secrets and topics alone.
import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { functionRoleArn, secretArn, topicArn } from '../config/aws/arns';
import type { FunctionName } from '../config/aws/names';
import { deliveredKeys, type Environment, rootSpendingServers, rotatingProviders } from '../config/config';

/**
 * How KMS names a service of this region that asks on behalf of its caller. In China that name ends as endpoints do there; for
 * other partitions AWS writes nothing down. So both endings stand where they differ: AWS alone has either.
 */
export function viaService(scope: Construct, service: string): string[] {
  const { region } = Stack.of(scope);
  const { domainSuffix = 'amazonaws.com' } = RegionInfo.get(region);
  return [...new Set(['amazonaws.com', domainSuffix])].map(suffix => `${service}.${region}.${suffix}`);
}

/** Of secrets of this environment, through Secrets Manager. */
function forSecrets(scope: Construct, environment: string) {
  return {
    StringEquals: {
      'kms:CallerAccount': Stack.of(scope).account,
      'kms:ViaService': viaService(scope, 'secretsmanager'),
    },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArn(scope, `keyturn/${environment}/*`) },
  };
}

/** As AWS's own key for Secrets Manager does: whoever may read the secret may decrypt it, and the secret's policy says who. */
export function decrypted(scope: Construct, environment: string): PolicyStatement {
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
export function encrypted(scope: Construct, environment: string, roles: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'OnlyKeyturnEncrypts',
    principals: [new AnyPrincipal()],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { ...forSecrets(scope, environment), ArnLike: { 'aws:PrincipalArn': roles } },
  });
}

/** Each by its full name: a pattern would match those of an environment whose name begins the same. */
export function writingFunctions(environment: Environment): FunctionName[] {
  return [
    'emergency-revoke',
    ...rotatingProviders(environment).map(provider => `rotate-${provider}` as const),
    ...rootSpendingServers(environment).map(({ name }) => `token-${name}` as const),
  ];
}

/** SNS encrypts with the topic's ARN as context, so that the key serves these topics alone. */
const ofTopic = 'kms:EncryptionContext:aws:sns:topicArn';

export function usedByAlarms(scope: Construct, environment: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'AlarmsUseTopics',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'aws:SourceAccount': Stack.of(scope).account,
        [ofTopic]: topicArn(scope, environment, 'alarms'),
      },
    },
  });
}

/** Of the functions that tell people. */
export function tellerRoleArns(scope: Construct, environment: Environment): string[] {
  const tellers = [
    ...(['emergency-revoke', 'watch', 'retire', 'tell', 'audit'] as const),
    ...(deliveredKeys(environment).length ? (['deliver'] as const) : []),
  ];
  return tellers.map(name => functionRoleArn(scope, environment, name));
}

/** Whoever publishes to an encrypted topic uses its key. */
export function usedByFunctions(scope: Construct, environment: Environment): PolicyStatement {
  return new PolicyStatement({
    sid: 'FunctionsTellPeople',
    principals: [new AnyPrincipal()],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'kms:CallerAccount': Stack.of(scope).account,
        'kms:ViaService': viaService(scope, 'sns'),
        [ofTopic]: topicArn(scope, environment.name, 'oncall'),
      },
      ArnEquals: { 'aws:PrincipalArn': tellerRoleArns(scope, environment) },
    },
  });
}
