import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnTopicPolicy, Topic, TopicPolicy } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { type TopicName, topicName } from '../config/names';
import { denyAllBut } from '../deny-all-but';
import { noteUnusedGrants } from '../unused-grants';

export type NoticePublisher = 'alarms' | 'event-rules';

const sids = { alarms: 'AlarmsPublish', 'event-rules': 'EventRulesPublish' };

export interface NoticeTopicProps {
  readonly environment: Environment;
  readonly name: TopicName;
  /** Services that may publish. */
  readonly publishers: readonly NoticePublisher[];
  /** ARNs of roles that may publish if their own policies allow it; no other can. @default - nobody */
  readonly tellers?: readonly string[];
  /** Its policy must let CloudWatch and EventBridge use it, or their notices vanish. */
  readonly key: IKey;
}

/** A topic for this account's alarms and event rules, encrypted under the environment's key. */
export class NoticeTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: NoticeTopicProps) {
    super(scope, id);
    const { environment, name, publishers, tellers = [], key } = props;
    this.topic = new Topic(this, 'Topic', { topicName: topicName(environment.name, name), masterKey: key });
    const resources = [this.topic.topicArn];
    const statements = [
      ...publishers.map(publisher => this.mayPublish(publisher)),
      denyAllBut(tellers, { sid: 'OnlyKeyturnTells', actions: ['sns:Publish'], resources }),
      denyAllBut([...deployersOf(this, environment), ...environment.admins], {
        sid: 'OnlyDeploymentsChange',
        actions: [
          'sns:SetTopicAttributes',
          // It can refuse or mask what is published.
          'sns:PutDataProtectionPolicy',
          'sns:AddPermission',
          'sns:RemovePermission',
          'sns:DeleteTopic',
        ],
        resources,
      }),
      this.onlyEncrypted(),
    ];
    const access = new TopicPolicy(this, 'Access', {
      topics: [this.topic],
      policyDocument: new PolicyDocument({ statements }),
    });
    noteUnusedGrants(
      access.node.defaultChild as CfnTopicPolicy,
      Object.fromEntries(publishers.map(publisher => [sids[publisher], 'A normal day has nothing to tell.'])),
    );
  }

  private mayPublish(publisher: NoticePublisher): PolicyStatement {
    const publish = { actions: ['sns:Publish'], resources: [this.topic.topicArn] };
    if (publisher === 'alarms') {
      return new PolicyStatement({
        ...publish,
        sid: sids.alarms,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      });
    }
    // Without a condition: EventBridge documents none for topics, and a rule reaches topics of its own account only.
    return new PolicyStatement({
      ...publish,
      sid: sids['event-rules'],
      principals: [new ServicePrincipal('events.amazonaws.com')],
    });
  }

  private onlyEncrypted(): PolicyStatement {
    return new PolicyStatement({
      sid: 'OnlyEncrypted',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sns:Publish'],
      resources: [this.topic.topicArn],
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  }
}
