// What is known of the way of one key to one place, and which step comes next. It goes by version ids: no clock decides what runs where.
// Whatever came before, what is delivered is the version that is current now; so repeats, events out of order and stops do no harm.
import { hasCode, KeyturnError } from '../errors';
import { hourMs } from '../time';
import type { Courier, DeliveredKey } from './courier';

interface BegunDelivery {
  versionId: string;
  /** ISO 8601, UTC: when it got into this state, by the clock of whoever wrote it. It is shown, and decides when a place is asked and when people are told. */
  since: string;
  /** How often this version was started. */
  starts: number;
}

/**
 * - `starting`: the call to the place may or may not have been made. `trouble` says why it could not be, the last time.
 * - `under-way`: the place works at it; `handle` is the courier's.
 * - `steady`: all that runs there has this version.
 * - `failed`: it has not.
 */
export type Delivery =
  | (BegunDelivery & { at: 'starting'; trouble?: string })
  | (BegunDelivery & { at: 'under-way'; handle: string })
  | (BegunDelivery & { at: 'steady' })
  | (BegunDelivery & { at: 'failed'; why: string });

/** By the id of the place. */
export type Deliveries = Readonly<Record<string, Delivery>>;

/** One that keeps failing is started so often by itself: each start sets something going where servers run. */
export const startsAtMost = 3;

/** Then people are told of one that is neither there nor failed. */
const stuckAfterMs = hourMs;

/** Those of the places that the version has not reached. @param places ids of all places of the key */
export function placesWithout(
  versionId: string,
  places: readonly string[],
  deliveries: Deliveries,
): string[] {
  return places.filter(place => {
    const delivery = deliveries[place];
    return delivery?.at !== 'steady' || delivery.versionId !== versionId;
  });
}

/** Until when there is nothing to ask: the place takes so long in any case. @param takesMs of its kind */
export function untilOf({ since }: Delivery, takesMs: number): Date {
  return new Date(Date.parse(since) + takesMs);
}

/** True where looking again by then can change something. */
export function isOpen(delivery: Delivery, takesMs: number, by: Date): boolean {
  return delivery.at === 'starting' || (delivery.at === 'under-way' && untilOf(delivery, takesMs) <= by);
}

/** What people should know of, in one sentence without a full stop; `undefined` while all goes its way. */
export function troubleOf(delivery: Delivery, takesMs: number, now: Date): string | undefined {
  if (delivery.at === 'failed') return delivery.why;
  if (delivery.at === 'starting') return delivery.trouble;
  const isLong = now.getTime() - untilOf(delivery, takesMs).getTime() >= stuckAfterMs;
  return delivery.at === 'under-way' && isLong
    ? `it has been under way since ${delivery.since} and has not become steady`
    : undefined;
}

export interface StepTools {
  now(): Date;
  /** Written down before the courier starts, so that whoever comes after a stop knows that it may have. */
  note(delivery: Delivery): Promise<void>;
  /** One that failed is started once more. */
  retry: boolean;
  /** So long the place takes in any case. */
  takesMs: number;
}

/** One step of the way; safe to repeat after a stop at any call. @param before as it was noted last */
export async function advance(
  courier: Courier,
  key: DeliveredKey,
  before: Delivery | undefined,
  tools: StepTools,
): Promise<Delivery> {
  if (before?.versionId !== key.versionId) return start(courier, key, 0, tools);
  if (before.at === 'steady') return before;
  if (before.at === 'under-way') return look(courier, key, before, tools);
  const isGivenUp = before.at === 'failed' && (!tools.retry || before.starts >= startsAtMost);
  return isGivenUp ? before : start(courier, key, before.starts, tools);
}

async function start(
  courier: Courier,
  key: DeliveredKey,
  startsBefore: number,
  tools: StepTools,
): Promise<Delivery> {
  const begun = { versionId: key.versionId, since: tools.now().toISOString(), starts: startsBefore };
  await tools.note({ ...begun, at: 'starting' });
  let handle: string;
  try {
    handle = await courier.start(key);
  } catch (error) {
    if (hasCode(error, 'refused')) return noteDelivery({ ...begun, at: 'failed', why: error.message }, tools);
    return noteDelivery({ ...begun, at: 'starting', trouble: troubleIn(error) }, tools);
  }
  const since = tools.now().toISOString();
  const underWay = { ...begun, since, starts: startsBefore + 1, at: 'under-way', handle } as const;
  await tools.note(underWay);
  return look(courier, key, underWay, tools);
}

async function look(
  courier: Courier,
  key: DeliveredKey,
  underWay: Extract<Delivery, { at: 'under-way' }>,
  tools: StepTools,
): Promise<Delivery> {
  const startedMs = tools.now().getTime() - Date.parse(underWay.since);
  if (startedMs < tools.takesMs) return underWay;
  const progress = await courier.look(underWay.handle, key, startedMs).catch(error => {
    if (!hasCode(error, 'refused')) return { is: 'under-way' } as const;
    return { is: 'failed', why: error.message } as const;
  });
  if (progress.is === 'under-way') return underWay;
  const { versionId, starts } = underWay;
  const reached = { versionId, starts, since: tools.now().toISOString() };
  if (progress.is === 'steady') return noteDelivery({ ...reached, at: 'steady' }, tools);
  return noteDelivery({ ...reached, at: 'failed', why: progress.why }, tools);
}

async function noteDelivery(delivery: Delivery, tools: StepTools): Promise<Delivery> {
  await tools.note(delivery);
  return delivery;
}

/** Messages of others can quote what was sent, which may be a key. */
function troubleIn(error: unknown): string {
  if (error instanceof KeyturnError) return error.message;
  return `it could not be started (${error instanceof Error ? error.name : 'unknown'})`;
}
