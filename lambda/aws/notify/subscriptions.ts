// Who is subscribed to a topic, with what only each subscription itself tells: a filter keeps messages from a mailbox unseen.
import {
  GetSubscriptionAttributesCommand,
  NotFoundException,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { Subscription } from '../../../core/notices/listeners';

export async function subscriptionsTo(sns: SNSClient, TopicArn: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
    for (const {
      SubscriptionArn: arn = '',
      Protocol: protocol = '',
      Endpoint: endpoint = '',
    } of Subscriptions)
      found.push({ protocol, endpoint, ...(await detailsOf(sns, arn)) });
  return found;
}

async function detailsOf(
  sns: SNSClient,
  arn: string,
): Promise<Pick<Subscription, 'arn' | 'isRaw' | 'isFiltered'>> {
  // One that nobody has confirmed has no ARN.
  if (!arn.startsWith('arn:')) return { arn };
  try {
    const { Attributes = {} } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }),
    );
    const { RawMessageDelivery, FilterPolicy } = Attributes;
    return {
      arn,
      isRaw: RawMessageDelivery === 'true',
      isFiltered: FilterPolicy !== undefined && FilterPolicy !== '' && FilterPolicy !== '{}',
    };
  } catch (error) {
    // It ended since it was listed.
    if (error instanceof NotFoundException) return { arn: 'Deleted' };
    throw error;
  }
}
