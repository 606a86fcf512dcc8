// Topics: who may publish, and delivery to functions, queues, mailboxes and web hooks.
import * as z from 'zod';
import type { Access, Ask } from '../access';
import { AwsError } from '../aws-error';
import {
  asService,
  type Deliver,
  type DeliveryOutcome,
  type MessageAttribute,
  type Parcel,
  type Sender,
  sourceContext,
} from '../delivery';
import type { Caller, Random, Virtual } from '../handed-in';
import type { Kms } from '../kms';
import { uuid } from '../made-up';
import type { Meter } from '../meter';
import { operation, type Service } from '../operation';
import { awsQuery } from '../protocol';
import {
  lambdaEvent,
  type Notification,
  passesFilter,
  queueBody,
  type SubscriptionFromTemplate,
} from './subscription';

export interface TopicFromTemplate {
  name: string;
  /** JSON text. @default the owner account may publish, and its own services may */
  policy?: string;
  kmsKeyId?: string;
}

/** A message that left AWS: mail, or a call to a web hook. */
export interface OutsideMessage {
  at: Date;
  topicArn: string;
  protocol: string;
  endpoint: string;
  subject?: string | undefined;
  text: string;
}

export interface Topics {
  readonly service: Service;
  addTopic(topic: TopicFromTemplate): string;
  subscribe(subscription: SubscriptionFromTemplate): void;
  publish(topicArn: string, parcel: Parcel, by: Sender): DeliveryOutcome;
  /** What mailboxes and web hooks have got. */
  readonly inbox: readonly OutsideMessage[];
}

type Topic = TopicFromTemplate & { arn: string };
type Subscription = SubscriptionFromTemplate & { arn: string };

const attribute = z.strictObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const publishInput = z.strictObject({
  TopicArn: z.string(),
  Message: z.string().min(1),
  Subject: z.string().min(1).max(100).optional(),
  MessageStructure: z.literal('json').optional(),
  MessageAttributes: z.record(z.string(), attribute).optional(),
});

const denial = { code: 'AuthorizationError', status: 403 };
const maxBytes = 256 * 1024;
const serverRetryMs = 20_000;

export function createTopics(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  deliver: Deliver;
  meter: Meter;
  /** Chance that a subscriber gets a message once more. */
  duplicateChance: number;
}): Topics {
  const { virtual, random, account, region, access, kms } = parts;
  const topics = new Map<string, Topic>();
  const subscriptions: Subscription[] = [];
  const inbox: OutsideMessage[] = [];

  const askFor = (topic: Topic, context = {}): Ask => ({
    action: 'sns:Publish',
    resource: topic.arn,
    context: { 'aws:SourceOwner': account, ...context },
    denial,
    policy: topic.policy ?? defaultPolicy(topic.arn, account),
  });

  function lockedKey(topic: Topic, caller: Caller): string | undefined {
    const { kmsKeyId } = topic;
    if (!kmsKeyId) return undefined;
    const via = caller.kind === 'service' ? {} : { via: `sns.${region}.amazonaws.com` };
    const encryptionContext = { 'aws:sns:topicArn': topic.arn };
    const needed = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;
    return needed.find(action => !kms.mayUse(caller, { action, keyId: kmsKeyId, encryptionContext, ...via }));
  }

  function notify(topic: Topic, parcel: Parcel): string {
    const notification: Notification = {
      id: uuid(random),
      topicArn: topic.arn,
      at: virtual.now(),
      subject: parcel.subject,
      texts: { default: parcel.body, ...parcel.bodyByProtocol },
      attributes: parcel.attributes ?? {},
    };
    for (const subscription of subscriptions) {
      if (subscription.topicArn !== topic.arn || subscription.confirmed === false) continue;
      const copies = random() < parts.duplicateChance ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        virtual.schedule(virtual.now(), `${topic.name} to ${subscription.endpoint}`, () =>
          hand(topic, subscription, notification),
        );
      }
    }
    return notification.id;
  }

  function hand(topic: Topic, subscription: Subscription, notification: Notification): void {
    const text = notification.texts[subscription.protocol] ?? notification.texts.default!;
    if (!passesFilter(subscription, text, notification.attributes)) {
      count(topic, 'NumberOfNotificationsFilteredOut');
      return;
    }
    const outcome = handTo(subscription, notification, text);
    if (outcome === 'delivered') {
      count(topic, 'NumberOfNotificationsDelivered');
      return;
    }
    if (outcome.retryable) {
      const again = new Date(virtual.now().getTime() + serverRetryMs);
      virtual.schedule(again, `retry of ${topic.name}`, () => hand(topic, subscription, notification));
      return;
    }
    // A missing permission or a deleted function is not retried: only a queue of its own saves the message.
    count(topic, 'NumberOfNotificationsFailed');
    if (!subscription.deadLetterArn) return;
    const body = queueBody(notification, subscription.arn, text);
    parts.deliver(subscription.deadLetterArn, { body }, asService('sns.amazonaws.com', topic.arn));
  }

  function handTo(subscription: Subscription, notification: Notification, text: string): DeliveryOutcome {
    const { protocol, endpoint, arn, topicArn, rawMessageDelivery } = subscription;
    const by = asService('sns.amazonaws.com', topicArn);
    if (protocol === 'lambda')
      return parts.deliver(endpoint, { body: JSON.stringify(lambdaEvent(notification, arn, text)) }, by);
    const body = rawMessageDelivery ? text : queueBody(notification, arn, text);
    if (protocol === 'sqs') {
      return parts.deliver(
        endpoint,
        rawMessageDelivery ? { body, attributes: notification.attributes } : { body },
        by,
      );
    }
    const written = protocol === 'email' ? text : body;
    inbox.push({
      at: virtual.now(),
      topicArn,
      protocol,
      endpoint,
      subject: notification.subject,
      text: written,
    });
    return 'delivered';
  }

  function count(topic: Topic, name: string): void {
    parts.meter({
      namespace: 'AWS/SNS',
      name,
      dimensions: { TopicName: topic.name },
      value: 1,
      unit: 'Count',
    });
  }

  return {
    service: {
      name: 'sns',
      protocol: awsQuery,
      operations: {
        Publish: operation(publishInput, (input, call) => {
          const topic = topics.get(input.TopicArn);
          if (!topic) {
            access.permit(call, { action: 'sns:Publish', resource: input.TopicArn, denial });
            throw new AwsError('NotFound', 'Topic does not exist', 404);
          }
          access.permit(call, askFor(topic));
          const locked = lockedKey(topic, call.caller);
          if (locked)
            throw new AwsError(
              'KMSAccessDenied',
              `${call.caller.arn} is not authorized to perform: ${locked}`,
            );
          if (Buffer.byteLength(input.Message) > maxBytes) throw invalid('Message too long');
          const texts = input.MessageStructure ? textsIn(input.Message) : { default: input.Message };
          const attributes = (input.MessageAttributes ?? {}) as Record<string, MessageAttribute>;
          const parcel: Parcel = { body: texts.default!, bodyByProtocol: texts, attributes };
          return { MessageId: notify(topic, input.Subject ? { ...parcel, subject: input.Subject } : parcel) };
        }),
      },
    },
    addTopic(template) {
      const arn = `arn:aws:sns:${region}:${account}:${template.name}`;
      topics.set(arn, { ...template, arn });
      return arn;
    },
    subscribe: subscription =>
      void subscriptions.push({ ...subscription, arn: `${subscription.topicArn}:${uuid(random)}` }),
    publish(topicArn, parcel, by) {
      const topic = topics.get(topicArn);
      if (!topic) return { code: 'NotFound', message: 'Topic does not exist', retryable: false };
      const decision = access.decide(by.caller, askFor(topic, sourceContext(by, account)));
      const unauthorized = `${by.caller.arn} is not authorized to perform: SNS:Publish on resource: ${topicArn}`;
      if (!decision.allowed) return { code: 'AuthorizationError', message: unauthorized, retryable: false };
      const locked = lockedKey(topic, by.caller);
      if (locked)
        return {
          code: 'KMSAccessDenied',
          message: `${by.caller.arn} is not authorized to perform: ${locked}`,
          retryable: false,
        };
      notify(topic, parcel);
      return 'delivered';
    },
    inbox,
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

function textsIn(message: string): Record<string, string> {
  try {
    const texts = JSON.parse(message) as Record<string, string>;
    if (typeof texts.default === 'string') return texts;
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  throw invalid('Message Structure - No default entry in JSON message body');
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${message}`);
}
