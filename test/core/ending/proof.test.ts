// How long and how often a provider is asked whether it accepts a key, and what its answers come to.
import {
  leastSpreadMs,
  probesAtMost,
  proveAccepted,
  proveRejected,
  proveUnlisted,
  rejectionsInRow,
} from '../../../core/ending/proof';
import type { ListedKey, Provider, Verdict } from '../../../core/provider';
import { World } from '../support/world';

const value = { secret: 'x', keyId: 'old', provider: 'acme', issuedAt: '' };

interface Answers {
  /** The last one is given again and again. */
  verdicts: Verdict[];
  propagation?: Provider['propagation'];
  control?: Verdict[];
  listed?: string[];
}

function asked({ verdicts, propagation = { createMs: 0, revokeMs: 0 }, control, listed }: Answers) {
  const world = new World('issue');
  const began = world.nowMs;
  const times: number[] = [];
  const next = (of: Verdict[], n: number) => of[Math.min(n, of.length) - 1] ?? 'unknown';
  const verify = async (): Promise<Verdict> => {
    times.push(Math.round((world.nowMs - began) / 1000));
    return next(verdicts, times.length);
  };
  const sleep = async (ms: number) => {
    world.nowMs += ms;
  };
  const clock = { ...world.clock, sleep };
  const provider: Provider = {
    ...world.provider(),
    verify,
    propagation,
    ...(control && { control: async () => next(control, times.length) }),
    ...(listed && { list: async (): Promise<ListedKey[]> => listed.map(id => ({ id })) }),
  } as Provider;
  return {
    times,
    accepted: () => proveAccepted(provider, value, clock),
    rejected: (look: 'first' | 'second' = 'first') =>
      proveRejected(provider, value, clock, { look, currentKeyId: 'new' }),
  };
}

const A = 'accepted' as const;
const R = 'rejected' as const;
const U = 'unknown' as const;
const D = 'denied' as const;

describe('a new key', () => {
  test('that is accepted at once is asked for once', async () => {
    const alive = asked({ verdicts: [A], propagation: { createMs: 60_000, revokeMs: 60_000 } });
    expect(await alive.accepted()).toBe(A);
    expect(alive.times).toEqual([0]);
  });

  test('has the documented delay, in four tries', async () => {
    const slow = asked({ verdicts: [R], propagation: { createMs: 130_000, revokeMs: 0 } });
    expect(await slow.accepted()).toBe(R);
    expect(slow.times).toEqual([0, 10, 40, 130]);
  });

  test('has six seconds for a passing fault, where no delay is documented', async () => {
    const silent = asked({ verdicts: [U, U, A] });
    expect(await silent.accepted()).toBe(A);
    expect(silent.times).toEqual([0, 0, 2]);
  });

  test('that is only denied is not known', async () => {
    expect(await asked({ verdicts: [D] }).accepted()).toBe(U);
  });
});

describe('a revoked key', () => {
  test('is rejected in a row that is spread over ten seconds, or over the documented delay', async () => {
    const dead = asked({ verdicts: [R] });
    expect(await dead.rejected()).toMatchObject({ finding: R });
    expect(dead.times).toEqual([0, 1, 3, 10]);
    const slow = asked({ verdicts: [R], propagation: { createMs: 0, revokeMs: 130_000 } });
    expect(await slow.rejected()).toMatchObject({ finding: R });
    expect(slow.times).toEqual([0, 10, 40, 130]);
    const later = asked({ verdicts: [R] });
    await later.rejected('second');
    expect(later.times).toEqual([0, 10]);
  });

  test.each([
    ['one rejection is no proof', [R, A], A],
    ['three are none either', [R, R, R, A], A],
    ['four are', [R, R, R, R, A], R],
    ['an acceptance starts the row again', [R, A, R, R, R, R], R],
    ['and once more is too late', [R, R, R, A, R, R], A],
    ['two acceptances leave room for a row', [A, A, R, R, R, R], R],
    ['three do not', [A, A, A, R, R, R, R], A],
    ['an outage is no rejection', [U, U, R, R, R, R], R],
    ['and no acceptance', [U, U, U], U],
    ['nor does it hide one', [A, A, U], A],
    ['nor is it counted into a row', [R, R, R, U, U, U], U],
  ] as [string, Verdict[], string][])('%s', async (_, verdicts, finding) => {
    const key = asked({ verdicts });
    const { probes, ...seen } = await key.rejected();
    expect(seen.finding).toBe(finding);
    expect(probes.map(({ verdict }) => verdict)).toEqual(
      [...verdicts, ...new Array(probesAtMost).fill(verdicts.at(-1))].slice(0, probes.length),
    );
  });

  test('is never asked about more than six times, nor for longer than twice the spread and a half', async () => {
    const all = [A, R, U];
    for (let n = 0; n < all.length ** probesAtMost; n++) {
      const verdicts = Array.from({ length: probesAtMost }, (_, i) => all[Math.floor(n / 3 ** i) % 3] ?? U);
      const key = asked({ verdicts });
      const { finding, probes } = await key.rejected();
      expect(probes.length).toBeLessThanOrEqual(probesAtMost);
      expect(key.times.at(-1)).toBeLessThanOrEqual((2.5 * leastSpreadMs) / 1000);
      if (finding !== R) continue;
      const counted = probes.slice(1 + probes.findLastIndex(({ verdict }) => verdict === A));
      const row = counted.filter(({ verdict }) => verdict === R);
      expect(row).toHaveLength(rejectionsInRow.first);
      const spread = Date.parse(row.at(-1)?.at ?? '') - Date.parse(row[0]?.at ?? '');
      expect(spread).toBeGreaterThanOrEqual(leastSpreadMs);
    }
  });

  test.each([
    ['a control that lives and a list without the key prove it', {}, R, 'does not show the key'],
    ['the list still shows it', { listed: ['old', 'new'] }, U, 'shows the key'],
    ['a list that does not even show the current key proves nothing', { listed: [] }, U, 'tells nothing'],
    ['the control is denied, too', { control: [D] }, U, undefined],
    ['the control cannot be asked', { control: [U] }, U, undefined],
    ['there is no control', { control: undefined }, U, undefined],
    ['an acceptance between counts as any other', { verdicts: [D, A, A, A] }, A, undefined],
  ] as [string, Partial<Answers>, string, string | undefined][])(
    'is denied like a live one can be: %s',
    async (_, more, finding, list) => {
      const key = asked({ verdicts: [D], control: [A], listed: ['new'], ...more });
      const seen = await key.rejected();
      expect([seen.finding, seen.list]).toEqual([finding, list]);
    },
  );
});

test.each([
  ['gone after a while', [['a', 'b'], ['a'], []], [], 3],
  ['listed to the end', [['a']], ['a'], 4],
])('a list can lag, too: %s', async (_, lists: string[][], left, times) => {
  const world = new World('issue');
  let asked = 0;
  const list = async () => lists[Math.min(asked++, lists.length - 1)] ?? [];
  expect(await proveUnlisted(world.provider(), list, world.clock)).toEqual(left);
  expect(asked).toBe(times);
});
