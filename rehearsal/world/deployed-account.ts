// An account that stacks are deployed into, with AWS's services and no function that runs: what a deploy does, and what it
// leaves behind.
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { resourceSites } from '@keyturn/aws-model/cloudformation/sites';
import { type Deployed, Stack } from '@keyturn/aws-model/cloudformation/stack';
import { createAwsModel } from '@keyturn/aws-model/model';
import {
  type Assembly,
  physicalName,
  type Resource,
  readAssembly,
} from '@keyturn/aws-model/template/assembly';
import { AwsError } from '@keyturn/aws-model/wire/aws-error';
import { PolicyEngine } from '@keyturn/iam/engine';
import type { Environment } from '../../lib/config/config';
import { platformStackName, serverStackName } from '../../lib/config/names';
import { needed } from './needed';
import { prepareAccount } from './others';

/** One resource that AWS refuses to make. */
export interface Refusal {
  stack: string;
  logicalId: string;
}

export interface DeployedAccount {
  /**
   * As `cdk deploy --all` would: the platform first, and no further than a stack that fails. A stack whose creation failed before
   * is deleted first, unless it is protected.
   * @returns how each stack went that was tried
   */
  deploy(refusal?: Refusal): { stack: string; deployed: Deployed }[];
  /** What exists under a name of its own, and belongs to no stack any more. */
  leftBehind(): string[];
  close(): void;
}

export function stackNamesOf({ name, servers }: Environment): string[] {
  return [platformStackName(name), ...servers.map(server => serverStackName(name, server.name))];
}

/** @param seed decides in which order resources are made */
export function openAccount(
  assemblyDirectory: string,
  environment: Environment,
  seed: number,
): DeployedAccount {
  const random = seededRandom(seed);
  const clock = new VirtualClock(new Date('2027-01-01T00:00:00Z'));
  const { account, region } = environment;
  const engine = new PolicyEngine(account);
  const model = createAwsModel({
    virtual: clock,
    random,
    account,
    region,
    identify: () => undefined,
    authorize: engine.authorize,
    invokeLambda: async () => ({ ok: true, payload: null }),
  });
  prepareAccount({ model, engine }, environment, assemblyDirectory);
  const stackNames = stackNamesOf(environment);
  let assembly: Assembly;
  const sites = resourceSites({ model, engine, addFunction() {} }, () => assembly);
  const taken = new Set<string>();
  const stacks = new Map(stackNames.map(name => [name, new Stack(name, sites, taken, random)]));
  return {
    deploy(refusal) {
      const deployedSoFar = [...stacks.values()].flatMap(stack => stack.deployed);
      assembly = readAssembly(assemblyDirectory, stackNames, random, deployedSoFar);
      const tried: { stack: string; deployed: Deployed }[] = [];
      for (const name of stackNames) {
        const stack = needed(stacks.get(name), `the stack ${name}`);
        const resources = assembly.resources.filter(resource => resource.stack === name);
        const failAt = refusal?.stack === name ? refusal.logicalId : undefined;
        const deployed = deployLikeCdk(stack, resources, assembly.protectedStacks.includes(name), failAt);
        tried.push({ stack: name, deployed });
        if (deployed.failures.length) break;
      }
      return tried;
    },
    leftBehind() {
      const owned = [...stacks.values()].flatMap(stack => stack.deployed.map(physicalName));
      return [...taken].filter(name => !owned.includes(name));
    },
    close: () => clock.close(),
  };
}

function deployLikeCdk(
  stack: Stack,
  resources: Resource[],
  isProtected: boolean,
  failAt: string | undefined,
): Deployed {
  try {
    // The CLI deletes what a failed creation left, before it tries again.
    if (stack.status === 'ROLLBACK_COMPLETE') stack.delete(isProtected);
    return stack.deploy(resources, { failAt });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: stack.status, failures: [{ logicalId: stack.name, text: error.message }] };
  }
}
