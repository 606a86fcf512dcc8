// Notifies on-call through one SNS topic: mailboxes get text; everybody else gets the facts as JSON, together with
// bodies that Slack, Teams and PagerDuty take as they are.
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type Notice, pagerDutyOf, slackOf, subjectOf, teamsOf, textOf } from '../../../core/notices/notice';

export type Notify = (notice: Notice) => Promise<void>;

export function createNotify(sns: SNSClient, topicArn: string): Notify {
  return async notice => {
    const text = textOf(notice);
    const everything = {
      ...notice,
      text,
      slack: slackOf(notice),
      teams: teamsOf(notice),
      pagerDuty: pagerDutyOf(notice),
    };
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(notice),
        MessageStructure: 'json',
        Message: JSON.stringify({ default: JSON.stringify(everything), email: text }),
      }),
    );
  };
}
