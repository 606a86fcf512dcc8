// The environment's stacks as CloudFormation has them, and what keeps a deploy from changing one.
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { hasCode } from '../../../core/errors';
import { platformStackName, serverStackName } from '../../../lib/config/aws/names';
import { type Aws, clientOf } from '../aws';

export interface BlockedStack {
  stack: string;
  status: string;
  fix: string;
}

export async function blockedStacks(aws: Aws): Promise<BlockedStack[]> {
  const { name, servers } = aws.environment;
  const client = clientOf(aws, CloudFormationClient, 'cloudformation');
  const blocked: BlockedStack[] = [];
  for (const stack of [
    platformStackName(name),
    ...servers.map(server => serverStackName(name, server.name)),
  ]) {
    const found = await describe(client, stack);
    const fix = found && fixOf(stack, String(found.StackStatus), found.EnableTerminationProtection ?? false);
    if (fix) blocked.push({ stack, status: String(found.StackStatus), fix });
  }
  return blocked;
}

async function describe(client: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0];
  } catch (error) {
    // CloudFormation has no other way to say that there is none.
    if (hasCode(error, 'refused') && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

/** @returns undefined where `cdk deploy` goes through */
function fixOf(stack: string, status: string, isProtected: boolean): string | undefined {
  const name = `--stack-name ${stack}`;
  if (status.endsWith('_IN_PROGRESS')) return 'wait until it is done, then run this again';
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return `fix what its events name, then \`aws cloudformation continue-update-rollback ${name}\``;
  if (status === 'DELETE_FAILED' || status === 'ROLLBACK_FAILED')
    return `fix what its events name, then \`aws cloudformation delete-stack ${name}\``;
  // CDK deletes it by itself, unless it may not.
  if (status === 'ROLLBACK_COMPLETE' && isProtected)
    return `\`aws cloudformation update-termination-protection --no-enable-termination-protection ${name}\``;
  return undefined;
}
