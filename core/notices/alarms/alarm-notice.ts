// What people are told of alarms about Keyturn itself, when they go off and when they are over.
import type { Step } from '../../text/step';
import { type Notice, runbookSection } from '../notice';
import { wordsOf } from './alarm-words';
import type { PlatformAlarm } from './platform-alarms';

/** What CloudWatch tells of a change. */
export interface AlarmChange {
  name: string;
  isOn: boolean;
  at: Date;
  /** Why, in CloudWatch's words. */
  reason: string;
}

/** A key that it is about, and what is known of it. */
export interface KnownKey {
  key: string;
  text: string;
}

const namedAtMost = 8;

/** @param known keys behind it, where they are known */
export function alarmNotice(alarm: PlatformAlarm, change: AlarmChange, known: readonly KnownKey[]): Notice {
  const { severity, begins, over, done, next, section } = wordsOf(alarm);
  const named = known.slice(0, namedAtMost);
  const others = known.length - named.length;
  return {
    ...common(change, alarm.environment, next),
    severity: change.isOn ? severity : 'info',
    keys: named.map(({ key }) => key),
    headline: change.isOn ? begins : over,
    facts: [
      ...named.map(({ key, text }) => ['Key', text ? `${key}: ${text}` : key] as const),
      ...(others > 0 ? ([['And', `${others} more keys`]] as const) : []),
      ...factsOf(change),
    ],
    done: [change.isOn ? done : 'Told you as soon as CloudWatch saw it.'],
    runbook: runbookSection(section),
  };
}

export function aboutAlarm(name: string): string {
  return `keyturn/alarm/${name}`.slice(0, 255);
}

function common({ isOn, name }: AlarmChange, environment: string, next: readonly Step[]) {
  return {
    state: isOn ? 'begins' : 'over',
    about: aboutAlarm(name),
    environment,
    next: isOn ? next : [],
    drill: false,
  } as const;
}

function factsOf({ name, at, reason }: AlarmChange): (readonly [string, string])[] {
  return [
    ['When', at.toISOString()],
    ['Alarm', name],
    ['CloudWatch says', reason],
  ];
}
