import { Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { groupedBy } from '../../core/grouped-by';
import { federationPolicyName } from '../config/aws/names';
import type { FederatedKey } from '../config/config';
import { federationFor } from '../config/providers';

export interface FederationPolicyProps {
  readonly environment: string;
  readonly server: string;
  readonly federations: readonly FederatedKey[];
}

/**
 * Lets a server prove its role to the providers that accept it, and to nobody else. For the team to attach to the server's role, as
 * the policy for its counts.
 */
export class FederationPolicy extends Construct {
  constructor(scope: Construct, id: string, { environment, server, federations }: FederationPolicyProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: federationPolicyName(environment, server),
      description: `For the role of the MCP server ${server} in ${environment}: proves the role to providers, in place of keys`,
      statements: provesRole(federations),
    });
    Validations.of(policy).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason: provesRoleReason });
  }
}

/**
 * One statement for each audience. A JWT with tags of the caller's choice needs sts:TagGetWebIdentityToken as well, which nobody
 * gets.
 */
export function provesRole(federations: readonly FederatedKey[]): PolicyStatement[] {
  const wishes = federations.flatMap(({ address: { provider }, settings }) => {
    const federation = federationFor(provider);
    if (!federation) return [];
    const { algorithm, identitySeconds } = federation;
    return [{ provider, audience: federation.audience(settings), algorithm, seconds: identitySeconds }];
  });
  const byWish = groupedBy(wishes, ({ provider: _, ...wish }) => JSON.stringify(wish));
  return [...byWish.values()].flatMap(([wish], at) =>
    wish
      ? new PolicyStatement({
          sid: `ProvesRole${at + 1}`,
          actions: ['sts:GetWebIdentityToken'],
          resources: ['*'],
          conditions: {
            'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': wish.audience },
            // For all of none would be true.
            Null: { 'sts:IdentityTokenAudience': 'false' },
            StringEquals: { 'sts:SigningAlgorithm': wish.algorithm },
            NumericLessThanEquals: { 'sts:DurationSeconds': wish.seconds },
          },
        })
      : [],
  );
}

/** Why that is no single resource. */
export const provesRoleReason =
  'GetWebIdentityToken knows no resource; the conditions name the only audiences, how the JWT is signed and how long it holds.';
