// What every resource type's deployer has in its hands.

import type { PolicyEngine, PolicySource } from '@keyturn/iam/engine';
import type { AwsModel } from '../model';
import type { Assembly, Resource } from './assembly';
import { attributeOf } from './identity';

/** What whoever runs functions is told of one. */
export interface RunnableFunction {
  name: string;
  roleArn: string;
  /** Directory with the synthesized code. */
  codeDirectory: string;
  /** `<file>.<export>`, as in the template. */
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  /** A process that goes on between calls, as a container does; a function is frozen. @default false */
  isService?: boolean;
}

export interface Sites {
  model: AwsModel;
  engine: PolicyEngine;
  addFunction(definition: RunnableFunction): void;
  /** Why grants of a resource's policies may stay unused, as its metadata says: Sid or action -> reason. */
  readUnusedGrants?(metadata: Record<string, unknown>): Record<string, string> | undefined;
}

export type Deployer = (resource: Resource, sites: Sites, assembly: Assembly) => void;

/** What `Fn::GetAtt` gives, where the resource's type has it in any case. */
export function known(resource: Resource, attribute: string): string {
  const value = attributeOf(resource, attribute);
  if (value !== undefined) return value;
  throw new Error(
    `${resource.path} (${resource.type}) has no attribute ${attribute}; give it one in template/resource-types.ts`,
  );
}

export function policySource({ path, metadata }: Resource, document: object, sites: Sites): PolicySource {
  return { path, document, unused: sites.readUnusedGrants?.(metadata) };
}
