// When a superseded key has to go, and what is done then.
import {
  endPrevious,
  isDueForRetirement,
  isUnreportedUse,
  overlapOf,
  supersededAt,
} from '../../../core/ending/retirement';
import { hourMs, minuteMs } from '../../../core/time';
import { rotate } from '../support/run';
import { World } from '../support/world';

const promoted = new Date('2026-11-23T12:00:00Z');
const overlapHours = 24;
const later = (ms: number) => new Date(promoted.getTime() + ms);

describe('when a superseded key is due', () => {
  const due = (afterMs: number, unusedForMs?: number) =>
    isDueForRetirement(
      {
        supersededAt: promoted,
        overlapHours,
        ...(unusedForMs !== undefined && { lastUsedAt: later(afterMs - unusedForMs) }),
      },
      later(afterMs),
    );

  test.each([
    ['just before the end of its overlap', due(24 * hourMs - 1), false],
    ['at the end of its overlap', due(24 * hourMs), true],
    ['at the end of its overlap, used 59 minutes ago', due(24 * hourMs, 59 * minuteMs), false],
    ['at the end of its overlap, used an hour less a moment ago', due(24 * hourMs, hourMs - 1), false],
    ['at the end of its overlap, used an hour ago', due(24 * hourMs, hourMs), true],
    ['just before twice its overlap, and used all the time', due(48 * hourMs - 1, 0), false],
    ['at twice its overlap, however much it is used', due(48 * hourMs, 0), true],
  ])('%s: %s', (_, isDue, expected) => {
    expect(isDue).toBe(expected);
  });

  test('an overlap has an end, and a hard limit of twice its length', () => {
    expect(overlapOf({ supersededAt: promoted, overlapHours })).toEqual({
      end: later(24 * hourMs),
      hardLimit: later(48 * hourMs),
    });
  });

  test('it counts from the last rotation or promotion, whichever came last', () => {
    const [one, other] = [later(0), later(1)];
    expect(supersededAt(one, other)).toEqual(other);
    expect(supersededAt(other, one)).toEqual(other);
    expect(supersededAt(undefined, one)).toEqual(one);
  });
});

describe('a use that its server did not report', () => {
  const hours = (at: number | undefined) => (at === undefined ? undefined : later(at * hourMs));
  const moment = 1 / hourMs;
  test.each<[string, number | undefined, number | undefined, boolean]>([
    ['the provider tells none', undefined, undefined, false],
    ['within an hour of its replacement: servers learn of that', 1, undefined, false],
    ['later, and nothing was reported', 1 + moment, undefined, true],
    ['and reported up to an hour before', 6, 5, false],
    ['and reported longer before', 6, 5 - moment, true],
    ['and reported after it', 6, 9, false],
  ])('%s', (_, atProvider, reported, expected) => {
    const [used, told] = [hours(atProvider), hours(reported)];
    const use = { ...(used && { atProvider: used }), ...(told && { reported: told }) };
    expect(isUnreportedUse(use, promoted)).toBe(expected);
  });
});

describe('the end of a superseded key', () => {
  const previous = 'version-of-the-superseded-key-000001';
  const current = 'version-of-the-current-key-000000002';

  function superseded(): World {
    const world = new World('issue');
    world.seed(previous, undefined);
    world.seed(current, undefined);
    return world;
  }

  test('a key that is still accepted keeps its label, and the error says what to do', async () => {
    const world = superseded();
    const { provider } = world.tools;
    const stubborn = { ...provider, revoke: async () => {} };
    await expect(
      endPrevious({ ...world.tools, provider: stubborn }, world.state, 'retirement'),
    ).rejects.toThrow(
      /^the superseded key key-1 of prod\/acme\/bot is still accepted after it was revoked; Keyturn revokes and checks it again by itself. If it is still accepted in an hour, delete it/,
    );
    expect(world.holder('AWSPREVIOUS')).toBe(previous);
  });

  test('while the provider cannot say whether it is dead, it keeps its label', async () => {
    const world = superseded();
    const { provider } = world.tools;
    const silent = { ...provider, verify: async () => 'unknown' as const };
    await expect(
      endPrevious({ ...world.tools, provider: silent }, world.state, 'retirement'),
    ).rejects.toMatchObject({
      code: 'provider-down',
    });
    expect(world.holder('AWSPREVIOUS')).toBe(previous);
  });

  test('the same key in both versions, after an adopt or a copy by hand, lives on', async () => {
    const world = superseded();
    world.versions.set(previous, { createdAt: new Date(0), value: world.valueOf(current) });
    await endPrevious(world.tools, world.state, 'retirement');
    expect(world.live).toContain(world.keyOf('AWSCURRENT'));
    expect(world.holder('AWSPREVIOUS')).toBeUndefined();
  });

  test('the next rotation ends a leftover before it makes a key', async () => {
    const world = superseded();
    const leftover = world.keyOf('AWSPREVIOUS');
    await rotate(world, 'version-of-the-next-rotation-0000003');
    expect(world.live).not.toContain(leftover);
    const calls = world.callsOf('revoke', 'make');
    expect(calls).toEqual(['revoke', 'make']);
  });
});
