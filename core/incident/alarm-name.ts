// What an alarm is called, and what its description says to machines. The name decides; the description and the alarm's
// metrics only ever confirm it, since anyone who may create an alarm may also write its description.
import { KeyturnError } from '../errors';
import { isNamePart, type KeyAddress } from '../key/key-address';
import { isSignal, type Signal } from './signals';

export interface AlarmSubject {
  signal: Signal;
  address: KeyAddress;
}

/** `keyturn-prod-off-hours.sendgrid.support-bot.main`: the dot is in no name part, so it reads in one way only. */
export function alarmName({ signal, address }: AlarmSubject): string {
  const { environment, provider, server, purpose } = address;
  return `${alarmNameStart(signal, environment)}${[provider, server, purpose].join('.')}`;
}

/** How the names of all alarms on this signal begin, and of no others. */
export function alarmNameStart(signal: Signal, environment: string): string {
  return `keyturn-${environment}-${signal}.`;
}

/** @throws {KeyturnError} bad-event, where it is not the name of one of this environment's key alarms */
export function parseAlarmName(name: string, environment: string): AlarmSubject {
  const start = `keyturn-${environment}-`;
  const [signal, provider, server, purpose, ...rest] = name.startsWith(start)
    ? name.slice(start.length).split('.')
    : [];
  const isWhole = signal && isSignal(signal) && !rest.length;
  if (isWhole && isNamePart(provider) && isNamePart(server) && isNamePart(purpose))
    return { signal, address: { environment, provider, server, purpose } };
  throw new KeyturnError(
    'bad-event',
    `the alarm is not named ${start}<signal>.<provider>.<server>.<purpose>; Keyturn acts only on alarms that its own stacks created`,
  );
}

const mark = ' Keyturn: ';

/** CloudWatch's limit. */
export const alarmDescriptionMaxLength = 1024;

/** @param forPeople which key, what it means, what happens next, and where to read on */
export function writeAlarmDescription(forPeople: string, { signal, address }: AlarmSubject): string {
  const { environment, provider, server, purpose } = address;
  return `${forPeople}${mark}${JSON.stringify([signal, environment, provider, server, purpose])}`;
}

/** True where the machine's part says the same as the alarm's name. */
export function descriptionConfirms(description: string | undefined, subject: AlarmSubject): boolean {
  return description?.endsWith(writeAlarmDescription('', subject)) ?? false;
}
