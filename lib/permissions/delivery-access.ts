// What it takes to bring keys to the places that a configuration names: to these, and to no others.
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { groupedBy } from '../../core/grouped-by';
import type { Grant } from '../../targets/target';
import { isHandedOver, targetOf } from '../../targets/targets';
import { deliveredKeys, type Environment, type Key } from '../config/config';
import { providerGroups } from '../config/provider-groups';
import type { ProviderName } from '../config/providers';
import { keySecrets, type ProviderAccess } from './provider-policies';

interface DeliveryAccess {
  /** For the places themselves. */
  statements: PolicyStatement[];
  providers: ProviderAccess;
  wildcards: Record<string, string>;
  unused: Record<string, string>;
}

export function deliveryAccess(scope: Construct, environment: Environment): DeliveryAccess {
  const { name, account, region } = environment;
  const home = { partition: Stack.of(scope).partition, account, region };
  const keys = deliveredKeys(environment);
  const grants = keys
    .flatMap(({ spec }) => spec.deliverTo ?? [])
    .flatMap(place => targetOf(place).grants(place, home));
  // Which of a provider's keys it may read, the policies of their secrets say.
  const secretsOf = (group: readonly ProviderName[], which: readonly Key[]) =>
    keySecrets(
      scope,
      name,
      group.filter(provider => which.some(({ address }) => address.provider === provider)),
    );
  return {
    statements: statementsOf(grants),
    providers: {
      groups: providerGroups(environment, 'deliver'),
      statements: group => [
        new PolicyStatement({
          sid: 'Keys',
          actions: ['secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'],
          resources: secretsOf(group, keys),
        }),
        new PolicyStatement({
          sid: 'HandsOver',
          actions: ['secretsmanager:GetSecretValue'],
          resources: secretsOf(
            group,
            keys.filter(({ spec }) => isHandedOver(spec)),
          ),
        }),
      ],
    },
    wildcards: Object.fromEntries(
      grants.flatMap(({ resources, wildcard }) =>
        wildcard ? resources.filter(each => each.includes('*')).map(each => [each, wildcard]) : [],
      ),
    ),
    unused: {
      'secretsmanager:ListSecretVersionIds': 'Only asked of a key that has never rotated.',
      ...Object.fromEntries(grants.flatMap(({ sid, unused }) => (unused ? [[sid, unused]] : []))),
    },
  };
}

/** Those of one kind in one statement. */
function statementsOf(grants: readonly Grant[]): PolicyStatement[] {
  return [...groupedBy(grants, ({ sid }) => sid)].map(
    ([sid, alike]) =>
      new PolicyStatement({
        sid,
        actions: [...new Set(alike.flatMap(({ actions }) => actions))],
        resources: [...new Set(alike.flatMap(({ resources }) => resources))],
        ...(alike[0]?.conditions && { conditions: alike[0].conditions }),
      }),
  );
}
