import { Annotations, CfnResource, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { KeyturnError } from '../../core/errors';
import type { Environment } from '../config/config';
import { crowdedWindows } from '../config/crowding';
import { platformStackName, serverStackName } from '../config/names';
import { openFunctions } from '../config/regions';
import { PlatformStack } from './platform-stack';
import { ServerStack } from './server-stack';

/** The stacks of one environment: one for the platform, and one per MCP server, so that teams deploy apart. */
export function addEnvironmentStacks(scope: Construct, environment: Environment): void {
  const platform = new PlatformStack(scope, platformStackName(environment.name), { environment });
  const stacks = environment.servers.map(server => {
    const stack = new ServerStack(scope, serverStackName(environment.name, server.name), {
      environment,
      server,
    });
    // Secrets Manager checks that it may call a rotation function when a schedule names it.
    stack.addStackDependency(platform);
    return stack;
  });
  for (const stack of [platform, ...stacks]) refuseTooMany(stack, environment.name);
  for (const warning of crowdedWindows(environment)) {
    Annotations.of(platform).addWarningV2('keyturn:crowded-window', warning);
  }
  for (const warning of openFunctions(environment)) {
    Annotations.of(platform).addWarningV2('keyturn:open-functions', warning);
  }
}

/** CloudFormation's quota for a stack. */
const resourcesAtMost = 500;

/** @throws {KeyturnError} bad-config, where AWS would refuse the stack for its size */
function refuseTooMany(stack: Stack, environment: string): void {
  const count = stack.node.findAll().filter(CfnResource.isCfnResource).length;
  if (count <= resourcesAtMost) return;
  throw new KeyturnError(
    'bad-config',
    `${environment}: stack ${stack.stackName} has ${count} resources, and CloudFormation takes ${resourcesAtMost}; divide its keys among several servers`,
  );
}
