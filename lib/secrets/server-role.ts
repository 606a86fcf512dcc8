import { Stack, Validations } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyDocument, PrincipalWithConditions, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { serverRoleName } from '../config/aws/names';
import type { Environment, FederatedKey } from '../config/config';
import { provesRole, provesRoleReason } from './federation-policy';
import { countsUse, countsUseReason } from './usage-policy';

export interface ServerRoleProps {
  readonly environment: Pick<Environment, 'name' | 'rolePath'>;
  readonly server: string;
  /** ARN of the role that the server runs as in another account. */
  readonly assumedBy: string;
  /** What it proves itself to. */
  readonly federations: readonly FederatedKey[];
}

/**
 * With which a server of another account reads its keys: so all that says who reads what names roles of one account alone. Its
 * account's root is the principal, since a role that is made anew would be another one; the condition leaves one role of it.
 */
export class ServerRole extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, server, assumedBy, federations }: ServerRoleProps,
  ) {
    super(scope, id);
    const { name, rolePath } = environment;
    const account = `arn:${Stack.of(this).partition}:iam::${assumedBy.split(':')[4]}:root`;
    const role = new Role(this, 'Role', {
      roleName: serverRoleName(name, server),
      ...(rolePath && { path: rolePath }),
      description: `For the MCP server ${server}, which runs in another account: reads its keys of ${name}`,
      assumedBy: new PrincipalWithConditions(new ArnPrincipal(account), {
        ArnEquals: { 'aws:PrincipalArn': assumedBy },
      }),
      inlinePolicies: {
        usage: new PolicyDocument({ statements: [countsUse({ environment: name, server })] }),
        ...(federations.length && {
          federation: new PolicyDocument({ statements: provesRole(federations) }),
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: federations.length ? `${countsUseReason} ${provesRoleReason}` : countsUseReason,
    });
  }
}
