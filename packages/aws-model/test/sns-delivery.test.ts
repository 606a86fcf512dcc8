import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { asService, type DeliveryFault } from '../shared/service-delivery';
import { hours, type LocalAws, lambdaArn, openLocalAws, start } from './support/local-aws';

const TopicArn = 'arn:aws:sns:eu-west-1:111111111111:alarms';
let aws: LocalAws;
let sns: SNSClient;

beforeEach(async () => {
  aws = await openLocalAws();
  sns = new SNSClient(aws.as('publisher'));
  aws.model.topics.addTopic({ name: 'alarms' });
});
afterEach(() => aws.close());

const publish = (Message: string, extra = {}) =>
  sns.send(new PublishCommand({ TopicArn, Message, ...extra }));

describe('what can happen on the way', () => {
  async function publishThrough(fault: DeliveryFault) {
    let isFirst = true;
    const other = await openLocalAws({
      interceptDelivery() {
        const met = isFirst ? fault : undefined;
        isFirst = false;
        return met;
      },
    });
    const times: number[] = [];
    other.addFunction(
      'revoke',
      () => void times.push((other.clock.now().getTime() - start.getTime()) / 1000),
    );
    other.model.topics.addTopic({ name: 'alarms' });
    other.model.topics.subscribe({ topicArn: TopicArn, protocol: 'lambda', endpoint: lambdaArn('revoke') });
    await new SNSClient(other.as('p')).send(new PublishCommand({ TopicArn, Message: 'x' }));
    await other.passMs(hours(1));
    await other.close();
    return times;
  }

  test.each<[DeliveryFault, number[]]>([
    [{ kind: 'unavailable' }, [20]],
    [{ kind: 'late', ms: 90_000 }, [90]],
    [{ kind: 'twice' }, [0, 0]],
  ])('%j: the message arrives after so many seconds', async (fault, expected) => {
    expect(await publishThrough(fault)).toEqual(expected);
  });
});

describe('who may publish', () => {
  const policyAsked = () => aws.asked.at(-1)!.resourcePolicy as { Statement: { Condition?: unknown }[] };

  test('a refused publisher sees AuthorizationError', async () => {
    aws.rules.decide = () => ({ allowed: false, message: 'not you' });
    await expect(publish('x')).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: 'not you',
    });
  });

  test('an unknown topic is NotFound', async () => {
    await expect(publish('x', { TopicArn: `${TopicArn}-gone` })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('without a policy of its own, a topic has the one that lets its owner account publish', async () => {
    await publish('x');
    expect(policyAsked().Statement[0]!.Condition).toEqual({
      StringEquals: { 'AWS:SourceOwner': '111111111111' },
    });
    expect(aws.asked.at(-1)!.context['aws:SourceOwner']).toBe('111111111111');
  });

  test('a policy of its own replaces that one: services are asked for by name', async () => {
    aws.model.topics.addTopic({
      name: 'alarms',
      policy: JSON.stringify({ Statement: [{ Effect: 'Deny' }] }),
    });
    const by = asService('cloudwatch.amazonaws.com', 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a');
    aws.rules.decide = () => ({ allowed: false, message: 'no' });
    expect(aws.model.topics.publish(TopicArn, { body: 'x' }, by)).toMatchObject({
      code: 'AuthorizationError',
      retryable: false,
    });
    expect(policyAsked().Statement).toEqual([{ Effect: 'Deny' }]);
    expect(aws.asked.at(-1)).toMatchObject({
      caller: { service: 'cloudwatch.amazonaws.com' },
      context: { 'aws:SourceArn': by.sourceArn },
    });
  });

  test("a topic under AWS's own key takes nothing from services: alias/aws/sns cannot let them in", () => {
    aws.model.topics.addTopic({ name: 'alarms', kmsKeyId: 'alias/aws/sns' });
    const by = asService('cloudwatch.amazonaws.com', 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a');
    expect(aws.model.topics.publish(TopicArn, { body: 'x' }, by)).toMatchObject({ code: 'KMSAccessDenied' });
  });

  test('EventBridge tells a topic and its key no source: a condition on one keeps its events out', () => {
    const rule = asService('events.amazonaws.com', 'arn:aws:events:eu-west-1:111111111111:rule/r');
    const alarm = asService('cloudwatch.amazonaws.com', 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a');
    aws.model.topics.addTopic({ name: 'alarms' });
    const contextOf = (by: typeof rule) => {
      aws.model.topics.publish(TopicArn, { body: 'x' }, by);
      return aws.asked.at(-1)!.context;
    };
    expect(contextOf(alarm)).toMatchObject({ 'aws:SourceAccount': '111111111111' });
    expect(Object.keys(contextOf(rule)).filter(key => key.startsWith('aws:SourceA'))).toEqual([]);
  });
});
