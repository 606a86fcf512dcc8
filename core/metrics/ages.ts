// How old the keys of an environment are, for its dashboard and for the alarm on keys that nothing rotates any more.
import type { SecretState } from '../rotation/secret-store';
import { dayMs, hourMs } from '../time';

/** AWS tries a failed rotation again for hours, and on-call has heard of the failure: then it is late, and not yet overdue. */
const lateForMs = 6 * hourMs;

export interface Ages {
  /** Since its last rotation, of keys that have had one. */
  OldestKeyDays: number;
  /** Keys whose rotation should have happened hours ago. */
  OverdueKeys: number;
}

type DatedKey = Pick<SecretState, 'rotatedAt' | 'rotationDueBy'> & { spec: { maxGapDays: number } };

export function agesOf(keys: readonly DatedKey[], now: Date): Ages {
  const ages = keys.flatMap(({ rotatedAt }) => (rotatedAt ? now.getTime() - rotatedAt.getTime() : []));
  return {
    OldestKeyDays: Math.floor(Math.max(0, ...ages) / dayMs),
    OverdueKeys: keys.filter(key => isOverdue(key, now)).length,
  };
}

/** AWS tries a failed rotation for hours before it counts. */
export function isOverdue(key: DatedKey, now: Date): boolean {
  const { rotationDueBy } = key;
  // Without a date, nothing is to rotate it.
  if (!rotationDueBy) return false;
  return now.getTime() > rotationDueBy.getTime() + lateForMs || hasOutlived(key, now);
}

/** By its age: AWS may give a new date after it has given a rotation up. */
export function hasOutlived({ rotatedAt, spec }: Omit<DatedKey, 'rotationDueBy'>, now: Date): boolean {
  return rotatedAt !== undefined && now.getTime() > rotatedAt.getTime() + spec.maxGapDays * dayMs + lateForMs;
}
