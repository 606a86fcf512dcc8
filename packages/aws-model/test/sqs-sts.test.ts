import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { openRig, type Rig, start } from './rig';

const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:${name}`;
let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

describe('SQS', () => {
  let sqs: SQSClient;
  let QueueUrl: string;
  beforeEach(async () => {
    rig.model.queues.add({ name: 'dlq', visibilityTimeoutSeconds: 60 });
    sqs = new SQSClient(rig.as('cli'));
    QueueUrl = (await sqs.send(new GetQueueUrlCommand({ QueueName: 'dlq' }))).QueueUrl!;
  });
  // The address in QueueUrl is AWS's; the client is told to stay with its endpoint, as AWS_ENDPOINT_URL_SQS does.
  const receive = () =>
    sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );

  test('a message received is hidden until its visibility time-out, and gone once deleted', async () => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'one',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
      }),
    );
    const [message] = (await receive()).Messages!;
    expect(message).toMatchObject({ Body: 'one', MessageAttributes: { a: { StringValue: 'b' } } });
    expect((await receive()).Messages).toBeUndefined();
    await rig.passMs(60_000);
    const [again] = (await receive()).Messages!;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again!.ReceiptHandle }));
    await rig.passMs(60_000);
    expect((await receive()).Messages).toBeUndefined();
  });

  test('says how many messages wait', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'two' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
    });
  });

  test('messages are deleted ten at a time', async () => {
    for (const MessageBody of ['one', 'two'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const Entries = (await receive()).Messages!.map(({ ReceiptHandle }, n) => ({
      Id: String(n),
      ReceiptHandle,
    }));
    const { Successful } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful).toEqual([{ Id: '0' }, { Id: '1' }]);
    expect(rig.model.queues.messages('dlq')).toEqual([]);
  });

  describe('a long poll', () => {
    const poll = () => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const secondsPassed = () => (rig.clock.now().getTime() - start.getTime()) / 1000;

    test('is answered as soon as a message comes', async () => {
      const caller = { arn: 'x', kind: 'service' as const };
      const message = { body: 'news' };
      rig.clock.schedule(new Date(start.getTime() + 7000), 'news', () => {
        rig.model.queues.send(queueArn('dlq'), message, { caller });
      });
      const { Messages } = await rig.clock.runWhile(poll);
      expect([Messages![0]!.Body, secondsPassed()]).toEqual(['news', 7]);
    });

    test('ends empty after its time', async () => {
      const { Messages } = await rig.clock.runWhile(poll);
      expect([Messages, secondsPassed()]).toEqual([undefined, 20]);
    });
  });

  test('an unknown queue is QueueDoesNotExist', async () => {
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'gone' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});

test('STS says whose credentials these are', async () => {
  const identity = await new STSClient(rig.as('cli')).send(new GetCallerIdentityCommand());
  expect(identity).toMatchObject({
    Account: '111111111111',
    Arn: 'arn:aws:sts::111111111111:assumed-role/cli/cli',
  });
});
