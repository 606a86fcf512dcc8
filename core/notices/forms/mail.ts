// A notice as the text of a mail: lines that fit on a phone and in a terminal, and commands that can be copied whole.
import { reportText } from '../../incident/report/report-forms';
import { commandText, mailText, wrapped } from '../../text/safe-text';
import type { Step } from '../../text/step';
import { type Notice, outlookOf, titleOf } from '../notice';

/** Letters in a line; mail programs wrap at some 80. */
export const mailWidth = 76;

/** For e-mail, and for every place that shows plain text. */
export function mailOf(notice: Notice): string {
  const { facts, done, next, runbook, report } = notice;
  const outlook = outlookOf(notice);
  const labels = Math.max(0, ...facts.map(([label]) => label.length)) + 2;
  const section = (head: string, lines: readonly string[]) => (lines.length ? [head, ...lines, ''] : []);
  return [
    wrapped(`${mailText(titleOf(notice))}.`, mailWidth),
    ...(outlook ? [outlook] : []),
    '',
    ...facts.map(([label, value]) =>
      wrapped(`${`${label}:`.padEnd(labels)}${mailText(value)}`, mailWidth, ' '.repeat(labels)),
    ),
    ...(facts.length ? [''] : []),
    ...section('What Keyturn has done:', done.map(item)),
    ...section(notice.state === 'over' ? 'What may be left to do:' : 'What to do now:', next.map(stepLines)),
    `Runbook: ${runbook}`,
    '',
    ...(report ? [reportText(report, mailWidth)] : []),
  ].join('\n');
}

function item(text: string): string {
  return wrapped(`  - ${mailText(text)}`, mailWidth, '    ');
}

function stepLines({ text, command }: Step): string {
  return command ? `${item(text)}\n      ${commandText(command)}` : item(text);
}
