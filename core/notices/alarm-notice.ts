// What people are told of alarms about Keyturn itself, when they go off and when they are over.
import { type Step, step } from '../text/step';
import { type Notice, runbookSection } from './notice';
import { type PlatformAlarm, wordsOf } from './platform-alarms';

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

/** An alarm on the topic that is none of Keyturn's own: a team's, or one of a later version. */
export function otherAlarmNotice(environment: string, change: AlarmChange, description: string): Notice {
  return {
    ...common(change, environment, [step('Do what its description says.')]),
    severity: change.isOn ? 'warning' : 'info',
    keys: [],
    headline: `the alarm ${change.name} ${change.isOn ? 'went off' : 'is over'}`,
    facts: [['Description', description || 'none'], ...factsOf(change)],
    done: ['Nothing: it is no alarm that Keyturn acts on.'],
    runbook: runbookSection('other-alarm'),
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
