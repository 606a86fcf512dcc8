// The stacks of an environment as `cdk deploy --all` leads them through their lives, and what they leave behind.
import { resourceSites } from '@keyturn/aws-model/cloudformation/sites';
import { type Deployed, Stack } from '@keyturn/aws-model/cloudformation/stack';
import {
  type Assembly,
  executionRoleOf,
  type Resource,
  readAssembly,
} from '@keyturn/aws-model/template/assembly';
import type { Sites } from '@keyturn/aws-model/template/deployer';
import { physicalName } from '@keyturn/aws-model/template/physical-name';
import { AwsError } from '@keyturn/aws-model/wire/aws-error';
import type { Caller } from '@keyturn/iam/request';
import { platformStackName, readsStackName, serverStackName } from '../../../lib/config/aws/names';
import { type Environment, replicaRegions } from '../../../lib/config/config';
import { needed } from '../needed';

/** One resource that AWS refuses to make. */
export interface Refusal {
  stack: string;
  logicalId: string;
}

export interface DeployedStack {
  stack: string;
  deployed: Deployed;
}

export interface Stacks {
  /**
   * As `cdk deploy --all` would: the platform first, and no further than a stack that fails. A stack whose creation failed before
   * is deleted first, unless it is protected.
   * @param directory of the cloud assembly
   * @returns how each stack went that was tried
   */
  deploy(directory: string, environment: Environment, refusal?: Refusal): Promise<DeployedStack[]>;
  /** As `cdk destroy <name>` would. */
  destroy(name: string): Promise<Deployed>;
  /** What exists under a name of its own, and belongs to no stack any more: `AWS::Logs::LogGroup /aws/lambda/...`. */
  leftBehind(): string[];
  /** A person deletes what no stack has any more, and the model does not play. */
  deleteByHand(name: string): void;
}

export function stackNamesOf(environment: Environment): string[] {
  const { name, servers } = environment;
  return [
    platformStackName(name),
    ...servers.map(server => serverStackName(name, server.name)),
    ...replicaRegions(environment).map(region => readsStackName(name, region)),
  ];
}

/** ARN of the role through which the stacks are deployed. */
export function deployerRole(directory: string, { name, deployers = [] }: Environment): string {
  return needed(deployers[0] ?? executionRoleOf(directory, platformStackName(name)), 'a role that deploys');
}

/** CloudFormation, which acts as that role. */
export function asDeployer(role: string): Caller {
  const [, partition, , , account] = role.split(':');
  const sessionName = 'AWSCloudFormation';
  const name = role.slice(role.lastIndexOf('/') + 1);
  const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
  return { arn, kind: 'role', sessionName };
}

/** @param first what stands there already, all of it */
export function openStacks(sites: Sites, random: () => number, first?: Assembly): Stacks {
  let assembly: Assembly;
  const deployed = first?.resources ?? [];
  /** The newest first: a rollback needs the code of one before. */
  const assemblies = first ? [first] : [];
  const { model } = sites;
  const resources = resourceSites(sites, () => assembly);
  const taken = new Set<string>();
  const stacks = new Map<string, Stack>();
  const open = (name: string): Stack => {
    const known = stacks.get(name);
    if (known) return known;
    const there = deployed.filter(({ stack }) => stack === name);
    const stack = new Stack(name, resources, taken, random, there);
    stacks.set(name, stack);
    model.stackRegister.add(stack);
    return stack;
  };
  for (const { stack } of deployed) open(stack);
  const secretType = 'AWS::SecretsManager::Secret ';

  /** Names of secrets are free again once the secret is gone, by whatever hand. */
  function forgetDeletedSecrets(): void {
    const there = new Set(model.secretsManager.secrets().map(({ name }) => name));
    for (const name of taken)
      if (name.startsWith(secretType) && !there.has(name.slice(secretType.length))) taken.delete(name);
  }

  return {
    async deploy(directory, environment, refusal) {
      const names = stackNamesOf(environment);
      forgetDeletedSecrets();
      const deployedSoFar = [...stacks.values()].flatMap(stack => stack.deployed);
      const read = readAssembly(directory, names, random, deployedSoFar);
      assemblies.unshift(read);
      assembly = { ...read, codeDirectory: code => codeIn(assemblies, code) };
      const tried: DeployedStack[] = [];
      for (const name of names) {
        const wanted = assembly.resources.filter(resource => resource.stack === name);
        const failAt = refusal?.stack === name ? refusal.logicalId : undefined;
        const isProtected = assembly.protectedStacks.includes(name);
        const deployed = await deployLikeCdk(open(name), wanted, isProtected, failAt);
        tried.push({ stack: name, deployed });
        if (deployed.status !== 'CREATE_COMPLETE' && deployed.status !== 'UPDATE_COMPLETE') break;
      }
      return tried;
    },
    destroy: name => open(name).delete(),
    deleteByHand: name => void taken.delete(name),
    leftBehind() {
      const owned = [...stacks.values()].flatMap(stack => stack.deployed.map(physicalName));
      return [...taken].filter(name => !owned.includes(name));
    },
  };
}

function codeIn(assemblies: readonly Assembly[], lambdaFunction: Resource): string {
  const holder = assemblies.find(assembly => assembly.hasCode(lambdaFunction));
  return needed(holder, `an assembly with the code of ${lambdaFunction.path}`).codeDirectory(lambdaFunction);
}

async function deployLikeCdk(
  stack: Stack,
  resources: Resource[],
  isProtected: boolean,
  failAt: string | undefined,
): Promise<Deployed> {
  try {
    // The CLI deletes what a failed creation left, before it tries again.
    if (stack.status === 'ROLLBACK_COMPLETE') await stack.delete(isProtected);
    return await stack.deploy(resources, { failAt });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: stack.status, failures: [{ logicalId: stack.name, text: error.message }] };
  }
}
