// What an account asks of every stack in it, whatever stands there: tags, and a boundary for roles.
import { Aspects, type IAspect, Stack, Tags } from 'aws-cdk-lib';
import { CfnAlarm, CfnCompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Environment } from '../config/config';

/** Also of roles that the CDK makes by itself, such as those of custom resources. */
export function followAccountRules(
  stack: Stack,
  { permissionsBoundary, notify: { topics = [] } }: Pick<Environment, 'permissionsBoundary' | 'notify'>,
  tags: Readonly<Record<string, string>> = {},
): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(stack).add(key, value);
  if (permissionsBoundary) {
    const boundary = ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', permissionsBoundary);
    PermissionsBoundary.of(stack).apply(boundary);
  }
  const hearAlarms = topics.flatMap(({ arn, gets }) => (gets === 'alarms' ? arn : []));
  if (hearAlarms.length) Aspects.of(stack).add(new TellsAlso(hearAlarms));
}

/** Whatever alarm tells somebody tells these topics, too. */
class TellsAlso implements IAspect {
  constructor(private readonly topics: readonly string[]) {}

  visit(node: IConstruct): void {
    if (!(node instanceof CfnAlarm || node instanceof CfnCompositeAlarm)) return;
    for (const property of ['AlarmActions', 'OKActions'] as const) {
      const told: unknown = Stack.of(node).resolve(
        property === 'AlarmActions' ? node.alarmActions : node.okActions,
      );
      if (Array.isArray(told) && told.length) node.addPropertyOverride(property, [...told, ...this.topics]);
    }
  }
}
