// When a key ends, and when people are reminded of it: nothing rotates a key that only a person makes.
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
 * When its provider ends it by itself.
 * @param told what the provider says now; a key's own value may say it, too
 * @returns `undefined` where it does not, as far as anybody tells
 */
function endAtProvider(
  { expiresAt }: Pick<SecretValue, 'expiresAt'>,
  told: Date | 'never' | undefined,
): Date | undefined {
  const stored = expiresAt === undefined ? undefined : new Date(expiresAt);
  return told === 'never' ? undefined : (told ?? stored);
}

/** What comes first: its end at the provider, or the age at which the policy asks for another key. */
export function endOf(
  value: Pick<SecretValue, 'issuedAt' | 'expiresAt'>,
  told: Date | 'never' | undefined,
  { maxGapDays }: Pick<KeySpec, 'maxGapDays'>,
): KeyEnd {
  const atProvider = endAtProvider(value, told);
  const byPolicy = new Date(Date.parse(value.issuedAt) + maxGapDays * dayMs);
  return atProvider && atProvider <= byPolicy
    ? { at: atProvider, by: 'provider' }
    : { at: byPolicy, by: 'policy' };
}

/** Of a key that is rotated: its policy is what rotates it. */
export function providerEnd(
  value: Pick<SecretValue, 'expiresAt'>,
  told: Date | 'never' | undefined,
): KeyEnd | undefined {
  const at = endAtProvider(value, told);
  return at && { at, by: 'provider' };
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
