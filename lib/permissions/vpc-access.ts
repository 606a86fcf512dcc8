// What Lambda does in a VPC as a function's role: it makes the network interfaces through which the function speaks.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { VpcPlace } from '../config/config';

/** As AWSLambdaVPCAccessExecutionRole, but in these subnets alone, and never for the function's own code. */
export function joinsVpc(
  scope: Construct,
  { subnetIds, securityGroupIds }: VpcPlace,
  functionName: string,
): PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  return [
    new PolicyStatement({
      sid: 'JoinsVpc',
      actions: ['ec2:CreateNetworkInterface'],
      resources: [
        ...subnetIds.map(id => ec2Arn(scope, `subnet/${id}`)),
        ...securityGroupIds.map(id => ec2Arn(scope, `security-group/${id}`)),
        networkInterfaces(scope),
      ],
    }),
    new PolicyStatement({
      sid: 'SeesVpc',
      actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
      resources: ['*'],
    }),
    // Lambda refuses a role that may do this for some interfaces only: it makes up their ids.
    new PolicyStatement({
      sid: 'LeavesVpc',
      actions: [
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: [networkInterfaces(scope)],
    }),
    new PolicyStatement({
      sid: 'OnlyLambdaInVpc',
      effect: Effect.DENY,
      actions: ['ec2:*'],
      resources: ['*'],
      conditions: {
        ArnEquals: {
          'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:${functionName}`,
        },
      },
    }),
  ];
}

/** Why a pattern is no single resource. */
export function vpcWildcards(scope: Construct): Record<string, string> {
  return {
    '*': 'EC2 describes interfaces and subnets for no narrower resource.',
    [networkInterfaces(scope)]: 'Lambda makes the interfaces, with ids of their own.',
  };
}

/** By Sid. */
export const unusedInVpc = {
  LeavesVpc: 'Lambda takes its interfaces away when no function is in the subnets any more.',
};

function networkInterfaces(scope: Construct): string {
  return ec2Arn(scope, 'network-interface/*');
}

function ec2Arn(scope: Construct, resource: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:ec2:${region}:${account}:${resource}`;
}
