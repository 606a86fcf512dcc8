// What the emergency function may be called with. Everything in an event was written by others: it is read by shape, and
// nothing in it is believed before AWS or the table of incidents has confirmed it.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { incidentId, type Order, readOrder } from './orders';

/** An alarm's message, as far as anybody looks: metric, math, anomaly and composite alarms all have these. */
export interface AlarmMessage {
  name: string;
  arn: string;
  state: string;
  changedAt: Date;
}

export type EmergencyCall =
  | { kind: 'alarm'; message: AlarmMessage }
  /** The watch function noticed something, and wrote it into the table. */
  | { kind: 'signal'; incidentId: string }
  | Order;

const snsEvent = z.object({
  Records: z.array(
    z.object({
      EventSource: z.literal('aws:sns'),
      Sns: z.object({ TopicArn: z.string(), Message: z.string() }),
    }),
  ),
});
const alarmMessage = z.object({
  AlarmName: z.string().check(z.maxLength(255)),
  AlarmArn: z.string().check(z.maxLength(1600)),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  StateChangeTime: z.string(),
});
const signalEvent = z.object({
  source: z.literal('keyturn'),
  'detail-type': z.literal('Key Signal'),
  detail: z.object({ incidentId }),
});

/**
 * @param alarmsTopic the only topic whose messages are read
 * @throws {KeyturnError} bad-event
 */
export function readEmergencyCall(event: unknown, alarmsTopic: string): EmergencyCall {
  const sns = snsEvent.safeParse(event);
  if (sns.success) return { kind: 'alarm', message: readAlarm(sns.data.Records, alarmsTopic) };
  const signal = signalEvent.safeParse(event);
  if (signal.success) return { kind: 'signal', incidentId: signal.data.detail.incidentId };
  const read = readOrder(event);
  if ('order' in read) return read.order;
  throw refused(`the event is not one that the emergency function handles: ${read.fault}`);
}

function readAlarm(
  records: { Sns: { TopicArn: string; Message: string } }[],
  alarmsTopic: string,
): AlarmMessage {
  const [record, ...others] = records;
  if (!record || others.length) throw refused(`the event holds ${records.length} messages and SNS sends one`);
  if (record.Sns.TopicArn !== alarmsTopic)
    throw refused("the message comes from another topic than this environment's alarms");
  let message: unknown;
  try {
    message = JSON.parse(record.Sns.Message);
  } catch {
    throw refused('the message is not JSON, which messages of CloudWatch alarms are');
  }
  const alarm = alarmMessage.safeParse(message);
  const changedAt = new Date(isoTime(alarm.data?.StateChangeTime));
  if (!alarm.success || Number.isNaN(changedAt.getTime()))
    throw refused('the message does not have the format of a CloudWatch alarm');
  const { AlarmName, AlarmArn, NewStateValue } = alarm.data;
  return { name: AlarmName, arn: AlarmArn, state: NewStateValue, changedAt };
}

/** CloudWatch writes `+0000`, which is no ISO 8601 offset to JavaScript. */
function isoTime(text = ''): string {
  return text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
}

function refused(what: string): KeyturnError {
  return new KeyturnError(
    'bad-event',
    `${what}; nothing was done, and on-call is notified, because someone may be trying to get keys revoked`,
  );
}
