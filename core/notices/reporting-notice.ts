// What people are told of servers that do not report how they use their keys.
import { type Reporting, silenceInWords } from '../metrics/reporting';
import { step } from '../text/step';
import { type Notice, runbookSection } from './notice';

const next = (environment: string) => [
  step(
    'Check that the role of the server has the metrics policy that this command names, and that the server or `npx keyturn run` reports:',
    ...['plan', '--env', environment],
  ),
  step('See which keys it is about:', 'status', '--env', environment),
];

/** @param key as people type it */
export function reportingNotice(
  environment: string,
  key: string,
  state: 'silent' | 'reports' | 'gone',
  reporting: Reporting,
): Notice {
  const { readAt } = reporting;
  const common = {
    about: `keyturn/${key}/reporting`,
    environment,
    keys: [key],
    runbook: runbookSection('not-reporting'),
    drill: false,
  };
  if (state === 'silent')
    return {
      ...common,
      state: 'begins',
      severity: 'warning',
      headline: `the server of ${key} does not report how it uses the key, so its usage alarms see nothing`,
      facts: [
        ['Key', `${key}: ${silenceInWords(reporting)}`],
        ...(readAt ? ([['Last read by its server', readAt.toISOString()]] as const) : []),
      ],
      done: ['Nothing: the key works, and is rotated and watched as before.'],
      next: next(environment),
    };
  return {
    ...common,
    state: 'over',
    severity: 'info',
    headline:
      state === 'gone'
        ? `${key} is gone, and with it the alarms that saw nothing`
        : `the server of ${key} reports how it uses the key again`,
    facts: [],
    done: [state === 'gone' ? 'Saw that there is no such key any more.' : 'Saw a new report in CloudWatch.'],
    next: [],
  };
}

const namedAtMost = 10;

/** One message in place of many: the same is wrong with many keys. @param members keys that are known by now */
export function manySilentNotice(environment: string, members: readonly string[], isOver: boolean): Notice {
  return {
    state: isOver ? 'over' : 'begins',
    severity: isOver ? 'info' : 'warning',
    about: `keyturn/${environment}/many-reporting`,
    environment,
    keys: [],
    headline: isOver
      ? 'all servers that were seen to read a key report how they use it'
      : 'many servers do not report how they use their keys, so usage alarms see nothing; you are not notified of each one',
    facts: isOver
      ? []
      : [
          ['Keys by now', String(members.length)],
          ['Among them', members.slice(0, namedAtMost).join(', ')],
        ],
    done: [
      isOver
        ? 'Saw new reports in CloudWatch.'
        : 'Nothing: the keys work, and are rotated and watched as before.',
    ],
    next: isOver ? [] : next(environment),
    runbook: runbookSection('not-reporting'),
    drill: false,
  };
}
