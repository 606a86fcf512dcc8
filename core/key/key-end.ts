// When a key has to be replaced that only a person makes: nothing rotates it, so people are reminded at stated days.
import { dayMs } from '../time';
import type { KeySpec } from './key-spec';
import type { SecretValue } from './secret-value';

export interface KeyEnd {
  at: Date;
  /** `provider`: it then stops working. `policy`: the configuration asks for a new one by then. */
  by: 'provider' | 'policy';
}

/** Days before the end at which people are reminded; at 0 it is there. */
export const remindedAtDays = [30, 14, 7, 3, 1, 0] as const;

/**
 * What comes first: its end at the provider, or the age at which the policy asks for another key.
 * @param told what the provider says now; a key's own value may say it, too
 */
export function endOf(
  { issuedAt, expiresAt }: Pick<SecretValue, 'issuedAt' | 'expiresAt'>,
  told: Date | 'never' | undefined,
  { maxGapDays }: Pick<KeySpec, 'maxGapDays'>,
): KeyEnd {
  const stored = expiresAt === undefined ? undefined : new Date(expiresAt);
  const atProvider = told === 'never' ? undefined : (told ?? stored);
  const byPolicy = new Date(Date.parse(issuedAt) + maxGapDays * dayMs);
  return atProvider && atProvider <= byPolicy
    ? { at: atProvider, by: 'provider' }
    : { at: byPolicy, by: 'policy' };
}

/**
 * The stated day that was reached last; `undefined` where there is none yet. Of a key that lives for a month, nobody is reminded on
 * its first day: a reminder comes in the second half of its life.
 * @param from when the key was stored
 */
export function reminderOf({ at }: KeyEnd, from: Date, now: Date): number | undefined {
  const lifeDays = (at.getTime() - from.getTime()) / dayMs;
  const leftDays = (at.getTime() - now.getTime()) / dayMs;
  return remindedAtDays.filter(days => days <= lifeDays / 2 && leftDays <= days).at(-1);
}
