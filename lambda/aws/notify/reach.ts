// Every hour: whether a message for on-call would reach people. What counts is what SNS and KMS say now, not that a message was
// sent. Where nobody is left, a metric raises an alarm that takes another way.
import { NotFoundException, paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import {
  type Listener,
  listenersOf,
  type NamedMailboxes,
  reachesPeople,
  type Subscription,
} from '../../../core/notices/listeners';
import { listenerNotice } from '../../../core/notices/other-notices';
import type { Clock } from '../../../core/provider';
import { describeError, logger } from '../runtime/logger';
import type { Problems } from '../table/problems';

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

export type LookAtReach = () => Promise<void>;

/** Throws nothing: what else is done by the hour does not depend on it. */
export function createReach(
  { environment, topicArn, fallbackTopicArn, mailboxes }: ReachConfig,
  clients: ReachClients,
): LookAtReach {
  const { sns, problems, isKeyUsable, clock } = clients;

  const { emails, ofTeams = [] } = mailboxes;
  const named = [...emails, ...ofTeams];

  async function listenersTo(TopicArn: string, of: NamedMailboxes): Promise<Listener[]> {
    const subscriptions: Subscription[] = [];
    for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
      for (const {
        SubscriptionArn: arn = '',
        Protocol: protocol = '',
        Endpoint: endpoint = '',
      } of page.Subscriptions ?? [])
        subscriptions.push({ arn, protocol, endpoint });
    return listenersOf(subscriptions, of);
  }

  async function look(): Promise<boolean> {
    const found = await listenersTo(topicArn, mailboxes);
    const isReached = reachesPeople(found) && (await isKeyUsable()) !== false;
    if (!isReached) return false;
    // Told to the others.
    await tellOf(found, 'oncall');
    await tellOf(await listenersTo(fallbackTopicArn, { emails }).catch(nobodyIfGone), 'fallback');
    return true;
  }

  async function tellOf(listeners: readonly Listener[], topic: 'oncall' | 'fallback'): Promise<void> {
    const at = clock.now();
    for (const listener of listeners.filter(({ endpoint }) => named.includes(endpoint))) {
      const problem = { notice: listenerNotice(environment, listener, topic), at };
      await (listener.problem ? problems.begin(problem) : problems.end(problem));
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
