// Functions, and who may call them.

import { checkFunctionPolicy, grown } from '../lambda/function-policy';
import type { LambdaFunction } from '../lambda/functions';
import { arnIn, assumedRoleArn } from '../shared/arn';
import { AwsError } from '../wire/aws-error';
import type { Assembly, Resource } from './assembly';
import { type Deployer, known, policySource, type Sites } from './deployer';

export const functionDeployers: Record<string, Deployer> = {
  'AWS::Lambda::Function': (resource, sites, assembly) => {
    const { model, addFunction } = sites;
    const { properties, ref } = resource;
    if (properties.VpcConfig) joinVpc(resource, sites, assembly);
    const { TargetArn } = (properties.DeadLetterConfig ?? {}) as { TargetArn?: string };
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
    model.functions.add({
      name: ref,
      arn: known(resource, 'Arn'),
      roleArn: String(properties.Role),
      environment: Variables,
      deadLetterArn: TargetArn,
      reservedConcurrency: properties.ReservedConcurrentExecutions as number | undefined,
    });
    addFunction({
      name: ref,
      roleArn: String(properties.Role),
      codeDirectory: assembly.codeDirectory(resource),
      handler: String(properties.Handler),
      timeoutSeconds: Number(properties.Timeout ?? 3),
      memoryMb: Number(properties.MemorySize ?? 128),
      environment: Variables,
    });
  },
  'AWS::Lambda::EventInvokeConfig': ({ properties }, { model }) => {
    const definition = model.functions.need(String(properties.FunctionName));
    const { OnFailure } = (properties.DestinationConfig ?? {}) as { OnFailure?: { Destination: string } };
    model.functions.add({
      ...definition,
      maximumRetryAttempts: properties.MaximumRetryAttempts as number | undefined,
      maximumEventAgeSeconds: properties.MaximumEventAgeInSeconds as number | undefined,
      onFailureArn: OnFailure?.Destination,
    });
  },
  'AWS::Lambda::Url': ({ path, properties }, { model }) => {
    if (properties.AuthType !== 'NONE')
      throw new Error(
        `${path} has AuthType ${properties.AuthType}, which lambda/function-url.ts does not play`,
      );
    model.functions.add({
      ...model.functions.need(String(properties.TargetFunctionArn)),
      urlAuthType: properties.AuthType,
    });
  },
  'AWS::Lambda::Permission': (resource, sites, assembly) => {
    const { model } = sites;
    const { logicalId, properties } = resource;
    const definition = model.functions.need(String(properties.FunctionName));
    if (assembly.resources.some(other => putsPolicyOf(other, definition.arn)))
      throw new Error(
        `${resource.path} grants what the AWS::Lambda::ResourcePolicy of ${definition.name} takes away again, since that replaces the whole policy; grant it there`,
      );
    const policy = grown(definition.policy, definition.arn, {
      id: logicalId,
      action: String(properties.Action),
      principal: String(properties.Principal),
      sourceAccount: properties.SourceAccount as string | undefined,
      sourceArn: properties.SourceArn as string | undefined,
      functionUrlAuthType: properties.FunctionUrlAuthType as string | undefined,
      invokedViaFunctionUrl: properties.InvokedViaFunctionUrl as boolean | undefined,
    });
    // The policy grows by one statement for each of these, and each has reasons of its own.
    const unused = assembly.resources
      .filter(
        ({ type, properties: { FunctionName } }) =>
          type === resource.type && FunctionName === properties.FunctionName,
      )
      .flatMap(other => {
        const reason = sites.readUnusedGrants?.(other.metadata)?.[String(other.properties.Action)];
        return reason ? [[other.logicalId, reason] as const] : [];
      });
    putFunctionPolicy(resource, definition, policy, {
      ...sites,
      readUnusedGrants: () => Object.fromEntries(unused),
    });
  },
  'AWS::Lambda::ResourcePolicy': (resource, sites) => {
    const { PolicyDocument, ResourceArn } = resource.properties;
    const definition = sites.model.functions.need(String(ResourceArn));
    if (definition.policy)
      throw new Error(
        `${resource.path} replaces a policy that ${definition.name} has already; write one AWS::Lambda::ResourcePolicy for it`,
      );
    const policy = typeof PolicyDocument === 'string' ? PolicyDocument : JSON.stringify(PolicyDocument);
    checkFunctionPolicy(policy, definition.arn);
    putFunctionPolicy(resource, definition, policy, sites);
  },
};

/** Lambda makes the network interfaces as the function's role. @throws {AwsError} where that may not */
function joinVpc({ ref, properties }: Resource, { engine }: Sites, home: Assembly): void {
  const { SubnetIds, SecurityGroupIds } = properties.VpcConfig as Record<string, string[] | undefined>;
  const role = String(properties.Role).split('/').at(-1);
  const may = (call: string, resource: string) =>
    engine.authorize({
      caller: { arn: assumedRoleArn(home, String(role), ref), kind: 'role' },
      action: `ec2:${call}`,
      resource,
      context: {},
      resourceTags: {},
    }).allowed;
  const ec2 = (resource: string) => arnIn(home, 'ec2', resource);
  const touched = [
    ...(SubnetIds ?? []).map(id => ec2(`subnet/${id}`)),
    ...(SecurityGroupIds ?? []).map(id => ec2(`security-group/${id}`)),
    ec2('network-interface/*'),
  ];
  const needed: [call: string, resources: string[]][] = [
    ['CreateNetworkInterface', touched],
    ['DescribeNetworkInterfaces', ['*']],
    ['DescribeSubnets', ['*']],
    ['DeleteNetworkInterface', [ec2('network-interface/*')]],
  ];
  for (const [call, resources] of needed)
    if (!resources.every(resource => may(call, resource)))
      throw new AwsError(
        'InvalidParameterValueException',
        `The provided execution role does not have permissions to call ${call} on EC2`,
      );
}

function putsPolicyOf({ type, properties }: Resource, functionArn: string): boolean {
  return type === 'AWS::Lambda::ResourcePolicy' && properties.ResourceArn === functionArn;
}

function putFunctionPolicy(
  resource: Resource,
  definition: LambdaFunction,
  policy: string,
  sites: Sites,
): void {
  sites.model.functions.add({ ...definition, policy });
  sites.engine.addResourcePolicy(definition.arn, policySource(resource, JSON.parse(policy) as object, sites));
}
