import { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { readsStackName, watchName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { readsOf } from '../functions/watch-function';
import { followAccountRules } from './account-rules';

export interface ReadsStackProps {
  /** As `validateConfig` gave it. */
  readonly environment: Environment;
  /** Another one than the environment's, with replicas of its keys. */
  readonly region: string;
}

/**
 * Tells of reads of replicas in another region: EventBridge has events where they happen, so a rule there gives them to the
 * environment's own region, where one function looks at all of them.
 */
export class ReadsStack extends Stack {
  constructor(scope: Construct, id: string, { environment, region }: ReadsStackProps) {
    const { name, account, region: home, terminationProtection, rolePath } = environment;
    super(scope, id, {
      env: { account, region },
      stackName: readsStackName(name, region),
      description: `Tells Keyturn in ${home} who reads the replicas of the keys of ${name} in ${region}`,
      terminationProtection,
    });
    followAccountRules(this, environment, environment.tags);
    const bus = this.formatArn({
      service: 'events',
      region: home,
      resource: 'event-bus',
      resourceName: 'default',
    });
    const ruleName = watchName(name, 'replica-reads');
    const role = new Role(this, 'Role', {
      // IAM knows no regions.
      roleName: readsStackName(name, region),
      ...(rolePath && { path: rolePath }),
      description: `For EventBridge: tells Keyturn in ${home} of reads in ${region}`,
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: {
          ArnEquals: {
            'aws:SourceArn': this.formatArn({ service: 'events', resource: 'rule', resourceName: ruleName }),
          },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
      inlinePolicies: {
        tells: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'TellsHome', actions: ['events:PutEvents'], resources: [bus] }),
          ],
        }),
      },
    });
    new CfnRule(this, 'Reads', {
      name: ruleName,
      description: `Reads of the replicas of secrets of ${name}`,
      // Plain rules get no events of calls that only read.
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      eventPattern: readsOf(this, name, [region]),
      targets: [{ id: 'home', arn: bus, roleArn: role.roleArn }],
    });
  }
}
