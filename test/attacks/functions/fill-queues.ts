import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rehearsedAttack } from '../attack';
import { denials, foreignRole, unlessDenied } from '../support/foreign';

const names = ['emergency-revoke', 'watch', 'retire'];

export const attack = rehearsedAttack({
  about:
    'a role that may do anything with SQS fills the dead-letter queues, so that people are told of failures',
  guards: [denials('AWS::SQS::QueuePolicy')],
  async play(context) {
    const sqs = new SQSClient(foreignRole(context, ['sqs:*']));
    const taken: string[] = [];
    for (const name of names) {
      const QueueUrl = `https://sqs.eu-central-1.amazonaws.com/111111111111/keyturn-prod-${name}-dlq`;
      const send = new SendMessageCommand({ QueueUrl, MessageBody: '{}' });
      if (await unlessDenied(context, () => sqs.send(send))) taken.push(name);
    }
    return taken.length ? `messages in the queues of ${taken.join(', ')}` : undefined;
  },
});
