// A message to the on-call engineer, as data, and how it reads where people already look. Names, reasons and addresses in it
// were written by others: every rendering shows them as text, and none as markup, a mention or a link.

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
const factMaxLength = 300;

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
    lines.length ? [head, ...lines.map(line => `  - ${oneLine(line)}`), ''] : [];
  return [
    `${oneLine(title(notice))}.`,
    ...(drill ? ['This is a fire drill: nothing was revoked.'] : []),
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)} ${oneLine(value)}`),
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
    lines.length ? [slackText(`*${head}*\n${lines.map(line => `• ${slackEscape(line)}`).join('\n')}`)] : [];
  return {
    text: slackEscape(title(notice)),
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
          ...lines.map(line => ({ type: 'TextBlock', text: markdownEscape(line), wrap: true })),
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
              text: markdownEscape(title(notice)),
              weight: 'Bolder',
              size: 'Medium',
              color: colour,
              wrap: true,
            },
            {
              type: 'FactSet',
              facts: notice.facts.map(([title, value]) => ({ title, value: markdownEscape(value) })),
            },
            ...list('What Keyturn has done', notice.done),
            ...list('What to do now', notice.next),
            {
              type: 'TextBlock',
              text: markdownEscape(`Runbook: ${notice.runbook}`),
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

/** Control characters and line breaks could fake further lines. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > factMaxLength ? `${line.slice(0, factMaxLength - 3)}...` : line;
}

/** Every character that begins markup, a link, HTML or a mention. */
export function markdownEscape(text: string): string {
  return oneLine(text)
    .replace(/^[-+]|[\\`*_{}[\]()<>#!|~@&]/g, '\\$&')
    .replace(/:\/\//g, ':\\//');
}

function slackEscape(text: string): string {
  const safe = oneLine(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  // Slack's own markup has no escape; a zero-width space after the character keeps it from being read as such.
  return safe.replace(/[*_~`]|:(?=\/\/)/g, '$&\u200b');
}

function slackText(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3000) } };
}

function slackField(label: string, value: string): object {
  return { type: 'mrkdwn', text: `*${slackEscape(label)}*\n${slackEscape(value)}` };
}
