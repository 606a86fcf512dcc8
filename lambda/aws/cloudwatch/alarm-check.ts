// Whether an alarm is what its message says: only what CloudWatch itself answers counts, and name, description and metrics
// must all tell the same key. A message alone, whoever sent it, has no effect.

import { KeyturnError } from '../../../core/errors';
import { type AlarmSubject, descriptionConfirms, parseAlarmName } from '../../../core/incident/alarm-name';
import { usageDimensions, usageNamespace } from '../../../core/metrics/usage';
import type { AlarmMessage } from './alarm-message';

/** An alarm as CloudWatch describes it. */
export interface DescribedAlarm {
  arn: string;
  description?: string;
  /** When, as far as CloudWatch can tell, it went to ALARM; newest first. */
  alarmedAt: Date[];
  /** Why it is in its state, in CloudWatch's words or in those of SetAlarmState. */
  stateReason?: string;
  metrics: { namespace?: string; dimensions: Record<string, string> }[];
  /** Of a composite alarm: the names of those it watches. */
  children?: string[];
}

/** CloudWatch's times of one change differ by fractions of a second. */
const sameMomentMs = 5_000;

export interface AlarmHome {
  account: string;
  region: string;
  environment: string;
}

/**
 * @returns what the alarm is about
 * @throws {KeyturnError} bad-event, saying what is not as it should be
 */
export function confirmAlarm(
  message: AlarmMessage,
  described: DescribedAlarm | undefined,
  home: AlarmHome,
): AlarmSubject {
  const subject = parseAlarmName(message.name, home.environment);
  const [, , service, region, account, , ...name] = message.arn.split(':');
  if (
    service !== 'cloudwatch' ||
    region !== home.region ||
    account !== home.account ||
    name.join(':') !== message.name
  ) {
    throw unconfirmed('its ARN is not of this account, region and name');
  }
  if (!described || described.arn !== message.arn) throw unconfirmed('CloudWatch has no such alarm');
  const at = message.changedAt.getTime();
  if (!described.alarmedAt.some(time => Math.abs(time.getTime() - at) <= sameMomentMs)) {
    throw unconfirmed('CloudWatch does not say that it went to ALARM then');
  }
  if (!descriptionConfirms(described.description, subject))
    throw unconfirmed('its description names another key');
  if (!watches(described, subject, home.environment))
    throw unconfirmed('it does not watch the key that it names');
  return subject;
}

function watches({ metrics, children }: DescribedAlarm, subject: AlarmSubject, environment: string): boolean {
  if (children) {
    return (
      children.length > 0 && children.every(child => sameKey(parseAlarmName(child, environment), subject))
    );
  }
  const ofKey = ({ namespace, dimensions }: DescribedAlarm['metrics'][number]) =>
    namespace === usageNamespace(subject.address) &&
    usageDimensions.every(dimension => dimensions[dimension] === subject.address[dimension]);
  return metrics.length > 0 && metrics.every(ofKey);
}

function sameKey(one: AlarmSubject, other: AlarmSubject): boolean {
  return usageDimensions.every(dimension => one.address[dimension] === other.address[dimension]);
}

function unconfirmed(why: string): KeyturnError {
  return new KeyturnError(
    'bad-event',
    `a message about an alarm was not confirmed: ${why}; nothing was done, and on-call is notified, because someone may be trying to get keys revoked`,
  );
}
