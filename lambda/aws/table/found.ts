// Keys behind an alarm that only counts them: written down by the function that counts, read by the one that tells people.
import { shortName } from '../../../core/key/key-address';
import type { KnownKey } from '../../../core/notices/alarm-notice';
import type { SecretState } from '../../../core/rotation/secret-store';
import { describeError, logger } from '../runtime/logger';
import { foundKey, type Table, text } from './table';

/** So many are named; the count is in the metric. */
const keptAtMost = 50;
const textMaxLength = 300;

export interface Found {
  /** In place of what was found before. Never throws: without the names, the alarm is worth as much. */
  note(kind: string, keys: readonly KnownKey[]): Promise<void>;
}

export function createFound(table: Pick<Table, 'get' | 'change'>): Found {
  return {
    async note(kind, keys) {
      const kept = keys
        .slice(0, keptAtMost)
        .map(({ key, text }) => ({ key, text: text.slice(0, textMaxLength) }));
      const written = JSON.stringify(kept);
      try {
        // Most hours find nothing new.
        const known = await table.get(foundKey(kind));
        if ((known?.keys?.S ?? '[]') === written) return;
        await table.change(foundKey(kind), { set: { keys: text(written) } });
      } catch (error) {
        logger.error(`could not write down which keys are ${kind}`, { error: describeError(error) });
      }
    },
  };
}

export async function readFound(table: Pick<Table, 'get'>, kind: string): Promise<KnownKey[]> {
  const item = await table.get(foundKey(kind));
  return item?.keys?.S ? (JSON.parse(item.keys.S) as KnownKey[]) : [];
}

/** Why it counts as overdue. */
export function overdueKey({ address, rotatedAt, rotationDueBy }: SecretState): KnownKey {
  const last = rotatedAt ? `last rotated ${rotatedAt.toISOString()}` : 'never rotated';
  const due = rotationDueBy ? `, due by ${rotationDueBy.toISOString()}` : '';
  return { key: shortName(address), text: `${last}${due}` };
}
