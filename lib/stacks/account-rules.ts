// What an account asks of every stack in it, whatever stands there: tags, and a boundary for roles.
import { type Stack, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Environment } from '../config/config';

/** Also of roles that the CDK makes by itself, such as those of custom resources. */
export function followAccountRules(
  stack: Stack,
  { permissionsBoundary }: Pick<Environment, 'permissionsBoundary'>,
  tags: Readonly<Record<string, string>> = {},
): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(stack).add(key, value);
  if (permissionsBoundary) {
    const boundary = ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', permissionsBoundary);
    PermissionsBoundary.of(stack).apply(boundary);
  }
}
