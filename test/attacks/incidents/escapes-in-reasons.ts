import { PassThrough } from 'node:stream';
import { print } from '../../../bin/terminal/command';
import { table } from '../../../bin/terminal/table';
import { createTerminal } from '../../../bin/terminal/terminal';
import { chatOf, messageOf } from '../../../core/notices/forms/message';
import { type Notice, subjectOf } from '../../../core/notices/notice';
import type { Attack } from '../attack';

/** A new title for the window, an erased line, a line in the wrong direction, and a line of its own. */
const hostile = '\u001b]0;all is well\u0007\u009b2K\r\u202eevil\u2066\nKey: fine';

const notice: Notice = {
  state: 'happened',
  severity: 'warning',
  about: 'keyturn/prod',
  environment: 'prod',
  keys: [],
  headline: hostile,
  facts: [['Reason', hostile]],
  done: [hostile],
  next: [{ text: hostile, command: hostile }],
  runbook: 'docs/runbook.md#revoke',
  drill: false,
};

/** What a reader would take for more than text. */
const taken: [string, string][] = [
  ['a command to the terminal', '\u001b'],
  ['a command to the terminal', '\u009b'],
  ['a line that is written over', '\r'],
  ['another direction of writing', '\u202e'],
  ['another direction of writing', '\u2066'],
  ['a line of its own', '\nKey: fine'],
];

export const attack: Attack = {
  about:
    'somebody writes escape sequences, marks of direction and line breaks into a reason that people are shown',
  async run(guarded) {
    const shown: string[] = [];
    const stream = { write: (text: string) => shown.push(text) > 0, on: () => stream };
    const streams = { stdin: new PassThrough(), stdout: stream, stderr: stream as never };
    if (guarded) {
      const terminal = createTerminal(streams);
      terminal.err(table(['REASON'], [[hostile]], 80));
      const context = { terminal, clock: { now: () => new Date(0), sleep: async () => {} } };
      print(context, { json: true }, { reason: hostile }, '');
      const { text, slack, teams, pagerDuty } = messageOf(notice);
      const sent = [slack, teams, pagerDuty, chatOf(notice)];
      // As those who get them read them: JSON's own escapes are gone.
      for (const body of sent) shown.push(...textsIn(body));
      shown.push(subjectOf(notice), text);
    } else stream.write(hostile);
    const [found] = taken.filter(([, mark]) => shown.some(text => text.includes(mark)));
    return found && `people were shown ${found[0]}`;
  },
};

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
