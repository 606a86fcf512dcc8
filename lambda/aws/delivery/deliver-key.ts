// Brings the current key of one secret to every place that its configuration names, as far as that goes within one run.
import { formOf } from '../../../connectors/contract/aws-partner';
import { loadConnector } from '../../../connectors/load';
import type { Courier, DeliveredKey, DeliveryPlace } from '../../../core/delivery/courier';
import { advance, type Delivery, isOpen, troubleOf } from '../../../core/delivery/delivery';
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import { deliveryNotice } from '../../../core/notices/delivery-notice';
import { manyNotice } from '../../../core/notices/many-notice';
import type { Clock } from '../../../core/provider';
import {
  endedLabel,
  holderOf,
  type SecretState,
  type SecretStore,
} from '../../../core/rotation/secret-store';
import { minuteMs, secondMs } from '../../../core/time';
import type { CourierTools } from '../../../targets/target';
import { targetOf } from '../../../targets/targets';
import { logger } from '../runtime/logger';
import {
  type HeldDeliveries,
  holdDeliveries,
  type KnownDeliveries,
  type KnownDelivery,
} from '../table/deliveries';
import type { Problems } from '../table/problems';
import type { Table } from '../table/table';

export interface DeliverTools {
  store: SecretStore;
  table: Pick<Table, 'get' | 'change'>;
  problems: Problems;
  /** For couriers. */
  courier: CourierTools;
  clock: Clock;
}

export interface DeliverOrder {
  /** Until Lambda ends the run: nobody else touches the key's deliveries before. */
  remainingMs: number;
  /** How long it waits for everything to be steady, or to have failed. @default - one step each */
  waitsMs?: number;
  /** A person wants it brought there once more, whatever is known. */
  anew?: boolean;
  /** The event tells that this version has become current, which a look may not show yet. */
  expected?: string;
}

const looksEveryMs = 15 * secondMs;
/** What takes steps of ours is mostly through by then. */
const stepsMs = minuteMs;
/** Secrets Manager shows a label where it was moved to within moments. */
const labelLagMs = 2 * secondMs;

/** @returns what takes a secret by name, ARN or as it was described; false where another run is at it */
export function createDeliverKey(tools: DeliverTools) {
  const { store, clock } = tools;

  return async (secret: SecretState | string, order: DeliverOrder): Promise<boolean> => {
    const first = typeof secret === 'string' ? await describeExpected(secret, order.expected) : secret;
    const { remainingMs } = order;
    return holdDeliveries(tools.table, first.address, { now: clock.now(), remainingMs }, held =>
      createRun(tools, held, order)(first),
    );
  };

  async function describeExpected(secretId: string, expected: string | undefined): Promise<SecretState> {
    const state = await store.describe(secretId);
    if (!expected || state.versions[expected]) return state;
    await clock.sleep(labelLagMs);
    return store.describe(secretId);
  }
}

/** One run, which alone may change what is known of the key's deliveries. */
function createRun(tools: DeliverTools, held: HeldDeliveries, order: DeliverOrder) {
  const { store, clock } = tools;
  const couriers = new Map<string, Courier>();
  let known: KnownDeliveries = held.known;

  async function write(id: string, delivery: KnownDelivery | undefined): Promise<void> {
    const { [id]: _, ...others } = known;
    known = delivery ? { ...others, [id]: delivery } : others;
    if (await held.write(known)) return;
    throw new KeyturnError('refused', 'another run has taken over this delivery; it goes on there');
  }

  async function toPlace(place: DeliveryPlace, state: SecretState, versionId: string, retry: boolean) {
    const target = targetOf(place);
    const id = target.idOf(place);
    const isFirst = !couriers.has(id);
    const courier = couriers.get(id) ?? (await target.open(place, tools.courier));
    couriers.set(id, courier);
    const told = known[id]?.isTold && ({ isTold: true } as const);
    const before = order.anew && isFirst ? undefined : known[id];
    const delivery = await advance(courier, keyOf(store, state, versionId), before, {
      now: () => clock.now(),
      note: noted => write(id, { ...noted, ...told }),
      retry,
      takesMs: target.takesMs,
    });
    return { id, title: target.titleOf(place), takesMs: target.takesMs, delivery };
  }

  /** Of what could not even be started people are told when nothing is tried any more in this run. */
  async function tell(state: SecretState, stepped: SteppedDelivery, isLast: boolean): Promise<void> {
    const { id, title, takesMs, delivery } = stepped;
    const { address } = state;
    const isTold = known[id]?.isTold === true;
    const why = troubleOf(delivery, takesMs, clock.now());
    const place = { id, title };
    if (why && !isTold && (isLast || delivery.at !== 'starting')) {
      logger.warn(`${shortName(address)} is not delivered to ${title}`, { why });
      await tools.problems.begin(
        problemOf(deliveryNotice({ address, place, state: 'troubled', why, delivery }), state),
      );
      await write(id, { ...delivery, isTold: true });
    }
    if (delivery.at !== 'steady' || !isTold) return;
    await tools.problems.end(problemOf(deliveryNotice({ address, place, state: 'steady', delivery }), state));
    await write(id, delivery);
  }

  async function forget(state: SecretState): Promise<void> {
    const { address } = state;
    const ids = placesOf(state).map(place => targetOf(place).idOf(place));
    for (const [id, { isTold }] of Object.entries(known)) {
      if (ids.includes(id)) continue;
      const place = { id, title: id };
      if (isTold)
        await tools.problems.end(problemOf(deliveryNotice({ address, place, state: 'gone' }), state));
      await write(id, undefined);
    }
  }

  function problemOf(notice: ReturnType<typeof deliveryNotice>, { address }: SecretState) {
    const { environment, provider } = address;
    return {
      notice,
      at: clock.now(),
      group: {
        name: `deliveries/${provider}`,
        member: shortName(address),
        notice: (keys: readonly string[], isOver: boolean) =>
          manyNotice('deliveries', environment, provider, keys, isOver),
      },
    };
  }

  /** @returns true where looking again within this run can change something */
  async function toAll(state: SecretState, versionId: string, retry: boolean, isLast: boolean, by: Date) {
    await forget(state);
    let isWaiting = false;
    for (const place of placesOf(state)) {
      const stepped = await toPlace(place, state, versionId, retry);
      await tell(state, stepped, isLast);
      isWaiting ||= isOpen(stepped.delivery, stepped.takesMs, by);
    }
    return isWaiting;
  }

  /** What became current in the meantime is delivered in the same run. */
  return async (first: SecretState): Promise<void> => {
    const endsAt = clock.now().getTime() + Math.max(order.waitsMs ?? 0, stepsMsOf(first));
    let settled: string | undefined;
    for (let state = first, retry = true; ; retry = false) {
      const versionId = deliverable(state);
      if (!versionId || versionId === settled) return;
      const isLast = clock.now().getTime() >= endsAt;
      const isWaiting = await toAll(state, versionId, retry, isLast, new Date(endsAt));
      if (isLast) return;
      if (isWaiting) await clock.sleep(looksEveryMs);
      else settled = versionId;
      state = await store.describe(state.arn);
    }
  };
}

interface SteppedDelivery {
  id: string;
  title: string;
  /** So long the place takes in any case. */
  takesMs: number;
  delivery: Delivery;
}

export function placesOf({ spec }: Pick<SecretState, 'spec'>): readonly DeliveryPlace[] {
  return spec.deliverTo ?? [];
}

function stepsMsOf(state: SecretState): number {
  return placesOf(state).some(place => targetOf(place).takesSteps(place)) ? stepsMs : 0;
}

/** The version that is to be where servers run; `undefined` where the key has ended for good. */
export function deliverable(state: SecretState): string | undefined {
  const current = holderOf(state, 'AWSCURRENT');
  return current === holderOf(state, endedLabel) ? undefined : current;
}

function keyOf(store: SecretStore, state: SecretState, versionId: string): DeliveredKey {
  return {
    key: shortName(state.address),
    secretArn: state.arn,
    readBy: state.spec.readBy,
    versionId,
    async jsonKey() {
      const form = state.spec.rotatedBy && formOf(await loadConnector(state.address.provider), state.spec);
      return form ? form.secret : 'secret';
    },
    async read() {
      const value = (await store.readVersion(state, versionId))?.value;
      if (value) return value;
      throw new KeyturnError(
        'refused',
        `version ${versionId} of ${shortName(state.address)} holds no key; see \`npx keyturn status\``,
      );
    },
  };
}
