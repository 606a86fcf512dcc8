// Whether a key may end as far as deliveries go: what took its place is wherever its server runs.
import { placesWithout } from '../../../core/delivery/delivery';
import type { SecretState } from '../../../core/rotation/secret-store';
import { readDeliveries } from '../table/deliveries';
import type { Table } from '../table/table';

/** @returns true where the key is delivered nowhere, too */
export type IsDelivered = (
  state: Pick<SecretState, 'address' | 'spec'>,
  versionId: string,
) => Promise<boolean>;

export function createIsDelivered(table: Pick<Table, 'get'>): IsDelivered {
  return async ({ address, spec: { deliverTo = [] } }, versionId) => {
    if (!deliverTo.length) return true;
    const { targetOf } = await import('../../../targets/targets');
    const places = deliverTo.map(place => targetOf(place).idOf(place));
    return !placesWithout(versionId, places, await readDeliveries(table, address)).length;
  };
}
