// A message to the on-call engineer, as data, and how it reads where people already look. Names, reasons and addresses in it
// were written by others: every rendering shows them as text, and none as markup, a mention or a link.

import { mailText, markdownText, oneLine, slackText } from '../text/safe-text';

export type Severity = 'info' | 'warning' | 'critical';

export interface Notice {
  severity: Severity;
  /** Same for everything about one matter, so that tools put it together. */
  about: string;
  environment: string;
  /** One sentence, without a full stop. */
  headline: string;
  /** What is known: label and value. */
  facts: readonly (readonly [label: string, value: string])[];
  /** What Keyturn has done already, a sentence each. */
  done: readonly string[];
  /** What to do now, a sentence or a command each. */
  next: readonly string[];
  /** Section of docs/runbook.md. */
  runbook: string;
  drill: boolean;
  /** The whole report, as Markdown; where there is room for it. */
  report?: string;
}

export function runbookSection(section: string): string {
  return `docs/runbook.md#${section}`;
}

/** SNS takes no longer subject, and printable ASCII only. */
const subjectMaxLength = 100;

export function subjectOf(notice: Notice): string {
  const subject = oneLine(`${title(notice)}`).replace(/[^\x20-\x7e]/g, '?');
  return subject.length > subjectMaxLength ? `${subject.slice(0, subjectMaxLength - 3)}...` : subject;
}

function title({ drill, environment, headline }: Notice): string {
  return `${drill ? 'DRILL ' : ''}Keyturn (${environment}): ${headline}`;
}

/** For e-mail, and for every place that shows plain text. */
export function textOf(notice: Notice): string {
  const { facts, done, next, runbook, drill } = notice;
  const width = Math.max(0, ...facts.map(([label]) => label.length)) + 1;
  const section = (head: string, lines: readonly string[]) =>
    lines.length ? [head, ...lines.map(line => `  - ${mailText(line)}`), ''] : [];
  return [
    `${mailText(title(notice))}.`,
    ...(drill ? ['This is a fire drill: nothing was revoked.'] : []),
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)} ${mailText(value)}`),
    ...(facts.length ? [''] : []),
    ...section('What Keyturn has done:', done),
    ...section('What to do now:', next),
    `Runbook: ${runbook}`,
    ...(notice.report ? ['', notice.report] : ['']),
  ].join('\n');
}

/** The body of a call to a Slack incoming web hook. */
export function slackOf(notice: Notice): object {
  const list = (head: string, lines: readonly string[]) =>
    lines.length ? [slackSection(`*${head}*\n${lines.map(line => `• ${slackText(line)}`).join('\n')}`)] : [];
  return {
    text: slackText(title(notice)),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: oneLine(title(notice)).slice(0, 150), emoji: false },
      },
      ...(notice.facts.length
        ? [
            {
              type: 'section',
              fields: notice.facts.slice(0, 10).map(([label, value]) => slackField(label, value)),
            },
          ]
        : []),
      ...list('What Keyturn has done', notice.done),
      ...list('What to do now', notice.next),
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: `Runbook: ${notice.runbook}`, emoji: false }],
      },
    ],
  };
}

/** The body of a call to a Teams workflow ("post to a channel when a webhook request is received"). */
export function teamsOf(notice: Notice): object {
  const list = (head: string, lines: readonly string[]) =>
    lines.length
      ? [
          { type: 'TextBlock', text: head, weight: 'Bolder', wrap: true },
          ...lines.map(line => ({ type: 'TextBlock', text: markdownText(line), wrap: true })),
        ]
      : [];
  const colour = { info: 'Default', warning: 'Warning', critical: 'Attention' }[notice.severity];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'TextBlock',
              text: markdownText(title(notice)),
              weight: 'Bolder',
              size: 'Medium',
              color: colour,
              wrap: true,
            },
            {
              type: 'FactSet',
              facts: notice.facts.map(([title, value]) => ({ title, value: markdownText(value) })),
            },
            ...list('What Keyturn has done', notice.done),
            ...list('What to do now', notice.next),
            {
              type: 'TextBlock',
              text: markdownText(`Runbook: ${notice.runbook}`),
              isSubtle: true,
              wrap: true,
            },
          ],
        },
      },
    ],
  };
}

/** An event for PagerDuty's Events API v2, but for the `routing_key`, which the caller adds. */
export function pagerDutyOf(notice: Notice): object {
  return {
    event_action: 'trigger',
    dedup_key: notice.about,
    payload: {
      summary: oneLine(title(notice)).slice(0, 1024),
      source: `keyturn-${notice.environment}`,
      severity: notice.drill ? 'info' : notice.severity,
      custom_details: {
        ...Object.fromEntries(notice.facts.map(([label, value]) => [label, oneLine(value)])),
        done: notice.done.map(oneLine),
        next: notice.next.map(oneLine),
        runbook: notice.runbook,
      },
    },
  };
}

function slackSection(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3000), verbatim: true } };
}

function slackField(label: string, value: string): object {
  return { type: 'mrkdwn', text: `*${slackText(label)}*\n${slackText(value)}`, verbatim: true };
}
