import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { minuteMs } from '../../../core/time';
import { mailOf } from '../../../rehearsal/scenarios/parts/incidents';
import { account, rehearsedAttack } from '../attack';
import { denials, foreignRole, statements, unlessDenied } from '../support/foreign';

const topicOf = (name: string) => `arn:aws:sns:eu-central-1:${account}:${name}`;

export const attack = rehearsedAttack({
  about:
    'a role that may do anything with SNS subscribes the emergency function to a topic of its own, and publishes to the topics of Keyturn',
  guards: [
    statements(
      'AWS::Lambda::ResourcePolicy',
      ({ Sid }) => Sid === 'Alarms',
      statement => delete statement.Condition,
    ),
    denials('AWS::SNS::TopicPolicy'),
  ],
  async play(context) {
    const { world } = context;
    const sns = new SNSClient(foreignRole(context, ['sns:*', 'kms:*']));
    world.model.topics.addTopic({ name: 'mine' });
    world.model.topics.subscribe({
      topicArn: topicOf('mine'),
      protocol: 'lambda',
      endpoint: `arn:aws:lambda:eu-central-1:${account}:function:keyturn-prod-emergency-revoke`,
    });
    const published: string[] = [];
    for (const name of ['mine', 'keyturn-prod-alarms', 'keyturn-prod-oncall']) {
      const message = new PublishCommand({ TopicArn: topicOf(name), Message: '{"NewStateValue":"ALARM"}' });
      if ((await unlessDenied(context, () => sns.send(message))) && name !== 'mine') published.push(name);
    }
    await context.pass(10 * minuteMs);
    const ran = mailOf(context).filter(({ subject }) => subject.includes('refused')).length;
    return ran || published.length
      ? `the emergency function ran ${ran} times, and took to topics: ${published.join(', ')}`
      : undefined;
  },
});
