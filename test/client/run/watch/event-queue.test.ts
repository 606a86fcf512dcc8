import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { followQueue } from '../../../../client/run/watch/event-queue';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111111111111/support-bot-laptop';
const queue = mockClient(SQSClient);
beforeEach(() => {
  process.env.AWS_REGION = 'eu-west-1';
  queue.reset();
});

it('asks for new keys with every message, and takes the message off the queue', async () => {
  const stop = new AbortController();
  const message = { ReceiptHandle: 'r1', Body: 'whatever it says' };
  queue
    .on(ReceiveMessageCommand)
    .resolvesOnce({ Messages: [message] })
    .resolvesOnce({})
    .callsFake(() => {
      stop.abort();
      return {};
    });
  queue.on(DeleteMessageBatchCommand).resolves({});
  let told = 0;
  await followQueue({ queueUrl, onMessage: () => told++, say: () => {}, stop: stop.signal });
  expect(told).toBe(1);
  expect(queue.commandCalls(DeleteMessageBatchCommand)[0]!.args[0].input).toEqual({
    QueueUrl: queueUrl,
    Entries: [{ Id: '0', ReceiptHandle: 'r1' }],
  });
  expect(queue.commandCalls(ReceiveMessageCommand)[0]!.args[0].input.WaitTimeSeconds).toBe(20);
});

it('says that the queue cannot be read, and goes on without it until it can', async () => {
  const stop = new AbortController();
  queue.on(ReceiveMessageCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDenied' }));
  const said: string[] = [];
  const following = followQueue({
    queueUrl,
    onMessage: () => {},
    say: text => {
      said.push(text);
      stop.abort();
    },
    stop: stop.signal,
  });
  await following;
  expect(said).toEqual([
    `the queue ${queueUrl} cannot be read (AccessDenied); keyturn run still polls for new keys.`,
  ]);
});
