import { agesOf } from '../../../core/metrics/ages';

const now = new Date('2026-11-23T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const spec = { maxGapDays: 62 };
/** A millisecond, in hours. */
const moment = 1 / 3_600_000;

test.each([
  ['no key', [], 0, 0],
  ['a key that was never issued', [{ spec, rotationDueBy: hoursAgo(-24) }], 0, 0],
  [
    'the oldest of several',
    [hoursAgo(50), hoursAgo(24 * 61 + 23)].map(rotatedAt => ({ spec, rotatedAt })),
    61,
    0,
  ],
  ['a rotation that is late', [{ spec, rotatedAt: hoursAgo(720), rotationDueBy: hoursAgo(6) }], 30, 0],
  [
    'a rotation that never came',
    [{ spec, rotatedAt: hoursAgo(720), rotationDueBy: hoursAgo(6 + moment) }],
    30,
    1,
  ],
  [
    'a rotation that was given up, and has a new date',
    [{ spec, rotatedAt: hoursAgo(24 * 62 + 6 + moment), rotationDueBy: hoursAgo(-24 * 30) }],
    62,
    1,
  ],
  [
    'a rotation that is late by its age, and not yet overdue',
    [{ spec, rotatedAt: hoursAgo(24 * 62 + 6), rotationDueBy: hoursAgo(-24 * 30) }],
    62,
    0,
  ],
  ['a key that nothing rotates', [{ spec, rotatedAt: hoursAgo(24 * 400) }], 400, 0],
])('age and lateness are counted of %s', (_, keys, OldestKeyDays, OverdueKeys) => {
  expect(agesOf(keys, now)).toEqual({ OldestKeyDays, OverdueKeys });
});
