import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SubscriptionFromTemplate } from '../sns/subscription';
import { type LocalAws, lambdaArn, openLocalAws } from './support/local-aws';

const TopicArn = 'arn:aws:sns:eu-west-1:111111111111:alarms';
const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:${name}`;
let aws: LocalAws;
let sns: SNSClient;
let received: { Records: { Sns: Record<string, unknown> }[] }[];

beforeEach(async () => {
  aws = await openLocalAws();
  sns = new SNSClient(aws.as('publisher'));
  received = [];
  aws.addFunction('revoke', event => void received.push(event));
  aws.model.topics.addTopic({ name: 'alarms' });
});
afterEach(() => aws.close());

const subscribe = (subscription: Partial<SubscriptionFromTemplate> = {}) =>
  aws.model.topics.subscribe({
    topicArn: TopicArn,
    protocol: 'lambda',
    endpoint: lambdaArn('revoke'),
    ...subscription,
  });
const publish = (Message: string, extra = {}) =>
  sns.send(new PublishCommand({ TopicArn, Message, ...extra }));

describe('SNS to Lambda', () => {
  test('has the recorded shape: Url spelled for Lambda, Subject null, one record', async () => {
    subscribe();
    const { MessageId } = await publish('{"a":1}');
    await aws.passMs(0);
    expect(received).toEqual([
      {
        Records: [
          {
            EventSource: 'aws:sns',
            EventVersion: '1.0',
            EventSubscriptionArn: expect.stringMatching(`^${TopicArn}:[0-9a-f-]{36}$`),
            Sns: {
              Type: 'Notification',
              MessageId,
              TopicArn,
              Subject: null,
              Message: '{"a":1}',
              Timestamp: '2026-11-23T00:00:00.000Z',
              SignatureVersion: '1',
              Signature: expect.any(String),
              SigningCertUrl: expect.any(String),
              UnsubscribeUrl: expect.any(String),
              MessageAttributes: {},
            },
          },
        ],
      },
    ]);
  });

  test('attributes arrive with type and value', async () => {
    subscribe();
    await publish('x', {
      Subject: 'News',
      MessageAttributes: { tier: { DataType: 'String', StringValue: 'high' } },
    });
    await aws.passMs(0);
    expect(received[0]!.Records[0]!.Sns).toMatchObject({
      Subject: 'News',
      MessageAttributes: { tier: { Type: 'String', Value: 'high' } },
    });
  });

  test('the function is invoked by sns.amazonaws.com for the topic', async () => {
    subscribe();
    await publish('x');
    await aws.passMs(0);
    expect(aws.asked.at(-1)).toMatchObject({
      caller: { service: 'sns.amazonaws.com' },
      action: 'lambda:InvokeFunction',
      context: { 'aws:SourceArn': TopicArn, 'aws:SourceAccount': '111111111111' },
    });
  });

  test.each(['a missing permission', 'a deleted function'])(
    '%s loses the message, unless the subscription has dead letters',
    async what => {
      aws.model.queues.add({ name: 'dlq' });
      if (what.includes('deleted')) aws.model.functions.remove('revoke');
      else
        aws.rules.decide = ({ action }) =>
          action === 'lambda:InvokeFunction' ? { allowed: false, message: 'no' } : { allowed: true };
      subscribe({ deadLetterArn: queueArn('dlq') });
      subscribe();
      await publish('kept');
      await aws.passMs(0);
      expect(received).toEqual([]);
      expect(aws.model.queues.messages('dlq').map(({ body }) => JSON.parse(body).Message)).toEqual(['kept']);
    },
  );
});

describe('filter policies', () => {
  const tier = {
    MessageAttributes: {
      tier: { DataType: 'String', StringValue: 'high' },
      n: { DataType: 'Number', StringValue: '5' },
    },
  };
  test.each<[string, Partial<SubscriptionFromTemplate>, string, object, number]>([
    ['attributes match', { filterPolicy: { tier: ['high'] } }, 'x', tier, 1],
    ['attributes differ', { filterPolicy: { tier: ['low'] } }, 'x', tier, 0],
    ['number attributes are numbers', { filterPolicy: { n: [{ numeric: ['>', 4] }] } }, 'x', tier, 1],
    [
      'an alarm carries no attributes, so the default scope drops it',
      { filterPolicy: { NewStateValue: ['ALARM'] } },
      '{"NewStateValue":"ALARM"}',
      {},
      0,
    ],
    [
      'the body matches',
      { filterPolicy: { NewStateValue: ['ALARM'] }, filterPolicyScope: 'MessageBody' },
      '{"NewStateValue":"ALARM"}',
      {},
      1,
    ],
    [
      'the body differs',
      { filterPolicy: { NewStateValue: ['ALARM'] }, filterPolicyScope: 'MessageBody' },
      '{"NewStateValue":"OK"}',
      {},
      0,
    ],
    [
      'the body is no JSON',
      { filterPolicy: { NewStateValue: ['ALARM'] }, filterPolicyScope: 'MessageBody' },
      'ALARM',
      {},
      0,
    ],
  ])('%s', async (_fact, subscription, message, extra, count) => {
    subscribe(subscription);
    await publish(message, extra);
    await aws.passMs(0);
    expect(received).toHaveLength(count);
  });
});

describe('other subscribers', () => {
  test('queues get a notification, or the bare message', async () => {
    for (const [name, rawMessageDelivery] of [
      ['wrapped', false],
      ['raw', true],
    ] as const) {
      aws.model.queues.add({ name });
      subscribe({ protocol: 'sqs', endpoint: queueArn(name), rawMessageDelivery });
    }
    await publish('hello', { Subject: 'News' });
    await aws.passMs(0);
    expect(aws.model.queues.messages('raw')[0]!.body).toBe('hello');
    expect(JSON.parse(aws.model.queues.messages('wrapped')[0]!.body)).toMatchObject({
      Type: 'Notification',
      TopicArn,
      Subject: 'News',
      Message: 'hello',
      SigningCertURL: expect.any(String),
      UnsubscribeURL: expect.any(String),
    });
  });

  test('mailboxes get text of their own, once they are confirmed', async () => {
    subscribe({ protocol: 'email', endpoint: 'oncall@example.com' });
    subscribe({ protocol: 'email', endpoint: 'pending@example.com', confirmed: false });
    await publish(JSON.stringify({ default: '{}', email: 'A person can read this.' }), {
      MessageStructure: 'json',
      Subject: 'Key revoked',
    });
    await aws.passMs(0);
    expect(aws.model.topics.inbox).toMatchObject([
      {
        endpoint: 'oncall@example.com',
        subject: 'Key revoked',
        text: 'A person can read this.',
        topicArn: TopicArn,
      },
    ]);
  });

  test('web hooks get the notification as JSON', async () => {
    subscribe({ protocol: 'https', endpoint: 'https://hooks.example.com/x' });
    await publish('hello');
    await aws.passMs(0);
    expect(JSON.parse(aws.model.topics.inbox[0]!.text)).toMatchObject({ Message: 'hello' });
  });

  test('a subscriber can get a message twice', async () => {
    const twice = await openLocalAws({ knobs: { duplicateChance: 1 } });
    twice.model.topics.addTopic({ name: 'alarms' });
    twice.model.topics.subscribe({ topicArn: TopicArn, protocol: 'email', endpoint: 'a@example.com' });
    await new SNSClient(twice.as('p')).send(new PublishCommand({ TopicArn, Message: 'x' }));
    await twice.passMs(0);
    expect(twice.model.topics.inbox).toHaveLength(2);
    await twice.close();
  });
});
