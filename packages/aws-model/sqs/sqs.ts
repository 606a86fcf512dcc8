// SQS, assembled: enough for dead letters and for a host that waits for messages.
import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import type { Random, Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import { userIdOf } from '../identity/sts';
import {
  type DeliveryOutcome,
  type MessageAttribute,
  type Sender,
  type ServiceMessage,
  sourceContext,
} from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import type { Access, Ask } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Problem, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { md5OfAttributes, md5OfBody } from './message-md5';
import { createQueueShelf, type Queue, type QueuedMessage, type QueueFromTemplate } from './queues';

export interface Queues {
  readonly service: Service;
  /** @returns its ARN */
  add(queue: QueueFromTemplate): string;
  remove(name: string): void;
  send(queueArn: string, parcel: ServiceMessage, by: Sender): DeliveryOutcome;
  /** Everything in the queue, received or not. */
  messages(nameOrArn: string): readonly QueuedMessage[];
}

const attribute = z.strictObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const queueUrl = { QueueUrl: z.string().min(1) };
const sendInput = z.strictObject({
  ...queueUrl,
  MessageBody: z.string().min(1),
  MessageAttributes: z.record(z.string(), attribute).optional(),
});
const receiveInput = z.strictObject({
  ...queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).default(0),
  MessageAttributeNames: z.array(z.string()).optional(),
  AttributeNames: z.array(z.string()).optional(),
  MessageSystemAttributeNames: z.array(z.string()).optional(),
});
const deleteInput = z.strictObject({
  ...queueUrl,
  Entries: z.array(z.strictObject({ Id: z.string(), ReceiptHandle: z.string() })),
});

const maxBytes = 1_048_576;

/** In the words that were recorded. */
const reasons: Record<string, string> = {
  MaxNumberOfMessages: 'Must be between 1 and 10, if provided.',
  WaitTimeSeconds: 'Must be >= 0 and <= 20, if provided.',
  VisibilityTimeout: 'Must be between 0 and 43200, if provided.',
};

export function createQueues(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  recordMetric: RecordMetric;
}): Queues {
  const { virtual, account, region, access, kms } = parts;
  const shelf = createQueueShelf(parts);

  function askFor({ arn, policy }: Queue, action: string, context = {}): Ask {
    const ask = { action: `sqs:${action}`, resource: arn, context };
    return policy ? { ...ask, policy } : ask;
  }

  function enter(call: Call, id: string, action = call.operation): Queue {
    const queue = shelf.need(id);
    access.permit(call, askFor(queue, action));
    return queue;
  }

  /** Whoever sends to an encrypted queue must be allowed to use its key. */
  function refusedUse({ kmsKeyId }: Queue, caller: Caller): string | undefined {
    if (!kmsKeyId) return undefined;
    const via = caller.kind === 'service' ? {} : { via: `sqs.${region}.amazonaws.com` };
    const actions = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;
    return actions.find(action => !kms.mayUse(caller, { action, keyId: kmsKeyId, ...via }));
  }

  return {
    service: {
      name: 'sqs',
      protocol: awsJson('1.0'),
      refuse,
      operations: {
        SendMessage: operation(sendInput, (input, call) => {
          const attributes = (input.MessageAttributes ?? {}) as Record<string, MessageAttribute>;
          checkAttributes(attributes);
          checkCharacters(input.MessageBody);
          if (Buffer.byteLength(input.MessageBody) > maxBytes)
            throw invalid(
              `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
            );
          const { id } = enter(call, input.QueueUrl).put(
            input.MessageBody,
            userIdOf(call.caller),
            attributes,
          );
          return {
            MessageId: id,
            MD5OfMessageBody: md5OfBody(input.MessageBody),
            MD5OfMessageAttributes: md5OfAttributes(attributes),
          };
        }),
        ReceiveMessage: operation(receiveInput, async (input, call) => {
          const queue = enter(call, input.QueueUrl);
          if (input.WaitTimeSeconds > 0 && queue.countVisible() === 0)
            await longPoll(virtual, queue, input.WaitTimeSeconds);
          const hiddenMs = (input.VisibilityTimeout ?? queue.visibilityTimeoutSeconds ?? 30) * 1000;
          const received = queue.receive(input.MaxNumberOfMessages, hiddenMs);
          return received.length ? { Messages: received.map(message => shown(message, input)) } : {};
        }),
        DeleteMessageBatch: operation(deleteInput, ({ QueueUrl, Entries }, call) => {
          checkBatch(Entries);
          const queue = enter(call, QueueUrl, 'DeleteMessage');
          for (const { ReceiptHandle } of Entries) queue.remove(ReceiptHandle);
          return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
        }),
      },
    },
    add: template => shelf.add(template).arn,
    remove: shelf.remove,
    send(queueArn, { body, attributes }, by) {
      const queue = shelf.find(queueArn);
      if (!queue)
        return {
          code: 'QueueDoesNotExist',
          message: 'The specified queue does not exist.',
          retryable: false,
        };
      const decision = access.decide(by.caller, askFor(queue, 'SendMessage', sourceContext(by, account)));
      if (!decision.allowed) return { code: 'AccessDenied', message: decision.message, retryable: false };
      const refused = refusedUse(queue, by.caller);
      if (refused) {
        return {
          code: 'KmsAccessDenied',
          message: `${refused} is not allowed on ${queue.kmsKeyId}`,
          retryable: false,
        };
      }
      queue.put(body, userIdOf(by.caller), attributes);
      return 'delivered';
    },
    messages: nameOrArn => shelf.need(nameOrArn).messages(),
  };
}

/** Until a message comes, or the time is over. */
async function longPoll(virtual: Virtual, queue: Queue, waitSeconds: number): Promise<void> {
  let cancel = () => {};
  const over = new Promise<void>(resolve => {
    const at = new Date(virtual.now().getTime() + waitSeconds * 1000);
    cancel = virtual.schedule(at, `end of a long poll of ${queue.name}`, resolve);
  });
  await virtual.holdUntil(Promise.race([over, queue.arrival()]));
  cancel();
}

function shown(message: QueuedMessage, asked: z.output<typeof receiveInput>) {
  const attributes = pick(message.attributes, asked.MessageAttributeNames);
  const system = pick(
    {
      SenderId: message.senderId,
      SentTimestamp: String(message.sentAt.getTime()),
      ApproximateReceiveCount: String(message.receiveCount),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt?.getTime()),
    },
    [...(asked.AttributeNames ?? []), ...(asked.MessageSystemAttributeNames ?? [])],
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5OfBody(message.body),
    ...(Object.keys(attributes).length && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
    ...(Object.keys(system).length && { Attributes: system }),
  };
}

/** By name, by `prefix.*`, or all with `All` or `.*`. */
function pick<Value>(from: Readonly<Record<string, Value>>, names: readonly string[] = []) {
  const isAsked = (name: string) =>
    names.some(
      asked =>
        asked === 'All' ||
        asked === '*' ||
        asked === name ||
        (asked.endsWith('.*') && name.startsWith(asked === '.*' ? '' : asked.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(from).filter(([name]) => isAsked(name)));
}

function checkAttributes(attributes: Readonly<Record<string, MessageAttribute>>): void {
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    if (!StringValue && !BinaryValue)
      throw invalid(
        `Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
      );
  }
}

/** Those of XML 1.0. */
function checkCharacters(text: string): void {
  if (!/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u.test(text))
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
}

function checkBatch(entries: readonly { Id: string }[]): void {
  if (!entries.length)
    throw batchError(
      'EmptyBatchRequest',
      'There should be at least one DeleteMessageBatchRequestEntry in the request.',
    );
  if (entries.length > 10)
    throw batchError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id)))
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  const ids = entries.map(({ Id }) => Id);
  const repeated = ids.find((id, place) => ids.indexOf(id) !== place);
  if (repeated !== undefined) throw batchError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, message, 400, {}, `AWS.SimpleQueueService.${code}`);
}

function refuse([problem]: readonly Problem[]): AwsError {
  const { path = '', value = '', isMissing = false, constraint = '' } = problem ?? {};
  if (isMissing) return new AwsError('MissingParameter', `The request must contain the parameter ${path}.`);
  return invalid(`Value ${value} for parameter ${path} is invalid. Reason: ${reasons[path] ?? constraint}`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
