// Queues and the messages in them: hidden once received, visible again on virtual time, gone after their retention.

import { minuteMs } from '../clock/time';
import type { Random, Virtual } from '../clock/virtual';
import { arnIn, domainSuffixOf } from '../shared/arn';
import { uuid } from '../shared/identifiers';
import type { MessageAttribute } from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import { AwsError } from '../wire/aws-error';

export interface QueueFromTemplate {
  name: string;
  /** JSON text. */
  policy?: string;
  kmsKeyId?: string;
  /** @default 30 */
  visibilityTimeoutSeconds?: number;
  /** @default 345600, four days */
  retentionSeconds?: number;
}

export interface QueuedMessage {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  sentAt: Date;
  /** The unique id of who sent it. */
  senderId: string;
  receiveCount: number;
  firstReceivedAt?: Date;
  /** Of the last time it was received. */
  receipt?: string;
}

export interface Queue extends QueueFromTemplate {
  readonly arn: string;
  readonly url: string;
  /** Everything in the queue, received or not. */
  messages(): readonly QueuedMessage[];
  countVisible(): number;
  put(body: string, senderId: string, attributes?: Record<string, MessageAttribute>): QueuedMessage;
  receive(atMost: number, hiddenMs: number): QueuedMessage[];
  remove(receipt: string): void;
  /** Resolves with the next message. */
  arrival(): Promise<void>;
}

export interface QueueShelf {
  add(template: QueueFromTemplate): Queue;
  remove(name: string): void;
  /** By name, ARN or URL. */
  find(id: string): Queue | undefined;
  /** @throws {AwsError} QueueDoesNotExist */
  need(id: string): Queue;
}

interface StoredMessage extends QueuedMessage {
  visibleAt: number;
}

export function createQueueShelf(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  recordMetric: RecordMetric;
}): QueueShelf {
  const { virtual, account, region } = parts;
  const queues = new Map<string, Queue>();
  const now = () => virtual.now().getTime();

  function create(template: QueueFromTemplate): Queue {
    const { name, retentionSeconds = 345_600 } = template;
    let kept: StoredMessage[] = [];
    let isMeasuring = false;
    let awaiting: (() => void)[] = [];
    const visible = () => kept.filter(({ visibleAt }) => visibleAt <= now());

    /** Every minute while the queue is in use: how many messages wait. */
    function measure(): void {
      kept = kept.filter(({ sentAt }) => sentAt.getTime() > now() - retentionSeconds * 1000);
      const metric = {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: name },
      };
      parts.recordMetric({ ...metric, value: visible().length, unit: 'Count' });
      isMeasuring = kept.length > 0;
      if (isMeasuring) virtual.schedule(new Date(now() + minuteMs), `metrics of ${name}`, measure);
    }

    return {
      ...template,
      arn: arnIn({ account, region }, 'sqs', name),
      url: `https://sqs.${region}.${domainSuffixOf(region)}/${account}/${name}`,
      messages: () => kept,
      countVisible: () => visible().length,
      put(body, senderId, attributes = {}) {
        const message = {
          id: uuid(parts.random),
          body,
          attributes,
          senderId,
          sentAt: virtual.now(),
          receiveCount: 0,
          visibleAt: now(),
        };
        kept.push(message);
        if (!isMeasuring) measure();
        for (const arrived of awaiting) arrived();
        awaiting = [];
        return message;
      },
      receive: (atMost, hiddenMs) =>
        visible()
          .slice(0, atMost)
          .map(message =>
            Object.assign(message, {
              visibleAt: now() + hiddenMs,
              receipt: uuid(parts.random),
              receiveCount: message.receiveCount + 1,
              firstReceivedAt: message.firstReceivedAt ?? virtual.now(),
            }),
          ),
      remove(receipt) {
        kept = kept.filter(message => message.receipt !== receipt);
      },
      arrival: () => new Promise<void>(resolve => awaiting.push(resolve)),
    };
  }

  const find = (id: string) => queues.get(id.split(/[:/]/).at(-1) ?? id);
  return {
    find,
    add(template) {
      const queue = create(template);
      queues.set(template.name, queue);
      return queue;
    },
    remove: name => void queues.delete(name),
    need(id) {
      const queue = find(id);
      if (queue) return queue;
      throw new AwsError(
        'QueueDoesNotExist',
        'The specified queue does not exist.',
        400,
        {},
        'AWS.SimpleQueueService.NonExistentQueue',
      );
    },
  };
}
