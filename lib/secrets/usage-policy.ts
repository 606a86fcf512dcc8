import { Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { usageNamespace } from '../../core/metrics/usage';
import { usagePolicyName } from '../config/aws/names';

export interface UsagePolicyProps {
  readonly environment: string;
  readonly server: string;
}

/**
 * Lets a server count how its keys are used, and forge no other server's counts. For the team to attach to the server's role:
 * a role belongs to the stack that made it. In Lambda the counts go through the log, which needs no policy.
 */
export class UsagePolicy extends Construct {
  constructor(scope: Construct, id: string, { environment, server }: UsagePolicyProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: usagePolicyName(environment, server),
      description: `For the role of the MCP server ${server} in ${environment}: counts the use of its keys`,
      statements: [countsUse({ environment, server })],
    });
    Validations.of(policy).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: countsUseReason,
    });
  }
}

export function countsUse(place: UsagePolicyProps): PolicyStatement {
  return new PolicyStatement({
    sid: 'CountsUse',
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': usageNamespace(place) } },
  });
}

/** Why that is no single resource. */
export const countsUseReason =
  'PutMetricData knows no narrower resource; the condition names the only namespace.';
