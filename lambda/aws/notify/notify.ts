// Notifies on-call through one SNS topic: mailboxes get text, everybody else JSON as docs/notice.schema.json has it. All that
// Keyturn tells people passes here, whatever noticed it.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { messageOf } from '../../../core/notices/message';
import { inRunbook, type Notice, subjectOf } from '../../../core/notices/notice';
import { clientSettings } from '../runtime/client-settings';
import { variable } from '../runtime/handler';

export type Notify = (notice: Notice) => Promise<void>;

/** As this function was deployed. */
export function openNotify(variables: NodeJS.ProcessEnv): Notify {
  const topic = variable('KEYTURN_ONCALL_TOPIC', variables);
  return createNotify(new SNSClient(clientSettings), topic, variables.KEYTURN_RUNBOOK);
}

/** SNS takes 256 KB; a report that makes it more is left out. */
const longestMessage = 240 * 1024;

/** @param runbook where the team keeps it @default - the one that is shipped */
export function createNotify(sns: SNSClient, topicArn: string, runbook?: string): Notify {
  return async notice => {
    const { report, ...short } = inRunbook(notice, runbook);
    const whole = inFull({ ...short, ...(report && { report }) });
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(notice),
        MessageStructure: 'json',
        Message: Buffer.byteLength(whole) > longestMessage ? inFull(short) : whole,
      }),
    );
  };
}

function inFull(notice: Notice): string {
  const message = messageOf(notice);
  return JSON.stringify({ default: JSON.stringify(message), email: message.text });
}
