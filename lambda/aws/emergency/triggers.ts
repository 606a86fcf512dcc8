// From a call to what it is about: alarms are confirmed with CloudWatch, signals with the table, orders with their environment.

import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KeyturnError } from '../../../core/errors';
import { type Incident, incidentId, type Trigger, timeOfIncident } from '../../../core/incident/incident';
import { shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs } from '../../../core/time';
import { type AlarmHome, confirmAlarm } from '../cloudwatch/alarm-check';
import type { AlarmMessage } from '../cloudwatch/alarm-message';
import { describeAlarm } from '../cloudwatch/described-alarm';
import { readSignal } from '../table/records';
import { drillKey, signalKey, type Table } from '../table/table';
import type { EmergencyCall } from './emergency-call';
import type { RevokeOrder } from './orders';

/** A drill's mark, at the beginning of the reason that SetAlarmState notes. */
export const drillReason = (drillId: string) => `Keyturn drill ${drillId}`;

interface Witnesses {
  clock: Clock;
  table: Table;
  cloudWatch: CloudWatchClient;
}

/**
 * @param unfinished asked only by the call that takes them up
 * @throws {KeyturnError} bad-event, where a call is not genuine
 */
export async function triggersOf(
  call: EmergencyCall,
  provenAs: string | undefined,
  home: AlarmHome,
  unfinished: { due(): Promise<Incident[]> },
  witnesses: Witnesses,
): Promise<Trigger[]> {
  switch (call.kind) {
    case 'alarm':
      return call.message.state === 'ALARM' ? [await alarmTrigger(call.message, home, witnesses)] : [];
    case 'signal':
      return [await signalTrigger(call.incidentId, home.environment, witnesses)];
    case 'revoke':
      return revokeTriggers(call, provenAs, home, witnesses.clock.now());
    case 'take-up':
      return unfinished.due();
    case 'silence':
    case 'unmark':
    case 'forget-version':
    case 'announce-drill':
      return [];
  }
}

async function alarmTrigger(
  message: AlarmMessage,
  home: AlarmHome,
  { table, cloudWatch }: Witnesses,
): Promise<Trigger> {
  const described = await describeAlarm(cloudWatch, message);
  const { signal, address } = confirmAlarm(message, described, home);
  // Both must say so: anyone who may set an alarm's state can write a reason, and a real alarm writes its own.
  const drill = await table.get(drillKey(message.name));
  const isDrill =
    drill?.drillId?.S !== undefined &&
    Number(drill.expiresAt?.N) * 1000 > message.changedAt.getTime() &&
    described?.stateReason?.startsWith(drillReason(drill.drillId.S)) === true;
  return {
    incidentId: incidentId(message.arn, message.changedAt),
    address,
    cause: { by: 'alarm', signal, alarmArn: message.arn },
    at: message.changedAt,
    drill: isDrill,
    dryRun: false,
  };
}

async function signalTrigger(id: string, environment: string, { table, clock }: Witnesses): Promise<Trigger> {
  return readSignal(await table.get(signalKey(id)), id, environment, clock.now());
}

/** Lambda gives up on an order within hours; and clocks of those who order differ. */
const orderedWithinMs = dayMs;
const orderedAheadMs = hourMs;

function revokeTriggers(
  order: RevokeOrder,
  provenAs: string | undefined,
  home: AlarmHome,
  now: Date,
): Trigger[] {
  const at = timeOfIncident(order.incidentId);
  const ageMs = now.getTime() - at.getTime();
  if (ageMs > orderedWithinMs || ageMs < -orderedAheadMs) {
    throw new KeyturnError(
      'bad-event',
      `the order's "incidentId" is of ${at.toISOString()}, and an order is given within a day; nothing was done, and on-call is notified, because someone may be trying to get keys revoked`,
    );
  }
  const foreign = order.keys.find(({ environment }) => environment !== home.environment);
  if (foreign) {
    throw new KeyturnError(
      'bad-event',
      `the order names ${shortName(foreign)}, but this function belongs to ${home.environment}; nothing was done, and on-call is notified, because someone may be trying to get keys revoked`,
    );
  }
  const { incidentId, keys, response, graceSeconds, reason, requestedBy, dryRun } = order;
  const by = { requestedBy, ...(provenAs && { provenAs }) };
  // Named twice, a key would be two runs of one incident.
  const addresses = new Map(keys.map(address => [shortName(address), address])).values();
  return [...addresses].map(address => ({
    incidentId,
    address,
    cause: { by: 'person', ...by, reason, response, graceSeconds },
    at,
    drill: false,
    dryRun,
  }));
}
