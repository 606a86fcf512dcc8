// What the tell function may be called with: messages of this environment's alarms, and events of rotations. Everything in them
// was written by others; what is believed is what only AWS can have sent this way.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { isKeyName, type KeyAddress, parseSecretName, secretNameOfArn } from '../../../core/key/key-address';
import type { AlarmChange } from '../../../core/notices/alarms/alarm-notice';
import type { RotationNews } from '../../../core/notices/rotation-notice';
import { type AlarmDetails, readAlarmMessage, snsEvent } from '../cloudwatch/alarm-message';

export type News =
  | {
      kind: 'alarm';
      change: AlarmChange;
      details: AlarmDetails;
    }
  | { kind: 'rotation'; rotation: RotationNews }
  /** Only what a function has written down is one. */
  | { kind: 'unproven'; address: KeyAddress; keyId: string }
  /** Anybody who may put events or keep secrets in the account can bring it about. */
  | { kind: 'of-others'; why: string };

const outcomes = {
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
  TestRotationFailed: 'test-failed',
  RotationSucceeded: 'succeeded',
} as const;
const rotationEvent = z.object({
  source: z.literal('aws.secretsmanager'),
  'detail-type': z.literal('AWS Service Event via CloudTrail'),
  time: z.string(),
  detail: z.object({
    eventName: z.enum(Object.keys(outcomes) as (keyof typeof outcomes)[]),
    errorMessage: z.nullish(z.string()),
    additionalEventData: z.object({ SecretId: z.string() }),
  }),
});
const unprovenEvent = z.object({
  source: z.literal('keyturn'),
  'detail-type': z.literal('Key Unproven'),
  detail: z.unknown(),
});
const unprovenDetail = z.object({
  environment: z.string(),
  provider: z.string(),
  server: z.string(),
  purpose: z.string(),
  keyId: z.string(),
});

const refusal = 'nothing was told';

/**
 * @param alarmsTopic the only topic whose messages are read
 * @throws {KeyturnError} bad-event
 */
export function readNews(event: unknown, alarmsTopic: string): News {
  const sns = snsEvent.safeParse(event);
  if (sns.success) {
    const { message, details } = readAlarmMessage(sns.data.Records, alarmsTopic, refusal);
    const { name, state, changedAt } = message;
    const change = { name, isOn: state === 'ALARM', at: changedAt, reason: details.reason };
    return { kind: 'alarm', change, details };
  }
  const rotation = rotationEvent.safeParse(event);
  if (rotation.success) {
    const { time, detail } = rotation.data;
    const { eventName, errorMessage, additionalEventData } = detail;
    const secret = secretNameOfArn(additionalEventData.SecretId);
    if (!isKeyName(secret)) return { kind: 'of-others', why: `${secret} is not named like a key of Keyturn` };
    return {
      kind: 'rotation',
      rotation: {
        address: parseSecretName(secret),
        at: new Date(time),
        outcome: outcomes[eventName],
        reason: errorMessage ?? '',
      },
    };
  }
  const unproven = unprovenEvent.safeParse(event);
  if (unproven.success) {
    const detail = unprovenDetail.safeParse(unproven.data.detail);
    if (!detail.success)
      return { kind: 'of-others', why: 'no function of Keyturn sends an event of this form' };
    const { keyId, ...address } = detail.data;
    return { kind: 'unproven', address, keyId };
  }
  throw new KeyturnError('bad-event', `people are not notified of this event; ${refusal}`);
}
