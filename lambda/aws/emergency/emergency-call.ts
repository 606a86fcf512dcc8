// What the emergency function may be called with. Everything in an event was written by others: it is read by shape, and
// nothing in it is believed before AWS or the table of incidents has confirmed it.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { incidentIdPattern } from '../../../core/incident/incident';
import { type KeyAddress, namePart, namePartMaxLength } from '../../../core/key/key-address';

/** An alarm's message, as far as anybody looks: metric, math, anomaly and composite alarms all have these. */
export interface AlarmMessage {
  name: string;
  arn: string;
  state: string;
  changedAt: Date;
}

/** As `keyturn revoke` sends it. */
export interface RevokeOrder {
  kind: 'revoke';
  incidentId: string;
  keys: KeyAddress[];
  response: 'replace-first' | 'revoke-first';
  graceSeconds: number;
  reason: string;
  requestedBy: string;
  dryRun: boolean;
}

/** As `keyturn silence` sends it. */
export interface SilenceOrder {
  kind: 'silence';
  key: KeyAddress;
  /** 0 ends a silence. */
  minutes: number;
  reason: string;
  requestedBy: string;
}

/** As `keyturn test-alarm` sends it, before it sets the alarm off. */
export interface DrillOrder {
  kind: 'announce-drill';
  alarmName: string;
  drillId: string;
  requestedBy: string;
}

export type EmergencyCall =
  | { kind: 'alarm'; message: AlarmMessage }
  /** The watch function noticed something, and wrote it into the table. */
  | { kind: 'signal'; incidentId: string }
  | RevokeOrder
  | SilenceOrder
  | DrillOrder
  /** Unfinished incidents, every hour. */
  | { kind: 'take-up' };

/** Text that a person reads: one line, no more than this. */
const line = z.string().check(z.maxLength(500));
const part = z.string().check(z.regex(namePart), z.maxLength(namePartMaxLength));
const incidentId = z.string().check(z.regex(incidentIdPattern));

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
const address = z.strictObject({ environment: part, provider: part, server: part, purpose: part });
const revokeEvent = z.strictObject({
  kind: z.literal('revoke'),
  incidentId,
  keys: z.array(address).check(z.minLength(1), z.maxLength(2000)),
  response: z.enum(['replace-first', 'revoke-first']),
  graceSeconds: z.number().check(z.minimum(0), z.maximum(600)),
  reason: line,
  requestedBy: line,
  dryRun: z.boolean(),
});
const silenceEvent = z.strictObject({
  kind: z.literal('silence'),
  key: address,
  // Longer than a weekend, a silence is forgotten.
  minutes: z.number().check(z.minimum(0), z.maximum(72 * 60)),
  reason: line,
  requestedBy: line,
});
const drillEvent = z.strictObject({
  kind: z.literal('announce-drill'),
  alarmName: z.string().check(z.maxLength(255)),
  drillId: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  requestedBy: line,
});
const takeUpEvent = z.strictObject({ kind: z.literal('take-up') });

/**
 * @param alarmsTopic the only topic whose messages are read
 * @throws {KeyturnError} bad-event
 */
export function readEmergencyCall(event: unknown, alarmsTopic: string): EmergencyCall {
  const sns = snsEvent.safeParse(event);
  if (sns.success) return { kind: 'alarm', message: readAlarm(sns.data.Records, alarmsTopic) };
  const signal = signalEvent.safeParse(event);
  if (signal.success) return { kind: 'signal', incidentId: signal.data.detail.incidentId };
  for (const order of [revokeEvent, silenceEvent, drillEvent, takeUpEvent]) {
    const parsed = order.safeParse(event);
    if (parsed.success) return parsed.data;
  }
  throw refused('the event is not one that the emergency function handles');
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
