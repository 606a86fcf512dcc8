// How often keys rotate, and how long two keys overlap: the team's policy as one table.
import type { Tier } from '../../core/key/key-spec';
import type { IntervalName } from './schedule';

export type PolicyName = 'non-prod' | 'prod';

export interface TierPolicy {
  /** Where the config says nothing. */
  rotateEvery: IntervalName;
  /** The longest gap between two rotations that the policy allows. Days. */
  maxGapDays: number;
  /** How long the superseded key stays valid at least, where the config says nothing. Hours. */
  overlapHours: number;
}

export const policies: Record<PolicyName, Record<Tier, TierPolicy>> = {
  'non-prod': {
    high: { rotateEvery: 'monthly', maxGapDays: 31, overlapHours: 24 },
    normal: { rotateEvery: 'monthly', maxGapDays: 31, overlapHours: 24 },
    low: { rotateEvery: 'monthly', maxGapDays: 31, overlapHours: 24 },
  },
  prod: {
    // A day is enough for servers that fetch keys through the client or `keyturn run`; others need a deploy.
    high: { rotateEvery: 'monthly', maxGapDays: 31, overlapHours: 24 },
    normal: { rotateEvery: 'every-2-months', maxGapDays: 90, overlapHours: 72 },
    low: { rotateEvery: 'every-2-months', maxGapDays: 90, overlapHours: 168 },
  },
};
