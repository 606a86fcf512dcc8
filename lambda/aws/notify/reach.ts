// Every hour: whether a message for on-call would reach people. What counts is what SNS and KMS say now, not that a message was
// sent. Where nobody is left, a metric raises an alarm that takes another way.
import { NotFoundException, type SNSClient } from '@aws-sdk/client-sns';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import {
  type Listener,
  listenersOf,
  type NamedMailboxes,
  reachesPeople,
} from '../../../core/notices/listeners';
import { listenerNotice } from '../../../core/notices/other-notices';
import type { Clock } from '../../../core/provider';
import { describeError, logger } from '../runtime/logger';
import type { Problems } from '../table/problems';
import { subscriptionsTo } from './subscriptions';

export interface ReachConfig {
  environment: string;
  topicArn: string;
  /** Of the topic that tells people where that one is what does not work. */
  fallbackTopicArn: string;
  mailboxes: NamedMailboxes;
}

export interface ReachClients {
  sns: SNSClient;
  problems: Problems;
  /** @returns false where the topic's key is disabled, or there no more; `undefined` where nobody may say */
  isKeyUsable(): Promise<boolean | undefined>;
  clock: Clock;
}

/** Whether the fallback would reach people, and whether an address is well again, can wait until these hours of the day, UTC. */
const wholeLookEveryHours = 6;

export type LookAtReach = () => Promise<void>;

/** Throws nothing: what else is done by the hour does not depend on it. */
export function createReach(
  { environment, topicArn, fallbackTopicArn, mailboxes }: ReachConfig,
  clients: ReachClients,
): LookAtReach {
  const { sns, problems, isKeyUsable, clock } = clients;

  const { emails, ofTeams = [] } = mailboxes;
  const named = [...emails, ...ofTeams];

  const listenersTo = async (TopicArn: string, of: NamedMailboxes): Promise<Listener[]> =>
    listenersOf(await subscriptionsTo(sns, TopicArn), of);

  async function look(): Promise<boolean> {
    const found = await listenersTo(topicArn, mailboxes);
    const isReached = reachesPeople(found) && (await isKeyUsable()) !== false;
    if (!isReached) return false;
    // Told to the others.
    if (clock.now().getUTCHours() % wholeLookEveryHours === 0) await lookAtAll(found);
    else await tellOf(found, 'oncall');
    return true;
  }

  async function lookAtAll(found: readonly Listener[]): Promise<void> {
    const known = await problems.listOn();
    await tellOf(found, 'oncall', known);
    await tellOf(await listenersTo(fallbackTopicArn, { emails }).catch(nobodyIfGone), 'fallback', known);
  }

  /** @param known problems that are on: what was well before is not written down again */
  async function tellOf(
    listeners: readonly Listener[],
    topic: 'oncall' | 'fallback',
    known: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const at = clock.now();
    for (const listener of listeners) {
      // As the configuration writes it: SNS keeps the case in which somebody subscribed.
      const endpoint = named.find(email => email.toLowerCase() === listener.endpoint.toLowerCase());
      if (endpoint === undefined) continue;
      const notice = listenerNotice(environment, { ...listener, endpoint }, topic);
      if (listener.problem) await problems.begin({ notice, at });
      else if (known.has(notice.about)) await problems.end({ notice, at });
    }
  }

  /** Somebody has deleted the topic. */
  function nobodyIfGone(error: unknown): Listener[] {
    if (error instanceof NotFoundException) return listenersOf([], { emails });
    throw error;
  }

  return async () => {
    let isReached = false;
    try {
      isReached = await look();
    } catch (error) {
      // Not proven is not reached: an alarm too many is heard, one too few is not.
      logger.error('does not know whether messages for on-call reach people', {
        error: describeError(error),
      });
    }
    const counts = { NobodyTold: isReached ? 0 : 1 };
    process.stdout.write(`${environmentMetricLine(environment, counts, clock.now())}\n`);
  };
}
