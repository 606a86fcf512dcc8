// Where each key is delivered to, and how far that is: one item for each key, which only one run at a time may change.
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Deliveries, Delivery } from '../../../core/delivery/delivery';
import { clocksDifferMs } from '../../../core/ending/retirement';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { logger } from '../runtime/logger';
import { deliveryKey, type Item, number, deliveries as partition, type Table, text } from './table';

/** A delivery, and whether people were told that something is wrong with it. */
export type KnownDelivery = Delivery & { isTold?: true };
export type KnownDeliveries = Readonly<Record<string, KnownDelivery>>;

const begun = {
  versionId: z.string(),
  since: z.iso.datetime(),
  starts: z.number(),
  isTold: z.optional(z.literal(true)),
};
const known = z.discriminatedUnion('at', [
  z.object({ ...begun, at: z.literal('starting'), trouble: z.optional(z.string()) }),
  z.object({ ...begun, at: z.literal('under-way'), handle: z.string() }),
  z.object({ ...begun, at: z.literal('steady') }),
  z.object({ ...begun, at: z.literal('failed'), why: z.string() }),
]);
const shape = z.record(z.string(), known);

export interface HeldDeliveries {
  known: KnownDeliveries;
  /** @returns false where somebody else has taken over */
  write(deliveries: KnownDeliveries): Promise<boolean>;
}

/**
 * @param remainingMs until Lambda ends this call: nobody can hold it for longer
 * @returns false where another run is at it, which looks itself what is current once it is through
 */
export async function holdDeliveries(
  table: Pick<Table, 'get' | 'change'>,
  address: KeyAddress,
  { now, remainingMs }: { now: Date; remainingMs: number },
  work: (held: HeldDeliveries) => Promise<void>,
): Promise<boolean> {
  const key = deliveryKey(address);
  const { holder: before, endsAt, state } = (await table.get(key)) ?? {};
  if (before && now.getTime() <= Number(endsAt?.N) + clocksDifferMs) return false;
  const holder = text(randomUUID());
  const set = { holder, endsAt: number(now.getTime() + remainingMs) };
  if (!(await table.change(key, { set, onlyIf: { holder: before } }))) return false;
  try {
    await work({
      known: deliveriesIn(state?.S, address),
      write: deliveries =>
        table.change(key, { set: { state: text(JSON.stringify(deliveries)) }, onlyIf: { holder } }),
    });
  } finally {
    // What cannot be given back ends by itself.
    await table.change(key, { remove: ['holder', 'endsAt'], onlyIf: { holder } }).catch(() => {});
  }
  return true;
}

export async function readDeliveries(table: Pick<Table, 'get'>, address: KeyAddress): Promise<Deliveries> {
  return deliveriesIn((await table.get(deliveryKey(address)))?.state?.S, address);
}

/** Of all keys, by short name. */
export async function listDeliveries(table: Pick<Table, 'query'>): Promise<Map<string, KnownDeliveries>> {
  const items = await table.query(partition);
  return new Map(items.flatMap(item => entryOf(item)));
}

function entryOf({ sk, state }: Item): [string, KnownDeliveries][] {
  return sk?.S ? [[sk.S, deliveriesIn(state?.S, sk.S)]] : [];
}

/** What cannot be from Keyturn is as if nothing were known: then all is delivered again. */
function deliveriesIn(written: string | undefined, of: KeyAddress | string): KnownDeliveries {
  if (written === undefined) return {};
  try {
    return shape.parse(JSON.parse(written)) as KnownDeliveries;
  } catch {
    const key = typeof of === 'string' ? of : shortName(of);
    logger.error('a record in the table of deliveries cannot be from Keyturn', { key });
    return {};
  }
}
