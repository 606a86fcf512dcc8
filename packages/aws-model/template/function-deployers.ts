// Functions, and who may call them.
import { checkFunctionPolicy, grown } from '../lambda/function-policy';
import type { LambdaFunction } from '../lambda/functions';
import type { Resource } from './assembly';
import { type Deployer, known, policySource, type Sites } from './deployer';

export const functionDeployers: Record<string, Deployer> = {
  'AWS::Lambda::Function': (resource, { model, addFunction }, assembly) => {
    const { properties, ref } = resource;
    const { TargetArn } = (properties.DeadLetterConfig ?? {}) as { TargetArn?: string };
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
    model.functions.add({
      name: ref,
      arn: known(resource, 'Arn'),
      roleArn: String(properties.Role),
      deadLetterArn: TargetArn,
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
    });
    putFunctionPolicy(resource, definition, policy, sites);
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
