import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  paginateListSubscriptionsByTopic,
  SNSClient,
} from '@aws-sdk/client-sns';
import { type LocalAws, lambdaArn, openLocalAws } from './support/local-aws';

const TopicArn = 'arn:aws:sns:eu-west-1:111111111111:oncall';
let aws: LocalAws;
let sns: SNSClient;

beforeEach(async () => {
  aws = await openLocalAws();
  sns = new SNSClient(aws.as('reader'));
  aws.model.topics.addTopic({ name: 'oncall' });
});
afterEach(() => aws.close());

const list = async () => {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions;
};

test('one that waits for its owner is listed without an ARN, and with one once it is confirmed', async () => {
  const endpoint = 'oncall@example.com';
  aws.model.topics.subscribe({ topicArn: TopicArn, protocol: 'email', endpoint, confirmed: false });
  expect(await list()).toEqual([
    {
      SubscriptionArn: 'PendingConfirmation',
      Owner: '111111111111',
      Protocol: 'email',
      Endpoint: endpoint,
      TopicArn,
    },
  ]);
  aws.model.topics.confirm(TopicArn, endpoint);
  expect(await list()).toMatchObject([
    { SubscriptionArn: expect.stringMatching(`^${TopicArn}:[0-9a-f-]{36}$`) },
  ]);
  aws.model.topics.unsubscribe(TopicArn, endpoint);
  expect(await list()).toEqual([]);
});

test('attributes are texts, and tell what is not in the list', async () => {
  aws.addFunction('bridge', () => {});
  const arn = aws.model.topics.subscribe({
    topicArn: TopicArn,
    protocol: 'lambda',
    endpoint: lambdaArn('bridge'),
    filterPolicyScope: 'MessageBody',
    filterPolicy: { severity: ['critical'] },
  });
  const ask = (SubscriptionArn: string) =>
    sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  expect((await ask(arn)).Attributes).toMatchObject({
    SubscriptionArn: arn,
    RawMessageDelivery: 'false',
    PendingConfirmation: 'false',
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: '{"severity":["critical"]}',
  });
  await expect(ask(`${TopicArn}:00000000-0000-0000-0000-000000000000`)).rejects.toMatchObject({
    name: 'NotFoundException',
  });
  await expect(ask('PendingConfirmation')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test.each([100, 101])('%i subscriptions are listed by the hundred', async count => {
  for (let n = 0; n < count; n++)
    aws.model.topics.subscribe({ topicArn: TopicArn, protocol: 'email', endpoint: `a${n}@example.com` });
  const pages: number[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
    pages.push(Subscriptions.length);
  expect(pages).toEqual(count > 100 ? [100, 1] : [100]);
});

test('a topic that is not there has no subscriptions', async () => {
  aws.model.topics.removeTopic(TopicArn);
  await expect(list()).rejects.toMatchObject({ name: 'NotFoundException' });
});
