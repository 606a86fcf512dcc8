// What the policies of topics need that others made, and that hear of the environment as well.
import { Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Environment, OtherTopic } from '../config/config';
import { tellerRoleArns } from '../secrets/key-use';

const encrypts = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What the policy of a topic needs, and that of its key. */
export function topicPolicy(
  scope: Construct,
  environment: Environment,
  topic: OtherTopic,
): PolicyStatement[] {
  return [grantTo(scope, environment, topic, 'KeyturnTells', ['sns:Publish'], topic.arn)];
}

export function topicKeyPolicy(
  scope: Construct,
  environment: Environment,
  topic: OtherTopic,
): PolicyStatement[] {
  return [grantTo(scope, environment, topic, 'KeyturnTells', encrypts, '*')];
}

function grantTo(
  scope: Construct,
  environment: Environment,
  { gets }: OtherTopic,
  sid: string,
  actions: string[],
  resource: string,
): PolicyStatement {
  const { partition, account } = Stack.of(scope);
  const isAlarms = gets === 'alarms';
  return new PolicyStatement({
    sid,
    principals: [
      isAlarms
        ? new ServicePrincipal('cloudwatch.amazonaws.com')
        : new ArnPrincipal(`arn:${partition}:iam::${account}:root`),
    ],
    actions,
    resources: [resource],
    conditions: isAlarms
      ? { StringEquals: { 'aws:SourceAccount': account } }
      : { ArnEquals: { 'aws:PrincipalArn': tellerRoleArns(scope, environment) } },
  });
}
