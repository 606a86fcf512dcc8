// Notifies on-call through one SNS topic: mailboxes get text, everybody else JSON as docs/notice.schema.json has it. All that
// Keyturn tells people passes here, whatever noticed it.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { chatOf, messageOf, teamAttribute } from '../../../core/notices/forms/message';
import { inRunbook, type Notice, subjectOf } from '../../../core/notices/notice';
import { openRegistry, type Registry } from '../registry/registry';
import { clientSettings } from '../runtime/client-settings';
import { variable } from '../runtime/handler';
import { describeError, logger } from '../runtime/logger';

export type Notify = (notice: Notice) => Promise<void>;

/** As this function was deployed. */
export function openNotify(variables: NodeJS.ProcessEnv): Notify {
  const topic = variable('KEYTURN_ONCALL_TOPIC', variables);
  const runbook = variables.KEYTURN_RUNBOOK;
  const others = JSON.parse(variables.KEYTURN_OTHER_TOPICS ?? '[]') as ToldTopic[];
  const sns = new SNSClient(clientSettings);
  const registry = openRegistry(variables);
  return namingOwners(registry, tellingOthers(others, sns, createNotify(sns, topic, runbook), runbook));
}

/** So that people see whose keys it is about, and subscriptions can choose by team. */
export function namingOwners(registry: Pick<Registry, 'ownersOf'>, tell: Notify): Notify {
  return notice => {
    const owners = registry.ownersOf(notice.keys);
    if (!owners.length) return tell(notice);
    const label = owners.length === 1 ? 'Team' : 'Teams';
    return tell({ ...notice, owners, facts: [...notice.facts, [label, owners.join(', ')]] });
  };
}

/** A topic of others that gets messages for people. */
export interface ToldTopic {
  arn: string;
  gets: 'messages' | 'chat';
}

/** The others first: of those that refuse, Keyturn's own topic tells in the same message. */
export function tellingOthers(
  topics: readonly ToldTopic[],
  sns: SNSClient,
  tellOwn: Notify,
  runbook?: string,
): Notify {
  return async notice => {
    const refused: string[] = [];
    for (const { arn, gets } of topics) {
      const tell = gets === 'chat' ? createChat(sns, arn, runbook) : createNotify(sns, arn, runbook);
      await tell(notice).catch((error: Error) => {
        logger.error('a topic of others refused a message', { topic: arn, error: describeError(error) });
        refused.push(`${arn} (${error.name})`);
      });
    }
    const facts = refused.map(topic => ['Could not tell the topic', topic] as const);
    await tellOwn(facts.length ? { ...notice, facts: [...notice.facts, ...facts] } : notice);
  };
}

function createChat(sns: SNSClient, topicArn: string, runbook?: string): Notify {
  return async notice => {
    const Message = JSON.stringify(chatOf(inRunbook(notice, runbook)));
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message }));
  };
}

/** SNS takes 256 KB; a report that makes it more is left out. */
const longestMessage = 240 * 1024;

/** @param runbook where the team keeps it @default - the one that is shipped */
export function createNotify(sns: SNSClient, topicArn: string, runbook?: string): Notify {
  return async notice => {
    const { report, ...short } = inRunbook(notice, runbook);
    const { owners = [] } = notice;
    const whole = inFull({ ...short, ...(report && { report }) });
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(notice),
        MessageStructure: 'json',
        Message: Buffer.byteLength(whole) > longestMessage ? inFull(short) : whole,
        ...(owners.length && {
          MessageAttributes: {
            [teamAttribute]: { DataType: 'String.Array', StringValue: JSON.stringify(owners) },
          },
        }),
      }),
    );
  };
}

function inFull(notice: Notice): string {
  const message = messageOf(notice);
  return JSON.stringify({ default: JSON.stringify(message), email: message.text });
}
