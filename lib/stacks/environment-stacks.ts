import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { platformStackName, readsStackName, serverStackName } from '../config/aws/names';
import { openFunctions } from '../config/aws/regions';
import { type Environment, replicaRegions } from '../config/config';
import { crowdedWindows } from '../config/rules/crowding';
import { refuseOverLimits } from './limits';
import { PlatformStack } from './platform-stack';
import { ReadsStack } from './reads-stack';
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
  const reads = replicaRegions(environment).map(
    region => new ReadsStack(scope, readsStackName(environment.name, region), { environment, region }),
  );
  for (const stack of [platform, ...stacks, ...reads]) refuseOverLimits(stack, environment.name);
  for (const warning of crowdedWindows(environment)) {
    Annotations.of(platform).addWarningV2('keyturn:crowded-window', warning);
  }
  for (const warning of openFunctions(environment)) {
    Annotations.of(platform).addWarningV2('keyturn:open-functions', warning);
  }
}
