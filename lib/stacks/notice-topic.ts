import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnTopicPolicy, Topic, TopicPolicy } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type TopicName, topicName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { denyAllBut } from '../deny-all-but';
import { noteUnusedGrants } from '../unused-grants';

export interface NoticeTopicProps {
  readonly environment: Environment;
  readonly name: TopicName;
  /** Names of the alarms that tell it; `*` matches within a name. Whoever may make alarms could otherwise write to people by it. @default - none */
  readonly alarms?: readonly string[];
  /** ARNs of roles that may publish if their own policies allow it; no other can. @default - nobody */
  readonly tellers?: readonly string[];
  /** Its policy must let CloudWatch use it, or alarms vanish. @default - the topic needs no key, and works where that one does not */
  readonly key?: IKey;
}

/** A topic for what people and machines must hear of this environment. */
export class NoticeTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: NoticeTopicProps) {
    super(scope, id);
    const { environment, name, alarms = [], tellers = [], key } = props;
    this.topic = new Topic(this, 'Topic', {
      topicName: topicName(environment.name, name),
      ...(key && { masterKey: key }),
    });
    const resources = [this.topic.topicArn];
    const statements = [
      ...(alarms.length ? [this.alarmsPublish(alarms)] : []),
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
    if (alarms.length)
      noteUnusedGrants(access.node.defaultChild as CfnTopicPolicy, {
        AlarmsPublish: 'On a normal day no alarm goes off.',
      });
  }

  private alarmsPublish(alarms: readonly string[]): PolicyStatement {
    const { partition, region, account } = Stack.of(this);
    return new PolicyStatement({
      sid: 'AlarmsPublish',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [this.topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: {
          'aws:SourceArn': alarms.map(
            name => `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`,
          ),
        },
      },
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
