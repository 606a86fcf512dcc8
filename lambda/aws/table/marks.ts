// Marks of containments lie on the key's item in the table, where AWS takes a thousand writes a second; secrets get fifty.
// Laid over the labels of AWS, they read as labels do.
import { labelInPlaceOfMark, markLabel } from '../../../core/incident/marks';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { SecretStore } from '../../../core/rotation/secret-store';
import { describeError, logger } from '../runtime/logger';
import { keyKey, type Table } from './table';

/** Versions of a key that must end. */
export async function marksIn(table: Pick<Table, 'get'>, address: KeyAddress): Promise<string[]> {
  return (await table.get(keyKey(address)))?.marks?.SS ?? [];
}

export function withMarks(store: SecretStore, table: Pick<Table, 'get' | 'change'>): SecretStore {
  return {
    ...store,

    async describe(secretId) {
      // Labels first: a version is marked before it loses its label, so what has neither here had neither.
      const state = await store.describe(secretId);
      const versions = { ...state.versions };
      for (const id of await marksIn(table, state.address))
        versions[id] = [...(versions[id] ?? []), markLabel];
      return { ...state, versions };
    },

    async moveLabel(state, label, { from, to }) {
      if (label !== markLabel) return store.moveLabel(state, label, { from, to });
      const key = keyKey(state.address);
      if (from) await table.change(key, { takeOut: { marks: [from] } });
      if (!to) return;
      try {
        await table.change(key, { add: { marks: [to] } });
      } catch (error) {
        // A compromised key does not wait for the table.
        const { address } = state;
        logger.error(`could not mark ${to} of ${shortName(address)}`, { error: describeError(error) });
        await store.moveLabel(state, labelInPlaceOfMark(to), { to });
      }
    },
  };
}
