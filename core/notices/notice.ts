// A message to the people on call, as data. Names, reasons and addresses in it were written by others: every form that it is
// given (mail.ts, slack.ts, teams.ts, message.ts) shows them as text, and none as markup, a mention or a link.

import type { IncidentReport } from '../incident/report/investigation';
import { oneLine } from '../text/safe-text';
import type { Step } from '../text/step';

export type Severity = 'info' | 'warning' | 'critical';

/**
 * - `begins`: something is wrong, until a later notice of the same `about` says that it is over.
 * - `over`: it is not any more.
 * - `happened`: all that is told of it stands here.
 */
export type NoticeState = 'begins' | 'over' | 'happened';

export interface Notice {
  state: NoticeState;
  severity: Severity;
  /** Same for everything about one matter, so that tools put it together; at most 255 characters. */
  about: string;
  environment: string;
  /** Keys that it is about, as people type them: `prod/sendgrid/support-bot`. Empty where it is about none in particular. */
  keys: readonly string[];
  /** Teams that own these keys. Whoever sends it fills it in, from the registry. */
  owners?: readonly string[];
  /** One sentence, without a full stop. */
  headline: string;
  /** What is known: label and value. */
  facts: readonly (readonly [label: string, value: string])[];
  /** What Keyturn has done already, a sentence each. */
  done: readonly string[];
  /** What to do now. */
  next: readonly Step[];
  /** Where the runbook has its section. */
  runbook: string;
  drill: boolean;
  /** The whole report; where there is room for it. */
  report?: IncidentReport;
}

/** Where the runbook is, unless the configuration says where the team keeps it. */
export const shippedRunbook = 'docs/runbook.md';

export function runbookSection(section: string, runbook = shippedRunbook): string {
  return `${runbook}#${section}`;
}

/** Names the section in the runbook that the configuration says. */
export function inRunbook<T extends { runbook: string }>(told: T, runbook: string | undefined): T {
  const [, section = ''] = told.runbook.split('#');
  return { ...told, runbook: runbookSection(section, runbook) };
}

/** SNS takes no longer subject, and printable ASCII only. */
const subjectMaxLength = 100;

export function subjectOf(notice: Notice): string {
  const subject = oneLine(titleOf(notice)).replace(/[^\x20-\x7e]/g, '?');
  return subject.length > subjectMaxLength ? `${subject.slice(0, subjectMaxLength - 3)}...` : subject;
}

export function titleOf({ drill, environment, headline }: Notice): string {
  return `${drill ? 'DRILL ' : ''}Keyturn (${environment}): ${headline}`;
}

/** What follows of it, in a sentence. */
export function outlookOf({ state, drill }: Notice): string | undefined {
  if (drill) return 'This is a fire drill: nothing was revoked.';
  if (state === 'begins') return 'You get a message when it is over.';
  return state === 'over' ? 'It is over.' : undefined;
}

/** @returns the runbook's address, where it is one that a browser opens */
export function webLink(runbook: string): string | undefined {
  return /^https:\/\/[^\s<>|"`]+$/.test(runbook) ? runbook : undefined;
}
