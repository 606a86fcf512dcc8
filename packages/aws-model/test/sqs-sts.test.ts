import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type LocalAws, openLocalAws, start } from './support/local-aws';

const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:111111111111:${name}`;
let aws: LocalAws;

beforeEach(async () => {
  aws = await openLocalAws();
});
afterEach(() => aws.close());

describe('SQS', () => {
  let sqs: SQSClient;
  const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111111111111/dlq';
  beforeEach(async () => {
    aws.model.queues.add({ name: 'dlq', visibilityTimeoutSeconds: 60 });
    sqs = new SQSClient(aws.as('cli'));
  });
  // The address in QueueUrl is AWS's; the client is told to stay with its endpoint, as AWS_ENDPOINT_URL_SQS does.
  const receive = () =>
    sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );

  test('a message received is hidden until its visibility time-out', async () => {
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
    await aws.passMs(60_000);
    expect((await receive()).Messages).toHaveLength(1);
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
    expect(aws.model.queues.messages('dlq')).toEqual([]);
  });

  describe('a long poll', () => {
    const poll = () => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const secondsPassed = () => (aws.clock.now().getTime() - start.getTime()) / 1000;

    test('is answered as soon as a message comes', async () => {
      const caller = { arn: 'x', kind: 'service' as const };
      const message = { body: 'news' };
      aws.clock.schedule(new Date(start.getTime() + 7000), 'news', () => {
        aws.model.queues.send(queueArn('dlq'), message, { caller });
      });
      const { Messages } = await aws.clock.runWhile(poll);
      expect([Messages![0]!.Body, secondsPassed()]).toEqual(['news', 7]);
    });

    test('ends empty after its time', async () => {
      const { Messages } = await aws.clock.runWhile(poll);
      expect([Messages, secondsPassed()]).toEqual([undefined, 20]);
    });
  });

  test('an unknown queue is QueueDoesNotExist', async () => {
    const gone = new ReceiveMessageCommand({ QueueUrl: QueueUrl.replace('dlq', 'gone') });
    await expect(sqs.send(gone)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});

describe('AssumeRole', () => {
  const RoleArn = 'arn:aws:iam::111111111111:role/platform/access';
  const assume = (role = RoleArn) =>
    new STSClient(aws.as('cli')).send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'run' }));
  const open = async () => {
    await aws.close();
    aws = await openLocalAws({
      openSession: (role, session) => ({
        AccessKeyId: `${role.split('/').at(-1)}-${session}`,
        SecretAccessKey: 's',
        SessionToken: 't',
      }),
    });
    const trust = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    };
    aws.model.sts.addRole(RoleArn, { Statement: [trust] });
  };

  test('gives credentials of a session for an hour, where the trust policy was asked', async () => {
    await open();
    const { Credentials, AssumedRoleUser } = await assume();
    expect(Credentials).toEqual({
      AccessKeyId: 'access-run',
      SecretAccessKey: 's',
      SessionToken: 't',
      Expiration: new Date('2026-11-23T01:00:00Z'),
    });
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::111111111111:assumed-role/access/run');
    expect(aws.asked.at(-1)).toMatchObject({
      action: 'sts:AssumeRole',
      resource: RoleArn,
      resourcePolicy: { Statement: [{ Resource: RoleArn, Effect: 'Allow' }] },
    });
  });

  test('is refused of a role that is not there, and where the policies say no', async () => {
    await open();
    await expect(assume(`${RoleArn}-2`)).rejects.toMatchObject({ name: 'AccessDenied' });
    aws.rules.decide = () => ({ allowed: false, message: 'no' });
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied', message: 'no' });
    aws.rules.decide = () => ({ allowed: true });
    aws.model.sts.removeRole(RoleArn);
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

test('STS says whose credentials these are', async () => {
  const identity = await new STSClient(aws.as('cli')).send(new GetCallerIdentityCommand());
  expect(identity).toMatchObject({
    Account: '111111111111',
    Arn: 'arn:aws:sts::111111111111:assumed-role/cli/cli',
  });
});
