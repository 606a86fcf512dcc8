// What roles may do that reach every provider of an environment, by groups of providers.
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { secretArn } from '../config/aws/arns';
import { providerSecrets } from '../config/aws/names';
import type { ProviderName } from '../config/providers';
import type { IssuerArns } from '../secrets/issuer-secret';

export interface ProviderAccess {
  /** As `providerGroups` gave them. */
  readonly groups: readonly (readonly ProviderName[])[];
  /** What the role may do with one group; each with a Sid. */
  statements(group: readonly ProviderName[]): PolicyStatement[];
}

/** Patterns of their keys' secrets, one for each. */
export function keySecrets(scope: Construct, environment: string, group: readonly ProviderName[]): string[] {
  return group.map(provider => secretArn(scope, providerSecrets(environment, provider)));
}

/** Of those that have one. */
export function issuerSecrets(issuerArns: IssuerArns, group: readonly ProviderName[]): string[] {
  return group.flatMap(provider => issuerArns.get(provider) ?? []);
}
