// Keys behind an alarm that only counts them: written down by the function that counts, read by the one that tells people.
import { shortName } from '../../../core/key/key-address';
import type { KnownKey } from '../../../core/notices/alarms/alarm-notice';
import type { SecretState } from '../../../core/rotation/secret-store';
import { describeError, logger } from '../runtime/logger';
import { foundKey, foundKeys, type Table, text } from './table';

/** So many are named; the count is in the metric. */
const keptAtMost = 50;
const textMaxLength = 300;

/** In place of what was found of that kind before. Never throws: without the names, the alarm is worth as much. */
export type NoteCountedKeys = (kind: string, keys: readonly KnownKey[]) => Promise<void>;

/** @returns a run's way to write down what it finds. What stands there is read once: most hours find nothing new */
export async function openCountedKeys(table: Pick<Table, 'query' | 'change'>): Promise<NoteCountedKeys> {
  const known = await table.query(foundKeys).catch(error => {
    logger.error('does not know which keys were found before', { error: describeError(error) });
    return undefined;
  });
  return async (kind, keys) => {
    const kept = keys
      .slice(0, keptAtMost)
      .map(({ key, text }) => ({ key, text: text.slice(0, textMaxLength) }));
    const written = JSON.stringify(kept);
    const before = known?.find(({ sk }) => sk?.S === kind)?.keys?.S ?? '[]';
    if (known && before === written) return;
    try {
      await table.change(foundKey(kind), { set: { keys: text(written) } });
    } catch (error) {
      logger.error(`could not write down which keys are ${kind}`, { error: describeError(error) });
    }
  };
}

export async function readCountedKeys(table: Pick<Table, 'get'>, kind: string): Promise<KnownKey[]> {
  const item = await table.get(foundKey(kind));
  return item?.keys?.S ? (JSON.parse(item.keys.S) as KnownKey[]) : [];
}

/** Why it counts as overdue. */
export function overdueKey({ address, rotatedAt, rotationDueBy }: SecretState): KnownKey {
  const last = rotatedAt ? `last rotated ${rotatedAt.toISOString()}` : 'never rotated';
  const due = rotationDueBy ? `, due by ${rotationDueBy.toISOString()}` : '';
  return { key: shortName(address), text: `${last}${due}` };
}
