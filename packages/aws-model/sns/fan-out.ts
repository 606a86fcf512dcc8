// From a topic to its subscribers: filters, one shape for each protocol, what is retried and what is lost.

import type { Random, Virtual } from '../clock/virtual';
import { uuid } from '../shared/identifiers';
import {
  asService,
  type Deliver,
  type DeliveryOutcome,
  type ServiceMessage,
} from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import {
  lambdaEvent,
  type Notification,
  passesFilter,
  queueBody,
  type SubscriptionFromTemplate,
} from './subscription';

/** A message that left AWS: mail, or a call to a web hook. */
export interface OutsideMessage {
  at: Date;
  topicArn: string;
  protocol: string;
  endpoint: string;
  subject?: string | undefined;
  text: string;
}

export interface FanOut {
  /** @returns its ARN */
  subscribe(subscription: SubscriptionFromTemplate): string;
  unsubscribe(isGone: (subscription: SubscriptionFromTemplate) => boolean): void;
  /** @returns the message id */
  notify(topicArn: string, parcel: ServiceMessage): string;
  readonly inbox: readonly OutsideMessage[];
  subscriptionsOf(topicArn: string): Subscription[];
  /** By its ARN. */
  subscription(arn: string): Subscription | undefined;
  /** What whoever reads the mailbox, or a scanner of its mail, does with the link in it. */
  confirm(topicArn: string, endpoint: string): void;
}

export type Subscription = SubscriptionFromTemplate & { arn: string };

const serverRetryMs = 20_000;

export function createFanOut(parts: {
  virtual: Virtual;
  random: Random;
  deliver: Deliver;
  recordMetric: RecordMetric;
  /** Chance that a subscriber gets a message once more. */
  duplicateChance: number;
  onMail?: (message: OutsideMessage) => void;
}): FanOut {
  const { virtual, random } = parts;
  let subscriptions: Subscription[] = [];
  const inbox: OutsideMessage[] = [];

  function plan(subscription: Subscription, notification: Notification, delayMs: number): void {
    const at = new Date(virtual.now().getTime() + delayMs);
    virtual.schedule(at, `${notification.topicArn} to ${subscription.endpoint}`, () =>
      hand(subscription, notification),
    );
  }

  function hand(subscription: Subscription, notification: Notification): void {
    const count = (name: string) => {
      const dimensions = {
        TopicName: notification.topicArn.slice(notification.topicArn.lastIndexOf(':') + 1),
      };
      parts.recordMetric({ namespace: 'AWS/SNS', name, dimensions, value: 1, unit: 'Count' });
    };
    const text = notification.texts[subscription.protocol] ?? notification.texts.default;
    if (!passesFilter(subscription, text, notification.attributes)) {
      count('NumberOfNotificationsFilteredOut');
      return;
    }
    const outcome = handTo(subscription, notification, text);
    if (outcome === 'delivered') count('NumberOfNotificationsDelivered');
    else if (outcome.retryable) plan(subscription, notification, serverRetryMs);
    else {
      // A missing permission or a deleted function is not retried: only a queue of its own saves the message.
      count('NumberOfNotificationsFailed');
      if (!subscription.deadLetterArn) return;
      const body = queueBody(notification, subscription.arn, text);
      parts.deliver(
        subscription.deadLetterArn,
        { body },
        asService('sns.amazonaws.com', subscription.topicArn),
      );
    }
  }

  function handTo(subscription: Subscription, notification: Notification, text: string): DeliveryOutcome {
    const { protocol, endpoint, arn, topicArn, rawMessageDelivery } = subscription;
    const by = asService('sns.amazonaws.com', topicArn);
    if (protocol === 'lambda') {
      return parts.deliver(endpoint, { body: JSON.stringify(lambdaEvent(notification, arn, text)) }, by);
    }
    const body = rawMessageDelivery ? text : queueBody(notification, arn, text);
    if (protocol === 'sqs') {
      const parcel = rawMessageDelivery ? { body, attributes: notification.attributes } : { body };
      return parts.deliver(endpoint, parcel, by);
    }
    const { subject } = notification;
    const message = {
      at: virtual.now(),
      topicArn,
      protocol,
      endpoint,
      subject,
      text: protocol === 'email' ? text : body,
    };
    inbox.push(message);
    parts.onMail?.(message);
    return 'delivered';
  }

  return {
    inbox,
    subscriptionsOf: topicArn => subscriptions.filter(subscription => subscription.topicArn === topicArn),
    subscription: arn => subscriptions.find(subscription => subscription.arn === arn),
    confirm(topicArn, endpoint) {
      for (const subscription of subscriptions)
        if (subscription.topicArn === topicArn && subscription.endpoint === endpoint)
          subscription.confirmed = true;
    },
    subscribe(subscription) {
      const arn = `${subscription.topicArn}:${uuid(random)}`;
      subscriptions.push({ ...subscription, arn });
      return arn;
    },
    unsubscribe(isGone) {
      subscriptions = subscriptions.filter(subscription => !isGone(subscription));
    },
    notify(topicArn, parcel) {
      const notification: Notification = {
        id: uuid(random),
        topicArn,
        at: virtual.now(),
        subject: parcel.subject,
        texts: { default: parcel.body, ...parcel.bodyByProtocol },
        attributes: parcel.attributes ?? {},
      };
      for (const subscription of subscriptions) {
        if (subscription.topicArn !== topicArn || subscription.confirmed === false) continue;
        plan(subscription, notification, 0);
        if (random() < parts.duplicateChance) plan(subscription, notification, 0);
      }
      return notification.id;
    },
  };
}
