import * as copies from '../../../../client/keys/secrets/key-copy';
import { minuteMs } from '../../../../core/time';

const version = (n: number) => ({
  versionId: `v${n}`,
  value: {
    secret: `FAKESECRET-${n}`,
    keyId: `key-${n}`,
    provider: 'gitlab',
    issuedAt: '2026-11-28T00:00:00Z',
  },
});
const [one, two, three] = [version(1), version(2), version(3)];
const copy = copies.checked(copies.firstCopy(one, 0), 1_000_000);
const at = (age: number) => copies.servingOf(copy, 1_000_000 + age, 5 * minuteMs);

it.each([
  [0, 'use'],
  [5 * minuteMs - 1, 'use'],
  [5 * minuteMs, 'use-and-check'],
  [10 * minuteMs - 1, 'use-and-check'],
  [10 * minuteMs, 'check-first'],
] as const)('a copy that is %i ms old: %s', (age, serving) => {
  expect(at(age)).toBe(serving);
});

it('while AWS has just not answered, it is not asked again, and then it is', () => {
  const away = copies.unanswered(copy, 2_000_000);
  const serving = (now: number) => copies.servingOf(away, now, 5 * minuteMs);
  expect(serving(2_004_999)).toBe('use-unchecked');
  expect(serving(2_005_000)).toBe('check-first');
  expect(copies.servingOf(copies.checked(away, 2_004_000), 2_004_999, 5 * minuteMs)).toBe('use');
});

it.each([
  [{ v1: ['AWSCURRENT'] }, true],
  [{ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] }, false],
  [{ v1: ['AWSPENDING'], v2: ['AWSCURRENT'] }, false],
  [{}, false],
])('with the labels %j, the first version is to be used: %s', (versions, isUsable) => {
  expect(copies.isUsable(copies.described(copy, versions))).toBe(isUsable);
});

it('a pending version is used once it was accepted, and stays so while it is pending', () => {
  const offered = copies.offered(copies.described(copy, { v1: ['AWSCURRENT'], v2: ['AWSPENDING'] }), two);
  expect(copies.hasPending(offered)).toBe(true);
  expect(copies.accepted(offered, one).version).toBe(one);
  const proved = copies.accepted(offered, two);
  expect(proved.version).toBe(two);
  expect(copies.isUsable(proved)).toBe(true);
  expect(copies.isUsable(copies.described(proved, { v1: ['AWSCURRENT'] }))).toBe(false);
});

it('offers what was not tried, and knows what has been superseded', () => {
  const offered = copies.offered(copy, two);
  expect(copies.untried(offered, ['v1'])).toBe(two);
  expect(copies.untried(offered, ['v1', 'v2'])).toBeUndefined();
  expect(copies.isSuperseded(offered, two)).toBe(false);
  expect(copies.isSuperseded(copies.replaced(offered, three), one)).toBe(true);
});
