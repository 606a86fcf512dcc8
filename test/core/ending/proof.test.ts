// How long and how often a provider is asked whether it accepts a key.
import { proveAccepted, proveRejected, proveUnlisted } from '../../../core/ending/proof';
import type { Provider, Verdict } from '../../../core/provider';
import { World } from '../support/world';

function asked(answers: Verdict[], propagation: Provider['propagation']) {
  const world = new World('issue');
  const began = world.nowMs;
  const times: number[] = [];
  const verify = async (): Promise<Verdict> => {
    times.push(Math.round((world.nowMs - began) / 1000));
    return answers[Math.min(times.length, answers.length) - 1] ?? 'unknown';
  };
  const { clock } = world;
  const sleep = async (ms: number) => {
    world.nowMs += ms;
  };
  const provider = { ...world.provider(), verify, propagation };
  const value = { secret: 'x', keyId: 'x', provider: 'acme', issuedAt: '' };
  return {
    times,
    accepted: () => proveAccepted(provider, value, { ...clock, sleep }),
    rejected: () => proveRejected(provider, value, { ...clock, sleep }),
  };
}

test('one that is as it should be is asked for once', async () => {
  const alive = asked(['accepted'], { createMs: 60_000, revokeMs: 60_000 });
  expect(await alive.accepted()).toBe('accepted');
  expect(alive.times).toEqual([0]);
});

test('the documented delay is waited out, in four tries; each of its own', async () => {
  const slow = asked(['rejected'], { createMs: 130_000, revokeMs: 0 });
  expect(await slow.accepted()).toBe('rejected');
  expect(slow.times).toEqual([0, 10, 40, 130]);
  const stubborn = asked(['accepted'], { createMs: 0, revokeMs: 130_000 });
  expect(await stubborn.rejected()).toBe('accepted');
  expect(stubborn.times).toEqual([0, 10, 40, 130]);
});

test('without a documented delay, a passing fault has six seconds', async () => {
  const silent = asked(['unknown', 'unknown', 'accepted'], { createMs: 0, revokeMs: 0 });
  expect(await silent.accepted()).toBe('accepted');
  expect(silent.times).toEqual([0, 0, 2]);
  const away = asked(['unknown'], { createMs: 0, revokeMs: 0 });
  expect(await away.rejected()).toBe('unknown');
  expect(away.times).toEqual([0, 0, 2, 6]);
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
