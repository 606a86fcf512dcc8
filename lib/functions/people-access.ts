// What it takes to send a message to the people on call.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { topicArn } from '../config/arns';
import type { Environment } from '../config/config';

export function tellsPeople(scope: Construct, environment: Pick<Environment, 'name'>): PolicyStatement {
  return new PolicyStatement({
    sid: 'TellsPeople',
    actions: ['sns:Publish'],
    resources: [topicArn(scope, environment.name, 'oncall')],
  });
}

export function peopleVariables(
  scope: Construct,
  { name, notify }: Pick<Environment, 'name' | 'notify'>,
): Record<string, string> {
  return {
    KEYTURN_ONCALL_TOPIC: topicArn(scope, name, 'oncall'),
    ...(notify.runbook && { KEYTURN_RUNBOOK: notify.runbook }),
  };
}
