// What the emergency function may be called with. Everything in an event was written by others: it is read by shape, and
// nothing in it is believed before AWS or the table of incidents has confirmed it.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { type AlarmMessage, readAlarmMessage, snsEvent } from '../cloudwatch/alarm-message';
import { type EmergencyOrder, incidentId, readOrder } from './orders';

export type EmergencyCall =
  | { kind: 'alarm'; message: AlarmMessage }
  /** The watch function noticed something, and wrote it into the table. */
  | { kind: 'signal'; incidentId: string }
  | EmergencyOrder;

const signalEvent = z.object({
  source: z.literal('keyturn'),
  'detail-type': z.literal('Key Signal'),
  detail: z.object({ incidentId }),
});

const refusal =
  'nothing was done, and on-call is notified, because someone may be trying to get keys revoked';

/**
 * @param alarmsTopic the only topic whose messages are read
 * @throws {KeyturnError} bad-event
 */
export function readEmergencyCall(event: unknown, alarmsTopic: string): EmergencyCall {
  const sns = snsEvent.safeParse(event);
  if (sns.success) {
    const { message } = readAlarmMessage(sns.data.Records, alarmsTopic, refusal);
    return { kind: 'alarm', message };
  }
  const signal = signalEvent.safeParse(event);
  if (signal.success) return { kind: 'signal', incidentId: signal.data.detail.incidentId };
  const read = readOrder(event);
  if ('order' in read) return read.order;
  throw new KeyturnError(
    'bad-event',
    `the event is not one that the emergency function handles: ${read.fault}; ${refusal}`,
  );
}
