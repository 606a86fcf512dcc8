// Tells whoever is on call, through one SNS topic: mailboxes get text; everybody else gets the facts as JSON, together with
// bodies that Slack, Teams and PagerDuty take as they are.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type Notice, pagerDutyOf, slackOf, subjectOf, teamsOf, textOf } from '../../../core/notices/notice';
import { clientSettings } from '../runtime/client-settings';

const client = new SNSClient(clientSettings);

export async function notify(topicArn: string, notice: Notice): Promise<void> {
  const text = textOf(notice);
  const everything = {
    ...notice,
    text,
    slack: slackOf(notice),
    teams: teamsOf(notice),
    pagerDuty: pagerDutyOf(notice),
  };
  await client.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: subjectOf(notice),
      MessageStructure: 'json',
      Message: JSON.stringify({ default: JSON.stringify(everything), email: text }),
    }),
  );
}
