// Queues: what dead letters land in and how they are read. Messages become visible again on virtual time.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Access, Ask } from './access';
import { AwsError } from './aws-error';
import {
  type DeliveryOutcome,
  type MessageAttribute,
  type Parcel,
  type Sender,
  sourceContext,
} from './delivery';
import type { Random, Virtual } from './handed-in';
import type { Kms } from './kms';
import { uuid } from './made-up';
import type { Meter } from './meter';
import { type Call, operation, type Service } from './operation';
import { awsJson } from './protocol';

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
  receiveCount: number;
}

export interface Queues {
  readonly service: Service;
  add(queue: QueueFromTemplate): string;
  send(queueArn: string, parcel: Parcel, by: Sender): DeliveryOutcome;
  /** Everything in the queue, received or not. */
  messages(nameOrArn: string): readonly QueuedMessage[];
}

interface Kept extends QueuedMessage {
  visibleAt: number;
  receipt?: string;
}

interface Queue extends QueueFromTemplate {
  arn: string;
  url: string;
  messages: Kept[];
  measuring: boolean;
}

const attribute = z.strictObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const queueUrl = z.string().min(1);
const sendInput = z.strictObject({
  QueueUrl: queueUrl,
  MessageBody: z.string().min(1).max(1_048_576),
  MessageAttributes: z.record(z.string(), attribute).optional(),
});
const receiveInput = z.strictObject({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  MessageAttributeNames: z.array(z.string()).optional(),
  AttributeNames: z.array(z.string()).optional(),
  MessageSystemAttributeNames: z.array(z.string()).optional(),
});

export function createQueues(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  meter: Meter;
}): Queues {
  const { virtual, account, region, access } = parts;
  const queues = new Map<string, Queue>();
  const arnFor = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
  const now = () => virtual.now().getTime();

  function need(name: string): Queue {
    const queue = queues.get(name);
    if (queue) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  function askFor(queue: Queue, action: string, context = {}): Ask {
    const ask = { action: `sqs:${action}`, resource: queue.arn, context };
    return queue.policy ? { ...ask, policy: queue.policy } : ask;
  }

  function enter(call: Call, input: { QueueUrl: string }): Queue {
    const queue = need(input.QueueUrl.split('/').at(-1)!);
    access.permit(call, askFor(queue, call.operation));
    return queue;
  }

  function put(queue: Queue, body: string, attributes: Record<string, MessageAttribute> = {}): Kept {
    const message = {
      id: uuid(parts.random),
      body,
      attributes,
      sentAt: virtual.now(),
      receiveCount: 0,
      visibleAt: now(),
    };
    queue.messages.push(message);
    if (!queue.measuring) measure(queue);
    return message;
  }

  /** Every minute while the queue is in use: how many messages wait. */
  function measure(queue: Queue): void {
    const oldest = now() - (queue.retentionSeconds ?? 345_600) * 1000;
    queue.messages = queue.messages.filter(({ sentAt }) => sentAt.getTime() > oldest);
    const visible = queue.messages.filter(({ visibleAt }) => visibleAt <= now()).length;
    const dimensions = { QueueName: queue.name };
    parts.meter({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions,
      value: visible,
      unit: 'Count',
    });
    queue.measuring = queue.messages.length > 0;
    if (queue.measuring)
      virtual.schedule(new Date(now() + 60_000), `metrics of ${queue.name}`, () => measure(queue));
  }

  return {
    service: {
      name: 'sqs',
      protocol: awsJson('1.0'),
      operations: {
        SendMessage: operation(sendInput, (input, call) => {
          const message = put(
            enter(call, input),
            input.MessageBody,
            input.MessageAttributes as Record<string, MessageAttribute>,
          );
          return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
        }),
        ReceiveMessage: operation(receiveInput, (input, call) => {
          const queue = enter(call, input);
          const hiddenMs = (input.VisibilityTimeout ?? queue.visibilityTimeoutSeconds ?? 30) * 1000;
          const due = queue.messages
            .filter(({ visibleAt }) => visibleAt <= now())
            .slice(0, input.MaxNumberOfMessages);
          const received = due.map(message => {
            Object.assign(message, {
              visibleAt: now() + hiddenMs,
              receipt: uuid(parts.random),
              receiveCount: message.receiveCount + 1,
            });
            return shown(message, input);
          });
          return received.length ? { Messages: received } : {};
        }),
        DeleteMessage: operation(
          z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
          (input, call) => {
            const queue = enter(call, input);
            queue.messages = queue.messages.filter(({ receipt }) => receipt !== input.ReceiptHandle);
          },
        ),
        GetQueueUrl: operation(z.strictObject({ QueueName: z.string() }), ({ QueueName }, call) => {
          const queue = need(QueueName);
          access.permit(call, askFor(queue, 'GetQueueUrl'));
          return { QueueUrl: queue.url };
        }),
        GetQueueAttributes: operation(
          z.strictObject({ QueueUrl: queueUrl, AttributeNames: z.array(z.string()).optional() }),
          (input, call) => {
            const queue = enter(call, input);
            const visible = queue.messages.filter(({ visibleAt }) => visibleAt <= now()).length;
            return {
              Attributes: {
                QueueArn: queue.arn,
                ApproximateNumberOfMessages: String(visible),
                ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - visible),
              },
            };
          },
        ),
      },
    },
    add(template) {
      const arn = arnFor(template.name);
      const url = `https://sqs.${region}.amazonaws.com/${account}/${template.name}`;
      queues.set(template.name, { ...template, arn, url, messages: [], measuring: false });
      return arn;
    },
    send(queueArn, { body, attributes }, by) {
      const queue = queues.get(queueArn.split(':').at(-1)!);
      if (!queue)
        return {
          code: 'QueueDoesNotExist',
          message: 'The specified queue does not exist.',
          retryable: false,
        };
      const decision = access.decide(by.caller, askFor(queue, 'SendMessage', sourceContext(by, account)));
      if (!decision.allowed) return { code: 'AccessDenied', message: decision.message, retryable: false };
      for (const action of ['kms:GenerateDataKey', 'kms:Decrypt'] as const) {
        const use = { action, keyId: queue.kmsKeyId ?? '', via: `sqs.${region}.amazonaws.com` };
        if (queue.kmsKeyId && !parts.kms.mayUse(by.caller, use)) {
          return {
            code: 'KmsAccessDenied',
            message: `${action} is not allowed on ${queue.kmsKeyId}`,
            retryable: false,
          };
        }
      }
      put(queue, body, attributes);
      return 'delivered';
    },
    messages: nameOrArn => need(nameOrArn.split(':').at(-1)!).messages,
  };
}

function shown(message: Kept, asked: z.output<typeof receiveInput>) {
  const system = [...(asked.AttributeNames ?? []), ...(asked.MessageSystemAttributeNames ?? [])].length > 0;
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(asked.MessageAttributeNames?.length && { MessageAttributes: message.attributes }),
    ...(system && {
      Attributes: {
        SentTimestamp: String(message.sentAt.getTime()),
        ApproximateReceiveCount: String(message.receiveCount),
      },
    }),
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
