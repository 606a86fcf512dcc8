// Who would get a message for on-call now.
import { SNSClient } from '@aws-sdk/client-sns';
import { hasCode, KeyturnError } from '../../../core/errors';
import { type Listener, listenersOf, reachesPeople } from '../../../core/notices/listeners';
import { subscriptionsTo } from '../../../lambda/aws/notify/subscriptions';
import { topicName } from '../../../lib/config/aws/names';
import { partitionOf } from '../../../lib/config/aws/regions';
import { mailboxesOf } from '../../../lib/config/config';
import { count } from '../../terminal/table';
import { type Aws, clientOf } from '../aws';

export interface Listeners {
  topic: string;
  /** Each address of the configuration is among them. */
  listeners: Listener[];
  /** Why it could not be looked at: what else is known does not depend on it. */
  unknown?: string;
}

export async function onCallListeners(aws: Aws): Promise<Listeners> {
  const { name, region, account } = aws.environment;
  const mailboxes = mailboxesOf(aws.environment);
  const topic = topicName(name, 'oncall');
  const TopicArn = `arn:${partitionOf(region)}:sns:${region}:${account}:${topic}`;
  const sns = clientOf(aws, SNSClient, 'sns');
  try {
    const subscriptions = await subscriptionsTo(sns, TopicArn);
    return { topic, listeners: listenersOf(subscriptions, mailboxes) };
  } catch (error) {
    if (hasCode(error, 'not-deployed')) return { topic, listeners: listenersOf([], mailboxes) };
    if (error instanceof KeyturnError) return { topic, listeners: [], unknown: error.message };
    throw error;
  }
}

/** One line for each that needs a person, below a line that says how many; empty where all is well. */
export function listenersInWords(environment: string, { topic, listeners, unknown }: Listeners): string {
  if (unknown) return `${environment}: who gets the messages for on-call is not known: ${unknown}\n`;
  const unwell = listeners.filter(({ problem }) => problem);
  const lines = unwell.map(({ endpoint, problem }) => `  ${endpoint} ${problem}\n`).join('');
  if (!reachesPeople(listeners))
    return `${environment}: NO ONE gets the messages for on-call: no subscription of ${topic} is confirmed\n${lines}`;
  return unwell.length
    ? `${environment}: ${unwell.length} of ${count(listeners.length, 'subscription')} for on-call ${unwell.length === 1 ? 'needs' : 'need'} attention\n${lines}`
    : '';
}

export function needsAttention({ listeners, unknown }: Listeners): boolean {
  return unknown !== undefined || !reachesPeople(listeners) || listeners.some(({ problem }) => problem);
}
