// Which subscriptions SNS refuses, and in which words.
import type { EventPattern } from '../eventbridge/event-pattern';
import { checkFilterPolicy, PatternRefused } from '../eventbridge/pattern-check';
import { AwsError } from '../wire/aws-error';
import type { SubscriptionFromTemplate } from './subscription';

const protocols = ['lambda', 'sqs', 'email', 'email-json', 'http', 'https'] as const;

/** As Subscribe has it: all attributes are texts. */
export interface WrittenSubscription {
  TopicArn: string;
  Protocol: string;
  Endpoint: string;
  Attributes: {
    FilterPolicy?: string | undefined;
    FilterPolicyScope?: string | undefined;
    RawMessageDelivery?: string | undefined;
    RedrivePolicy?: string | undefined;
  };
}

/** @throws {AwsError} InvalidParameter */
export function readSubscription({
  TopicArn,
  Protocol,
  Endpoint,
  Attributes,
}: WrittenSubscription): SubscriptionFromTemplate {
  const { FilterPolicy, FilterPolicyScope: scope, RawMessageDelivery: raw, RedrivePolicy } = Attributes;
  const protocol = protocols.find(known => known === Protocol);
  if (!protocol) throw invalid(`Amazon SNS does not support this protocol string: ${Protocol}`);
  if (raw !== undefined && raw !== 'true' && raw !== 'false')
    throw invalid(`Attributes Reason: RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`);
  if (scope !== undefined && scope !== 'MessageBody' && scope !== 'MessageAttributes')
    throw invalid(
      `Attributes Reason: FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
    );
  const redrive =
    RedrivePolicy && (jsonIn('RedrivePolicy', RedrivePolicy) as { deadLetterTargetArn?: string });
  const subscription: SubscriptionFromTemplate = {
    topicArn: TopicArn,
    protocol,
    endpoint: Endpoint,
    rawMessageDelivery: raw === 'true',
    ...(FilterPolicy && { filterPolicy: jsonIn('FilterPolicy', FilterPolicy) as EventPattern }),
    ...(scope && { filterPolicyScope: scope }),
    ...(redrive && { deadLetterArn: String(redrive.deadLetterTargetArn) }),
  };
  checkSubscription(subscription);
  return subscription;
}

/** @throws {AwsError} InvalidParameter */
export function checkSubscription(subscription: SubscriptionFromTemplate): void {
  const {
    protocol,
    endpoint,
    filterPolicy,
    filterPolicyScope = 'MessageAttributes',
    deadLetterArn,
  } = subscription;
  checkEndpoint(protocol, endpoint);
  if (deadLetterArn !== undefined && !deadLetterArn.startsWith('arn:'))
    throw invalid('Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn');
  if (!filterPolicy) return;
  try {
    checkFilterPolicy(filterPolicy, filterPolicyScope);
  } catch (error) {
    if (!(error instanceof PatternRefused)) throw error;
    // The one refusal that is recorded without the name of its attribute.
    throw invalid(
      error.message.startsWith('Filter policy scope')
        ? error.message
        : `Attributes Reason: FilterPolicy: ${error.message}`,
    );
  }
}

function checkEndpoint(protocol: SubscriptionFromTemplate['protocol'], endpoint: string): void {
  if ((protocol === 'http' || protocol === 'https') && !endpoint.startsWith(`${protocol}://`))
    throw invalid('Endpoint must match the specified protocol');
  if (protocol === 'sqs' && !endpoint.startsWith('arn:')) throw invalid('SQS endpoint ARN');
}

function jsonIn(attribute: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`Attributes Reason: ${attribute}: failed to parse JSON.`);
  }
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${message}`);
}
