// What the deliver function may be called with. Anybody in the account may put events on the bus: one only says which key to look at,
// and what is delivered is what Secrets Manager says is current.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, namePart, namePartMaxLength } from '../../../core/key/key-address';

export type DeliveryCall =
  /** A key has got another version. `isContained`: in an emergency. */
  | { kind: 'changed'; address: KeyAddress; versionId: string; isContained: boolean }
  /** The hourly look. */
  | { kind: 'scheduled' }
  /** A person wants a key delivered once more, or asks how far that is. */
  | { kind: 'ordered'; keys: string[]; anew: boolean };

const part = z.string().check(z.regex(namePart), z.maxLength(namePartMaxLength));
const changed = z.object({
  source: z.literal('keyturn'),
  'detail-type': z.enum(['Key Rotated', 'Key Contained']),
  detail: z.object({
    environment: part,
    provider: part,
    server: part,
    purpose: part,
    versionId: z.string().check(z.regex(/^[\w-]{32,64}$/)),
  }),
});
const scheduled = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });
const ordered = z.strictObject({
  deliver: z.array(z.string().check(z.maxLength(200))).check(z.minLength(1), z.maxLength(100)),
  anew: z.boolean(),
});

/** @throws {KeyturnError} bad-event */
export function readDeliveryCall(event: unknown): DeliveryCall {
  const change = changed.safeParse(event);
  if (change.success) {
    const { 'detail-type': type, detail } = change.data;
    const { versionId, ...address } = detail;
    return { kind: 'changed', address, versionId, isContained: type === 'Key Contained' };
  }
  if (scheduled.safeParse(event).success) return { kind: 'scheduled' };
  const order = ordered.safeParse(event);
  if (order.success) return { kind: 'ordered', keys: order.data.deliver, anew: order.data.anew };
  throw new KeyturnError('bad-event', 'this event does not call for a delivery; nothing was done');
}
