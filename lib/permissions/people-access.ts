// What it takes to send a message to the people on call: to Keyturn's own topic, and to topics that others made.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { topicArn } from '../config/aws/arns';
import { type Environment, toldTopics } from '../config/config';
import { viaService } from '../secrets/key-use';

type NotifiedEnvironment = Pick<Environment, 'name' | 'notify'>;

/** To topics that others encrypt under a key of theirs, too. */
export function tellsPeople(scope: Construct, environment: NotifiedEnvironment): PolicyStatement[] {
  const others = toldTopics(environment);
  const keys = others.flatMap(({ kmsKey }) => kmsKey ?? []);
  const publishes = new PolicyStatement({
    sid: 'TellsPeople',
    actions: ['sns:Publish'],
    resources: [topicArn(scope, environment.name, 'oncall'), ...others.map(({ arn }) => arn)],
  });
  if (!keys.length) return [publishes];
  const encrypts = new PolicyStatement({
    sid: 'EncryptsForOthers',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: keys,
    conditions: { StringEquals: { 'kms:ViaService': viaService(scope, 'sns') } },
  });
  return [publishes, encrypts];
}

/** By Sid. */
export function unusedToTell(environment: NotifiedEnvironment): Record<string, string> {
  const why = 'A normal day has nothing to tell.';
  const hasKeys = toldTopics(environment).some(({ kmsKey }) => kmsKey);
  return { TellsPeople: why, ...(hasKeys && { EncryptsForOthers: why }) };
}

export function peopleVariables(scope: Construct, environment: NotifiedEnvironment): Record<string, string> {
  const others = toldTopics(environment).map(({ arn, gets }) => ({ arn, gets }));
  return {
    KEYTURN_ONCALL_TOPIC: topicArn(scope, environment.name, 'oncall'),
    ...(others.length && { KEYTURN_OTHER_TOPICS: JSON.stringify(others) }),
    ...(environment.notify.runbook && { KEYTURN_RUNBOOK: environment.notify.runbook }),
  };
}
