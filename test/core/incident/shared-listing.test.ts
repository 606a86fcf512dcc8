// One list for the keys of a place that are contained together: how long it serves, and for whom.
import { createSharedListing } from '../../../core/incident/replacement/shared-listing';
import type { ListedKey, MakingProvider } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';

function setUp() {
  let nowMs = 0;
  let asked = 0;
  let isAway = false;
  const listing = createSharedListing({ now: () => new Date(nowMs), sleep: async () => {} });
  const list = async (): Promise<ListedKey[]> => {
    asked++;
    if (isAway) throw new Error('away');
    return [{ id: 'k1' }];
  };
  const of = (id = 'acme', settings: object = {}) =>
    listing({ id, list } as MakingProvider & { kind: 'issue' }, { spec: { settings } } as SecretState);
  return {
    of,
    asked: () => asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    away: (away: boolean) => {
      isAway = away;
    },
  };
}

test.each([
  ['less than two minutes', 2 * minuteMs - 1, 1],
  ['two minutes', 2 * minuteMs, 2],
])('a list serves for %s', async (_, ms, expected) => {
  const { of, asked, pass } = setUp();
  await of();
  pass(ms);
  await of();
  expect(asked()).toBe(expected);
});

test.each([
  ['another provider, though its name begins alike', ['acme-eu', {}]],
  ['another place at the same provider', ['acme', { account: 'b' }]],
] as const)('%s has its own', async (_, [id, settings]) => {
  const { of, asked } = setUp();
  await Promise.all([of(), of()]);
  expect(asked()).toBe(1);
  await of(id, settings);
  expect(asked()).toBe(2);
});

test('what one made, the others see; and a list that failed serves nobody', async () => {
  const { of, away, pass } = setUp();
  const first = await of();
  first.noteMade('k2');
  expect((await of()).keys).toEqual([{ id: 'k1' }, { id: 'k2' }]);
  pass(2 * minuteMs);
  away(true);
  await expect(of()).rejects.toThrow('away');
  away(false);
  expect((await of()).keys).toEqual([{ id: 'k1' }]);
});
