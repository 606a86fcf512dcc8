// What on-call is told of an audit that ran by itself: what is new and what is gone since the last message, and how much there is.
import type { FindingSeverity } from '../audit/finding';
import type { AuditNews } from '../audit/news';
import { type RuleId, ruleOf } from '../audit/rules';
import { step } from '../text/step';
import { dayMs } from '../time';
import { type Notice, runbookSection } from './notice';

/** What the last message said. */
export interface LastAuditNotice {
  at: Date;
  /** What could not be looked at then. */
  missed: readonly string[];
}

/** What stays and is severe is told again after so long. */
const standingToldAgainMs = 28 * dayMs;

/** @param last `undefined` where there was no message before */
export function isWorthTelling(
  { added, gone, missed, counts }: AuditNews,
  last: LastAuditNotice | undefined,
  now: Date,
): boolean {
  const isMissedAnew = missed.some(({ what }) => !last?.missed.includes(what));
  const isOld = last !== undefined && now.getTime() - last.at.getTime() >= standingToldAgainMs;
  return added.length > 0 || gone.length > 0 || isMissedAnew || (isOld && counts.high > 0);
}

const namedAtMost = 10;
/** SNS takes no message of any size. The worst findings come first. */
const keysAtMost = 100;

export function auditNotice(environment: string, news: AuditNews): Notice {
  const { added, gone, unseen, missed, counts } = news;
  return {
    state: 'happened',
    severity: added.some(({ severity }) => severity === 'high') || missed.length ? 'warning' : 'info',
    about: `keyturn/${environment}/audit`,
    environment,
    keys: [...new Set(added.flatMap(({ keys }) => keys))].slice(0, keysAtMost).sort(),
    headline: headlineOf(news),
    facts: [
      ['All findings', countsInWords(counts)],
      ...named('New', added.map(inWords)),
      ...named('Gone', gone.map(inWords)),
      ...named(
        'Not looked at',
        missed.map(({ what, why }) => `${what}: ${why}`),
      ),
      ...(unseen.length
        ? ([
            ['Not looked for', `${several(unseen.length, 'earlier finding')}, counted as if still there`],
          ] as const)
        : []),
    ],
    done: ['Nothing: an audit changes nothing.'],
    next: [
      step('See all findings, each with its evidence and fix:', 'audit', '--env', environment),
      ...(missed.length ? [step('Keyturn tries again every day to look at what it could not.')] : []),
    ],
    runbook: runbookSection('audit'),
    drill: false,
  };
}

function headlineOf({ added, gone, missed, counts }: AuditNews): string {
  const severe = added.filter(({ severity }) => severity === 'high').length;
  const parts = [
    ...(added.length
      ? [`${several(added.length, 'new finding')}${severe ? `, ${severe} of severity high` : ''}`]
      : []),
    ...(gone.length ? [`${gone.length} gone`] : []),
    ...(missed.length ? [`${several(missed.length, 'place')} not looked at`] : []),
  ];
  const told = parts.length
    ? parts.join('; ')
    : `${several(counts.high, 'finding')} of severity high still there`;
  return `the audit of all keys: ${told}`;
}

function countsInWords(counts: Record<FindingSeverity, number>): string {
  return (['high', 'medium', 'low'] as const).map(severity => `${counts[severity]} ${severity}`).join(', ');
}

function inWords({ rule, subject }: { rule: RuleId; subject: string }): string {
  const { severity, title } = ruleOf(rule);
  return `${severity}: ${title}: ${subject}`;
}

function named(label: string, lines: readonly string[]): (readonly [string, string])[] {
  const others = lines.length - namedAtMost;
  return [
    ...lines.slice(0, namedAtMost).map(line => [label, line] as const),
    ...(others > 0 ? [[label, `and ${others} more`] as const] : []),
  ];
}

function several(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
