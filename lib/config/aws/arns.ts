// ARNs of what other stacks own, from names alone.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { deliveredKeys, type Environment, rotatingProviders } from '../config';
import {
  awsRotationRoleName,
  type FunctionName,
  functionName,
  type RuleName,
  ruleName,
  type TopicName,
  tableName,
  topicName,
  undeliveredQueueName,
} from './names';

/**
 * @param name as in a policy: may hold wildcards, and must cover the six characters that AWS adds
 * @param region of a replica. @default - the stack's
 */
export function secretArn(scope: IConstruct, name: string, region?: string): string {
  return Stack.of(scope).formatArn({
    service: 'secretsmanager',
    ...(region && { region }),
    resource: 'secret',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

export function functionArn(scope: IConstruct, environment: string, name: FunctionName): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName(environment, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

export function functionRoleArn(
  scope: IConstruct,
  { name: environment, rolePath = '/' }: Pick<Environment, 'name' | 'rolePath'>,
  name: FunctionName,
): string {
  return Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: `${rolePath.slice(1)}${functionName(environment, name)}`,
  });
}

/** With which AWS rotates keys of a server. */
export function awsRotationRoleArn(
  scope: IConstruct,
  { name: environment, rolePath = '/' }: Pick<Environment, 'name' | 'rolePath'>,
  server: string,
): string {
  return Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: `${rolePath.slice(1)}${awsRotationRoleName(environment, server)}`,
  });
}

export function tableArn(scope: IConstruct, environment: string): string {
  return Stack.of(scope).formatArn({
    service: 'dynamodb',
    resource: 'table',
    resourceName: tableName(environment),
  });
}

/** The functions that an environment's servers share: all but those that give tokens. */
export function platformRoleArns(scope: IConstruct, environment: Environment): string[] {
  const names: FunctionName[] = [
    'emergency-revoke',
    'watch',
    'retire',
    'tell',
    'audit',
    ...(deliveredKeys(environment).length ? (['deliver'] as const) : []),
    ...rotatingProviders(environment).map(provider => `rotate-${provider}` as const),
  ];
  return names.map(name => functionRoleArn(scope, environment, name));
}

export function topicArn(scope: IConstruct, environment: string, name: TopicName): string {
  return Stack.of(scope).formatArn({ service: 'sns', resource: topicName(environment, name) });
}

export function ruleArn(scope: IConstruct, environment: string, name: RuleName): string {
  return Stack.of(scope).formatArn({
    service: 'events',
    resource: 'rule',
    resourceName: ruleName(environment, name),
  });
}

export function undeliveredQueueArn(scope: IConstruct, environment: string): string {
  return Stack.of(scope).formatArn({ service: 'sqs', resource: undeliveredQueueName(environment) });
}
