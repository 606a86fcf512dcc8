// A notice as the body of a call to a Slack incoming web hook, within the limits of Block Kit:
// https://docs.slack.dev/reference/block-kit/blocks (150 characters in a header, 3,000 in a section, 10 fields, 50 blocks).
import { commandText, oneLine, slackCode, slackText } from '../../text/safe-text';
import { type Notice, outlookOf, titleOf, webLink } from '../notice';

const headerMaxLength = 150;
const sectionMaxLength = 3000;
const fieldMaxLength = 2000;
const fieldsAtMost = 10;
const blocksAtMost = 50;
const textMaxLength = 4000;

export function slackOf(notice: Notice): object {
  const outlook = outlookOf(notice);
  const title = slackText(titleOf(notice));
  const steps = notice.next.map(({ text, command }) =>
    command ? `• ${slackText(text)}\n\`\`\`${slackCode(commandText(command))}\`\`\`` : `• ${slackText(text)}`,
  );
  const blocks = [
    {
      type: 'header',
      text: { type: 'plain_text', text: oneLine(titleOf(notice)).slice(0, headerMaxLength), emoji: false },
    },
    ...(outlook ? [section(outlook)] : []),
    ...fieldBlocks(notice.facts.map(([label, value]) => field(label, value))),
    ...listBlocks(
      'What Keyturn has done',
      notice.done.map(line => `• ${slackText(line)}`),
    ),
    ...listBlocks(notice.state === 'over' ? 'What may be left to do' : 'What to do now', steps),
  ];
  return {
    text: title.slice(0, textMaxLength),
    blocks: [...blocks.slice(0, blocksAtMost - 1), runbookBlock(notice.runbook)],
  };
}

/** As many sections as it takes: no line is cut. */
function listBlocks(head: string, lines: readonly string[]): object[] {
  const texts: string[] = [];
  for (const line of lines.map(one => one.slice(0, sectionMaxLength - head.length - 10))) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= sectionMaxLength)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(last === undefined ? `*${head}*\n${line}` : line);
  }
  return texts.map(section);
}

function fieldBlocks(fields: readonly object[]): object[] {
  const count = Math.ceil(fields.length / fieldsAtMost);
  return Array.from({ length: count }, (_, n) => ({
    type: 'section',
    fields: fields.slice(n * fieldsAtMost, (n + 1) * fieldsAtMost),
  }));
}

function runbookBlock(runbook: string): object {
  const link = webLink(runbook);
  const element = link
    ? { type: 'mrkdwn', text: `<${slackCode(link)}|Runbook>`, verbatim: true }
    : { type: 'plain_text', text: `Runbook: ${runbook}`, emoji: false };
  return { type: 'context', elements: [element] };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function field(label: string, value: string): object {
  const text = `*${slackText(label)}*\n${slackText(value)}`;
  return { type: 'mrkdwn', text: text.slice(0, fieldMaxLength), verbatim: true };
}
