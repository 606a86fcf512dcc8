// The message of an alarm, as SNS hands it to a function. Metric, math, anomaly and composite alarms all have what is read here.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';

export interface AlarmMessage {
  name: string;
  arn: string;
  state: string;
  changedAt: Date;
}

/** For people. */
export interface AlarmDetails {
  description: string;
  /** Why it changed, in CloudWatch's words. */
  reason: string;
  /** Of the one metric that it watches, by name; empty where it watches several. */
  dimensions: Record<string, string>;
}

export const snsEvent = z.object({
  Records: z.array(
    z.object({
      EventSource: z.literal('aws:sns'),
      Sns: z.object({ TopicArn: z.string(), Message: z.string() }),
    }),
  ),
});
type SnsRecord = z.infer<typeof snsEvent>['Records'][number];

const alarmMessage = z.object({
  AlarmName: z.string().check(z.maxLength(255)),
  AlarmArn: z.string().check(z.maxLength(1600)),
  AlarmDescription: z.nullish(z.string()),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.nullish(z.string()),
  StateChangeTime: z.string(),
  Trigger: z.optional(
    z.object({ Dimensions: z.optional(z.array(z.object({ name: z.string(), value: z.string() }))) }),
  ),
});

/**
 * @param alarmsTopic the only topic whose messages are read
 * @param consequence what comes of one that is refused; ends the error's sentence
 * @throws {KeyturnError} bad-event
 */
export function readAlarmMessage(
  records: readonly SnsRecord[],
  alarmsTopic: string,
  consequence: string,
): { message: AlarmMessage; details: AlarmDetails } {
  const refused = (what: string) => new KeyturnError('bad-event', `${what}; ${consequence}`);
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
  const { AlarmName, AlarmArn, AlarmDescription, NewStateValue, NewStateReason, Trigger } = alarm.data;
  const dimensions = Object.fromEntries((Trigger?.Dimensions ?? []).map(({ name, value }) => [name, value]));
  return {
    message: { name: AlarmName, arn: AlarmArn, state: NewStateValue, changedAt },
    details: { description: AlarmDescription ?? '', reason: NewStateReason ?? '', dimensions },
  };
}

/** CloudWatch writes `+0000`, which is no ISO 8601 offset to JavaScript. */
function isoTime(text = ''): string {
  return text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
}
