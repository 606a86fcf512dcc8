// Who deploys an environment's stacks, and may therefore create and change its secrets and their key: exact roles, never a pattern.
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { KeyturnError } from '../../core/errors';
import type { Environment } from './config';

/**
 * ARNs of roles, for policies: those that the configuration names, else the one through which CloudFormation deploys this stack.
 * @throws {KeyturnError} bad-config, where the stack's synthesizer has no such role and the configuration names none
 */
export function deployersOf(
  scope: IConstruct,
  { name, deployers }: Pick<Environment, 'name' | 'deployers'>,
): readonly string[] {
  if (deployers) return deployers;
  const { synthesizer, partition, account, region, stackName } = Stack.of(scope);
  const role = 'cloudFormationExecutionRoleArn' in synthesizer && synthesizer.cloudFormationExecutionRoleArn;
  if (typeof role !== 'string') {
    throw new KeyturnError(
      'bad-config',
      `${name}: stack ${stackName} has a synthesizer without a CloudFormation execution role (${synthesizer.constructor.name}), so Keyturn cannot tell who deploys it; set deployers: ['arn:aws:iam::${account}:role/<name>'] to the roles that deploy`,
    );
  }
  // Placeholders of the cloud assembly, which CloudFormation would take as they are.
  const placeholders = { Partition: partition, AccountId: account, Region: region };
  return [
    Object.entries(placeholders).reduce(
      (arn, [placeholder, value]) => arn.replaceAll(`\${AWS::${placeholder}}`, value),
      role,
    ),
  ];
}
