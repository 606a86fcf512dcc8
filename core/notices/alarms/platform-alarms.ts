// Alarms about Keyturn itself: which there are, what they are called, and what their descriptions say.

import { shippedRunbook } from '../notice';
import { wordsOf } from './alarm-words';

/** Alarms of which an environment has one, by the end of their names: `keyturn-prod-retire-stopped`. */
export const environmentAlarms = [
  'emergency-revoke-stopped',
  'watch-stopped',
  'retire-stopped',
  'tell-stopped',
  'audit-stopped',
  'retire-missing',
  'take-up-missing',
  'audit-missing',
  'nobody-told',
  'deliveries-failed',
  'undelivered',
  'overdue',
  'unreported-use',
  // Where keys are delivered.
  'deliver-stopped',
  'deliver-missing',
  // Where the environment takes reports of leaks.
  'leak-reports-failed',
] as const;
export type EnvironmentAlarm = (typeof environmentAlarms)[number];

export type PlatformAlarm =
  | { kind: EnvironmentAlarm; environment: string }
  | { kind: 'retire-failed'; environment: string; server: string; provider: string };

/** What these tell of is the way that all other messages go. */
const unrendered: readonly PlatformAlarm['kind'][] = ['tell-stopped', 'nobody-told', 'deliveries-failed'];

/** True where people get the alarm from CloudWatch, too, by a topic of its own. */
export function isToldUnrendered({ kind }: PlatformAlarm): boolean {
  return unrendered.includes(kind);
}

/** `keyturn-prod-overdue` */
export function platformAlarmName(alarm: PlatformAlarm): string {
  const { environment, kind } = alarm;
  const what = alarm.kind === 'retire-failed' ? `${alarm.server}-${alarm.provider}-${kind}` : kind;
  return `keyturn-${environment}-${what}`;
}

/** Names of those that take another way as well. */
export function alarmsToldUnrendered(environment: string): string[] {
  return environmentAlarms
    .map(kind => ({ kind, environment }))
    .filter(isToldUnrendered)
    .map(platformAlarmName);
}

/** What an alarm's description says: the same words, for consoles and for the topic that gets alarms as CloudWatch tells them. */
export function platformAlarmDescription(alarm: PlatformAlarm, runbook = shippedRunbook): string {
  const { begins, done, next, section } = wordsOf(alarm);
  const steps = next.map(({ text, command }) => (command ? `${text} ${command}` : text));
  return `Keyturn (${alarm.environment}): ${begins}. Done: ${done} Next: ${steps.join(' ')} Runbook: ${runbook}#${section}`;
}
