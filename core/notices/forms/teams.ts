// A notice as the body of a call to a Teams workflow ("post to a channel when a webhook request is received"): an Adaptive Card.
// https://learn.microsoft.com/power-automate/teams/teams-app-create and https://adaptivecards.io/explorer, 28 KB at most.
import { commandText, markdownText } from '../../text/safe-text';
import type { Step } from '../../text/step';
import { type Notice, outlookOf, titleOf, webLink } from '../notice';

const colours = { info: 'Default', warning: 'Warning', critical: 'Attention' } as const;

export function teamsOf(notice: Notice): object {
  const outlook = outlookOf(notice);
  const link = webLink(notice.runbook);
  const colour = notice.state === 'over' ? 'Good' : colours[notice.severity];
  const body = [
    { ...line(titleOf(notice)), weight: 'Bolder', size: 'Medium', color: colour },
    ...(outlook ? [line(outlook)] : []),
    {
      type: 'FactSet',
      facts: notice.facts.map(([title, value]) => ({ title, value: markdownText(value) })),
    },
    ...list('What Keyturn has done', notice.done.map(line)),
    ...list(
      notice.state === 'over' ? 'What may be left to do' : 'What to do now',
      notice.next.flatMap(stepElements),
    ),
    ...(link ? [] : [{ ...line(`Runbook: ${notice.runbook}`), isSubtle: true }]),
  ];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body,
          ...(link && { actions: [{ type: 'Action.OpenUrl', title: 'Runbook', url: link }] }),
        },
      },
    ],
  };
}

function list(head: string, elements: object[]): object[] {
  return elements.length
    ? [{ type: 'TextBlock', text: head, weight: 'Bolder', wrap: true }, ...elements]
    : [];
}

function line(text: string): object {
  return { type: 'TextBlock', text: markdownText(text), wrap: true };
}

/** A run of rich text is shown as it is: the one place of a card that knows no Markdown. */
function stepElements({ text, command }: Step): object[] {
  if (!command) return [line(text)];
  const run = { type: 'TextRun', text: commandText(command), fontType: 'Monospace' };
  return [line(text), { type: 'RichTextBlock', inlines: [run] }];
}
