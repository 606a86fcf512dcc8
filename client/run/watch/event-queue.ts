// An EventBridge rule sends `Key Rotated` to a queue that only this host reads. Each message is a
// reason to ask Secrets Manager at once. What a message says is not relied on.
import { setTimeout as sleep } from 'node:timers/promises';
import { createAwsClient } from '../../keys/aws-client';

export interface QueueParts {
  queueUrl: string;
  /** @default - as AWS SDKs find it */
  region?: string | undefined;
  onMessage(): void;
  /** For people. */
  say(text: string): void;
  stop: AbortSignal;
}

/** SQS's longest long poll: how long it waits for a message while the queue is empty. */
const longPollSeconds = 20;
/** The time limit of a call: a little longer than the long poll. */
const answerMs = (longPollSeconds + 10) * 1000;
const retryMs = 30_000;

export async function followQueue({ queueUrl, region, onMessage, say, stop }: QueueParts): Promise<void> {
  // Loaded here: few hosts have a queue.
  const { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const queue = createAwsClient(SQSClient, answerMs, region);
  const ask = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: longPollSeconds,
  });
  let isAway = false;
  while (!stop.aborted) {
    try {
      const { Messages = [] } = await queue.send(ask, { abortSignal: stop });
      isAway = false;
      if (!Messages.length) continue;
      onMessage();
      const entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      await queue.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }), {
        abortSignal: stop,
      });
    } catch (error) {
      if (stop.aborted) return;
      if (!isAway)
        say(
          `the queue ${queueUrl} cannot be read (${(error as Error).name}); keyturn run still polls for new keys.`,
        );
      isAway = true;
      await sleep(retryMs, undefined, { ref: false, signal: stop }).catch(() => {});
    }
  }
}
