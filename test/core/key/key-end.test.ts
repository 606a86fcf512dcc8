import { endOf, remindedAtDays, reminderOf } from '../../../core/key/key-end';

const day = 86_400_000;
const issued = new Date('2026-09-01T00:00:00Z');
const after = (days: number) => new Date(issued.getTime() + days * day);
const value = { issuedAt: issued.toISOString() };
const policy = { maxGapDays: 62 };

test.each([
  ['the policy, where the provider tells nothing', undefined, undefined, 62, 'policy'],
  ['the policy, where the key has no end', 'never' as const, undefined, 62, 'policy'],
  ['the provider, where that is earlier', after(40), undefined, 40, 'provider'],
  ['the provider, where both are at the same moment', after(62), undefined, 62, 'provider'],
  ['the policy, where the provider would keep it longer', after(365), undefined, 62, 'policy'],
  ['what the key itself says, where nobody else does', undefined, after(30).toISOString(), 30, 'provider'],
  ['what the provider says now, before what was stored', after(50), after(30).toISOString(), 50, 'provider'],
  [
    'no end, where the provider has taken it away since',
    'never' as const,
    after(30).toISOString(),
    62,
    'policy',
  ],
])('a key ends by %s', (_what, told, expiresAt, days, by) => {
  expect(endOf({ ...value, expiresAt }, told, policy)).toEqual({ at: after(days), by });
});

test('people are reminded at each stated day, and not a moment earlier', () => {
  const end = { at: after(90), by: 'provider' } as const;
  for (const days of remindedAtDays) {
    const reached = after(90 - days);
    const before = new Date(reached.getTime() - 1);
    expect(reminderOf(end, issued, reached)).toBe(days);
    expect(reminderOf(end, issued, before)).not.toBe(days);
  }
  expect(reminderOf(end, issued, after(59.9))).toBeUndefined();
  // Days that nobody looked are made up for, and a key that has ended stays told.
  expect(reminderOf(end, issued, after(88.5))).toBe(3);
  expect(reminderOf(end, issued, after(120))).toBe(0);
});

test('nobody is reminded in the first half of a short life', () => {
  const end = { at: after(31), by: 'policy' } as const;
  expect(reminderOf(end, issued, after(2))).toBeUndefined();
  expect(reminderOf(end, issued, after(17))).toBe(14);
});

test('half of a life is just long enough for a reminder', () => {
  const reminded = (lifeDays: number) =>
    reminderOf({ at: after(lifeDays), by: 'policy' }, issued, after(lifeDays - 30));
  expect(reminded(60)).toBe(30);
  expect(reminded(59.9)).toBeUndefined();
});
