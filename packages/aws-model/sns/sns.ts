// Topics: who may publish to them. What happens then is in fan-out.ts.

import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import type { Random, Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import { arnIn } from '../shared/arn';
import {
  type Deliver,
  type DeliveryOutcome,
  type Sender,
  type ServiceMessage,
  sourceContext,
} from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import type { Access, Ask } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service, validationText } from '../wire/operation';
import { awsQuery } from '../wire/protocol';
import { createFanOut, type OutsideMessage } from './fan-out';
import { checkAttributes, sizeOfAttributes } from './message-attributes';
import type { SubscriptionFromTemplate } from './subscription';
import { checkSubscription, invalid, readSubscription } from './subscription-check';
import { attributesOf, listed } from './subscription-shown';

export interface TopicFromTemplate {
  name: string;
  /** Of a topic of another account. @default - of this one */
  account?: string;
  /** JSON text. @default the owner account may publish, and its own services may */
  policy?: string;
  kmsKeyId?: string;
}

export interface Topics {
  readonly service: Service;
  addTopic(topic: TopicFromTemplate): string;
  /** With its subscriptions. */
  removeTopic(topicArn: string): void;
  unsubscribe(topicArn: string, endpoint: string): void;
  /** @returns its ARN @throws {AwsError} what SNS refuses */
  subscribe(subscription: SubscriptionFromTemplate): string;
  publish(topicArn: string, parcel: ServiceMessage, by: Sender): DeliveryOutcome;
  /** What mailboxes and web hooks have got. */
  readonly inbox: readonly OutsideMessage[];
  /** The owner of a mailbox follows the link in the mail of AWS. */
  confirm(topicArn: string, endpoint: string): void;
}

type Topic = TopicFromTemplate & { arn: string };

const attribute = z.strictObject({
  DataType: z.string().optional(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const publishInput = z.strictObject({
  TopicArn: z.string().optional(),
  Message: z.string(),
  Subject: z.string().optional(),
  MessageStructure: z.literal('json').optional(),
  MessageAttributes: z.record(z.string(), attribute).optional(),
});
const subscribeInput = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  Attributes: z
    .strictObject({
      FilterPolicy: z.string().optional(),
      FilterPolicyScope: z.string().optional(),
      RawMessageDelivery: z.string().optional(),
      RedrivePolicy: z.string().optional(),
    })
    .default({}),
  ReturnSubscriptionArn: z.stringbool().optional(),
});

const listInput = z.strictObject({ TopicArn: z.string(), NextToken: z.string().optional() });
const attributesInput = z.strictObject({ SubscriptionArn: z.string() });
/** Subscriptions of one answer. */
const pageSize = 100;

const denial = { code: 'AuthorizationError', status: 403 };
const maxBytes = 256 * 1024;

export function createTopics(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  deliver: Deliver;
  recordMetric: RecordMetric;
  duplicateChance: number;
  onMail?: (message: OutsideMessage) => void;
}): Topics {
  const { account, region, access, kms } = parts;
  const topics = new Map<string, Topic>();
  const fanOut = createFanOut(parts);

  /** An ARN of a topic in this region. */
  function checkArn(topicArn: string): void {
    const elements = topicArn.split(':');
    if (elements.length < 6)
      throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${elements.length}`);
    if (elements[3] !== region) throw invalid('TopicArn');
  }

  const askFor = (topic: Topic, context = {}): Ask => ({
    action: 'sns:Publish',
    resource: topic.arn,
    context: { 'aws:SourceOwner': account, ...context },
    denial,
    policy: topic.policy ?? defaultPolicy(topic.arn, account),
  });

  /** Whoever publishes to an encrypted topic must be allowed to use its key. */
  function lockedOut(
    { arn, kmsKeyId }: Topic,
    caller: Caller,
    context: Record<string, string | undefined> = {},
  ): string | undefined {
    if (!kmsKeyId) return undefined;
    const via = caller.kind === 'service' ? {} : { via: `sns.${region}.amazonaws.com` };
    const use = { keyId: kmsKeyId, encryptionContext: { 'aws:sns:topicArn': arn }, context, ...via };
    const actions = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;
    const refused = actions.find(action => !kms.mayUse(caller, { action, ...use }));
    return refused && `${caller.arn} is not authorized to perform: ${refused}`;
  }

  /** EventBridge tells topics and their keys no source: policies with a condition on one refuse it. */
  const sourceOfPublisher = (by: Sender) =>
    by.caller.service === 'events.amazonaws.com' ? {} : sourceContext(by, account);

  return {
    service: {
      name: 'sns',
      protocol: awsQuery,
      refuse: problems => new AwsError('ValidationError', validationText(problems)),
      operations: {
        Publish: operation(publishInput, ({ TopicArn, ...input }, call) => {
          if (TopicArn === undefined)
            throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
          checkArn(TopicArn);
          const attributes = checkMessage(input);
          const topic = topics.get(TopicArn);
          if (!topic) {
            access.permit(call, { action: 'sns:Publish', resource: TopicArn, denial });
            throw noTopic();
          }
          access.permit(call, askFor(topic));
          const locked = lockedOut(topic, call.caller);
          if (locked) throw new AwsError('KMSAccessDenied', locked);
          const texts = input.MessageStructure ? textsIn(input.Message) : { default: input.Message };
          const { Subject: subject } = input;
          const MessageId = fanOut.notify(topic.arn, {
            body: texts.default,
            bodyByProtocol: texts,
            attributes,
            ...(subject && { subject }),
          });
          return { MessageId };
        }),
        Subscribe: operation(subscribeInput, (input, call) => {
          checkArn(input.TopicArn);
          const topic = topics.get(input.TopicArn);
          if (!topic) throw noTopic();
          access.permit(call, { ...askFor(topic), action: 'sns:Subscribe' });
          return { SubscriptionArn: fanOut.subscribe(readSubscription(input)) };
        }),
        ListSubscriptionsByTopic: operation(listInput, ({ TopicArn, NextToken }, call) => {
          checkArn(TopicArn);
          const topic = topics.get(TopicArn);
          const action = 'sns:ListSubscriptionsByTopic';
          if (!topic) {
            access.permit(call, { action, resource: TopicArn, denial });
            throw noTopic();
          }
          access.permit(call, { ...askFor(topic), action });
          const start = Number(NextToken ?? 0);
          const all = fanOut.subscriptionsOf(TopicArn);
          const end = start + pageSize;
          return {
            Subscriptions: all.slice(start, end).map(one => ({ ...listed(one), Owner: account })),
            NextToken: end < all.length ? String(end) : undefined,
          };
        }),
        GetSubscriptionAttributes: operation(attributesInput, ({ SubscriptionArn }, call) => {
          if (SubscriptionArn.split(':').length < 7)
            throw invalid('SubscriptionArn Reason: An ARN must have at least 6 elements');
          const subscription = fanOut.subscription(SubscriptionArn);
          // AWS knows no narrower resource for it.
          access.permit(call, { action: 'sns:GetSubscriptionAttributes', resource: '*', denial });
          if (!subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
          return { Attributes: attributesOf(subscription).set('Owner', account) };
        }),
      },
    },
    addTopic(template) {
      if (!/^[\w-]{1,256}$/.test(template.name)) throw invalid('Topic Name');
      const arn = arnIn({ account: template.account ?? account, region }, 'sns', template.name);
      topics.set(arn, { ...template, arn });
      return arn;
    },
    removeTopic(topicArn) {
      topics.delete(topicArn);
      fanOut.unsubscribe(subscription => subscription.topicArn === topicArn);
    },
    unsubscribe: (topicArn, endpoint) =>
      fanOut.unsubscribe(
        subscription => subscription.topicArn === topicArn && subscription.endpoint === endpoint,
      ),
    subscribe(subscription) {
      if (!topics.has(subscription.topicArn)) throw noTopic();
      checkSubscription(subscription);
      return fanOut.subscribe(subscription);
    },
    publish(topicArn, parcel, by) {
      const topic = topics.get(topicArn);
      if (!topic) return { code: 'NotFound', message: 'Topic does not exist', retryable: false };
      const context = sourceOfPublisher(by);
      if (!access.decide(by.caller, askFor(topic, context)).allowed) {
        const message = `${by.caller.arn} is not authorized to perform: SNS:Publish on resource: ${topicArn}`;
        return { code: 'AuthorizationError', message, retryable: false };
      }
      const locked = lockedOut(topic, by.caller, context);
      if (locked) return { code: 'KMSAccessDenied', message: locked, retryable: false };
      fanOut.notify(topicArn, parcel);
      return 'delivered';
    },
    inbox: fanOut.inbox,
    confirm: fanOut.confirm,
  };
}

/** What a topic has until a template gives it a policy of its own, which replaces this one. */
function defaultPolicy(topicArn: string, account: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['SNS:Publish', 'SNS:Subscribe', 'SNS:GetTopicAttributes', 'SNS:SetTopicAttributes'],
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });
}

function textsIn(message: string): Record<string, string> & { default: string } {
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (typeof (texts as { default?: unknown } | null)?.default !== 'string')
    throw invalid('Message Structure - No default entry in JSON message body');
  return texts as Record<string, string> & { default: string };
}

/** One line of at most 100 characters that starts with a printable one. */
function isSubject(text: string): boolean {
  return /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(text);
}

function noTopic(): AwsError {
  return new AwsError('NotFound', 'Topic does not exist', 404);
}

/** @returns the attributes, as they are delivered */
function checkMessage({
  Message,
  Subject,
  MessageAttributes,
}: Omit<z.output<typeof publishInput>, 'TopicArn'>) {
  if (!Message) throw invalid('Empty message');
  if (Subject !== undefined && !isSubject(Subject)) throw invalid('Subject');
  const attributes = checkAttributes(MessageAttributes);
  if (Buffer.byteLength(Message) + sizeOfAttributes(attributes) > maxBytes) throw invalid('Message too long');
  return attributes;
}
