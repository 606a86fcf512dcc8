// Subscriptions as SNS shows them to those who ask.
import type { Subscription } from './fan-out';

/** In a list: one that waits for its owner has no ARN yet. */
export function listed({ arn, protocol, endpoint, topicArn, confirmed }: Subscription) {
  return {
    SubscriptionArn: confirmed === false ? 'PendingConfirmation' : arn,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}

/** By themselves: every attribute is a text. */
export function attributesOf(subscription: Subscription): Map<string, string> {
  const { arn, protocol, endpoint, topicArn, rawMessageDelivery, filterPolicy } = subscription;
  const { filterPolicyScope = 'MessageAttributes', deadLetterArn } = subscription;
  const attributes = new Map([
    ['SubscriptionArn', arn],
    ['TopicArn', topicArn],
    ['Protocol', protocol],
    ['Endpoint', endpoint],
    ['RawMessageDelivery', String(rawMessageDelivery ?? false)],
    ['PendingConfirmation', String(subscription.confirmed === false)],
    ['ConfirmationWasAuthenticated', String(protocol === 'lambda' || protocol === 'sqs')],
  ]);
  if (filterPolicy) {
    attributes.set('FilterPolicy', JSON.stringify(filterPolicy));
    attributes.set('FilterPolicyScope', filterPolicyScope);
  }
  if (deadLetterArn) attributes.set('RedrivePolicy', JSON.stringify({ deadLetterTargetArn: deadLetterArn }));
  return attributes;
}
