// What a function runs as: one inline policy, and a managed policy for each further group of providers.
import { Stack, Token, Validations } from 'aws-cdk-lib';
import {
  type CfnManagedPolicy,
  type CfnRole,
  ManagedPolicy,
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { functionName, groupPolicyName } from '../config/aws/names';
import type { KeyturnFunctionProps } from '../functions/keyturn-function';
import { noteUnusedGrants } from '../unused-grants';
import { keySecrets } from './provider-policies';
import { joinsVpc, unusedInVpc, vpcWildcards } from './vpc-access';

export function functionRole(
  scope: Construct,
  props: KeyturnFunctionProps,
  writesLog: PolicyStatement,
): Role {
  const { environment, providers } = props;
  const { vpc, rolePath } = environment;
  const name = functionName(environment.name, props.name);
  const groups = providers?.groups ?? [];
  const [first = [], ...others] = groups.map(group => granting(providers?.statements(group) ?? []));
  const attached = others.map(
    (statements, index) =>
      new ManagedPolicy(scope, `Providers${index + 2}`, {
        managedPolicyName: groupPolicyName(environment.name, props.name, index + 2),
        description: `What ${name} may do with some of its providers, for whom its own policy has no room`,
        statements,
      }),
  );
  const statements = [...first, ...granting(props.statements), ...(vpc ? joinsVpc(scope, vpc, name) : [])];
  const role = new Role(scope, 'Role', {
    roleName: name,
    ...(rolePath && { path: rolePath }),
    description: `Runs ${name}`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { keyturn: new PolicyDocument({ statements: [...statements, writesLog] }) },
    managedPolicies: attached,
  });
  const wildcards = {
    ...(vpc && vpcWildcards(scope)),
    ...ofProviders(scope, props),
    ...props.wildcards,
  };
  const unused = { ...props.unused, ...(vpc && unusedInVpc) };
  // An app without partition literals has a token there, and cdk-nag names it so.
  const { partition } = Stack.of(scope);
  for (const holder of [role, ...attached]) {
    for (const [pattern, reason] of Object.entries(wildcards)) {
      const named = Token.isUnresolved(partition) ? pattern.replace(partition, '<AWS::Partition>') : pattern;
      Validations.of(holder).acknowledge({ id: `AwsSolutions-IAM5[Resource::${named}]`, reason });
    }
    const resource = holder.node.defaultChild as CfnRole | CfnManagedPolicy;
    if (Object.keys(unused).length) noteUnusedGrants(resource, unused);
  }
  return role;
}

function ofProviders(
  scope: Construct,
  { environment, providers }: KeyturnFunctionProps,
): Record<string, string> {
  return Object.fromEntries(
    keySecrets(scope, environment.name, providers?.groups.flat() ?? []).map(keys => [
      keys,
      'Exactly the keys of one provider; server stacks add and remove some without this stack.',
    ]),
  );
}

/** Those that name a resource: an environment whose last key has gone has no provider either. */
function granting(statements: readonly PolicyStatement[]): PolicyStatement[] {
  return statements.filter(({ resources }) => resources.length);
}
