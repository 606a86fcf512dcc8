// What a subscriber gets of a message: whether its filter lets it through, and in which shape.

import { type EventPattern, matchesPattern } from '../eventbridge/event-pattern';
import type { MessageAttribute } from '../shared/service-delivery';

export interface SubscriptionFromTemplate {
  topicArn: string;
  protocol: 'lambda' | 'sqs' | 'email' | 'email-json' | 'http' | 'https';
  /** ARN, address or URL. */
  endpoint: string;
  filterPolicy?: EventPattern;
  /** @default MessageAttributes */
  filterPolicyScope?: 'MessageAttributes' | 'MessageBody';
  rawMessageDelivery?: boolean;
  /** Queue for what could not be delivered: from RedrivePolicy. */
  deadLetterArn?: string;
  /** An address or URL gets nothing until its owner has confirmed. @default true */
  confirmed?: boolean;
}

export interface Notification {
  id: string;
  topicArn: string;
  at: Date;
  subject?: string | undefined;
  /** By protocol, with `default` for all others. */
  texts: Record<string, string> & { default: string };
  attributes: Record<string, MessageAttribute>;
}

export function passesFilter(
  { filterPolicy, filterPolicyScope }: SubscriptionFromTemplate,
  text: string,
  attributes: Notification['attributes'],
): boolean {
  if (!filterPolicy) return true;
  const subject = filterPolicyScope === 'MessageBody' ? jsonIn(text) : plainAttributes(attributes);
  return subject !== undefined && matchesPattern(filterPolicy, subject);
}

/** Lambda's event spells Url where queues and web hooks spell URL. */
export function lambdaEvent(notification: Notification, subscriptionArn: string, text: string): unknown {
  const attributes = Object.entries(notification.attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ],
  );
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId: notification.id,
          TopicArn: notification.topicArn,
          Subject: notification.subject ?? null,
          Message: text,
          Timestamp: notification.at.toISOString(),
          SignatureVersion: '1',
          Signature: 'local',
          SigningCertUrl: certificateUrl(notification.topicArn),
          UnsubscribeUrl: unsubscribeUrl(notification.topicArn, subscriptionArn),
          MessageAttributes: Object.fromEntries(attributes),
        },
      },
    ],
  };
}

export function queueBody(notification: Notification, subscriptionArn: string, text: string): string {
  const attributes = Object.entries(notification.attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ],
  );
  return JSON.stringify({
    Type: 'Notification',
    MessageId: notification.id,
    TopicArn: notification.topicArn,
    ...(notification.subject !== undefined && { Subject: notification.subject }),
    Message: text,
    Timestamp: notification.at.toISOString(),
    SignatureVersion: '1',
    Signature: 'local',
    SigningCertURL: certificateUrl(notification.topicArn),
    UnsubscribeURL: unsubscribeUrl(notification.topicArn, subscriptionArn),
    ...(attributes.length && { MessageAttributes: Object.fromEntries(attributes) }),
  });
}

function plainAttributes(attributes: Notification['attributes']): Record<string, unknown> {
  const plain = Object.entries(attributes).map(([name, { DataType, StringValue }]) => {
    if (DataType === 'Number') return [name, Number(StringValue)];
    return [name, DataType === 'String.Array' ? jsonIn(StringValue ?? '') : StringValue];
  });
  return Object.fromEntries(plain);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function host(topicArn: string): string {
  return `https://sns.${topicArn.split(':')[3]}.amazonaws.com`;
}

function certificateUrl(topicArn: string): string {
  return `${host(topicArn)}/SimpleNotificationService-local.pem`;
}

function unsubscribeUrl(topicArn: string, subscriptionArn: string): string {
  return `${host(topicArn)}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}
