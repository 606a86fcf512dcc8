// What every subscriber but a mailbox gets of a notice, as docs/notice.schema.json has it: the facts, and bodies that Slack,
// Teams and PagerDuty take as they are.

import { reportMarkdown } from '../../incident/report/report-forms';
import { commandText, oneLine } from '../../text/safe-text';
import { stepInLine } from '../../text/step';
import { type Notice, outlookOf, titleOf, webLink } from '../notice';
import { mailOf } from './mail';
import { slackOf } from './slack';
import { teamsOf } from './teams';

/** The attribute of a message in SNS by which subscriptions choose: the teams whose keys it is about. */
export const teamAttribute = 'team';

/** The form; another one, if what is in it changes its meaning. */
const noticeSchema = 'keyturn.notice/1';

export interface NoticeMessage extends Omit<Notice, 'report'> {
  schema: typeof noticeSchema;
  text: string;
  /** Markdown, for tickets. */
  report?: string;
  slack: object;
  teams: object;
  pagerDuty: object;
}

export function messageOf({ report, ...notice }: Notice): NoticeMessage {
  return {
    schema: noticeSchema,
    ...notice,
    text: mailOf({ ...notice, ...(report && { report }) }),
    ...(report && { report: reportMarkdown(report, notice.runbook) }),
    slack: slackOf(notice),
    teams: teamsOf(notice),
    pagerDuty: pagerDutyOf(notice),
  };
}

const summaryMaxLength = 1024;

/**
 * An event for PagerDuty's Events API v2, but for the `routing_key`, which the caller adds.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export function pagerDutyOf(notice: Notice): object {
  const { state, about, environment, severity, drill, facts, done, next, runbook } = notice;
  const link = webLink(runbook);
  const outlook = outlookOf(notice);
  return {
    event_action: state === 'over' ? 'resolve' : 'trigger',
    dedup_key: about,
    client: 'Keyturn',
    ...(link && { links: [{ href: link, text: 'Runbook' }] }),
    payload: {
      summary: oneLine(titleOf(notice)).slice(0, summaryMaxLength),
      source: `keyturn-${environment}`,
      severity: drill ? 'info' : severity,
      custom_details: {
        ...(outlook && { outlook }),
        ...Object.fromEntries(facts.map(([label, value]) => [label, oneLine(value)])),
        done: done.map(oneLine),
        next: next.map(one => commandText(stepInLine(one))),
        runbook,
      },
    },
  };
}

/**
 * What Amazon Q Developer in chat applications (AWS Chatbot) shows; it shows no message of another form.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function chatOf(notice: Notice): object {
  const { about, headline, severity, state, keys, next } = notice;
  return {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: oneLine(titleOf(notice)),
      // Shown as code, in which neither Slack nor Teams knows markup or mentions.
      description: `\`\`\`\n${mailOf(notice).replaceAll('`', "'")}\n\`\`\``,
      nextSteps: next.map(one => `\`${commandText(stepInLine(one))}\``),
      keywords: [...keys],
    },
    metadata: {
      threadId: about,
      summary: oneLine(headline),
      eventType: `keyturn-${severity}-${state}`,
      relatedResources: [...keys],
    },
  };
}
