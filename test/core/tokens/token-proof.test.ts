// A provider that takes seconds to know its own tokens: nobody gets one before, and none is minted in a loop.
import { fingerprint } from '../../../core/key/generated-secret';
import { createTokenBroker, type TokenMint } from '../../../core/tokens/tokens';
import { TestClock } from '../../support/provider-setup';

const minute = 60_000;
const allowed = ['contents:read', 'issues:write'];

/** Accepts a token so long after it was minted, and never one that was killed. */
function lagging(lagMs: number) {
  const clock = new TestClock();
  const broker = createTokenBroker(clock);
  const born = new Map<string, number>();
  const dead = new Set<string>();
  let isAway = false;
  const mint: TokenMint = {
    async mint() {
      const token = `FAKESECRET-${born.size + 1}`;
      born.set(token, clock.now().getTime());
      return { token, expiresAt: new Date(clock.now().getTime() + 60 * minute).toISOString() };
    },
    async verify(token) {
      if (isAway) return 'unknown';
      const age = clock.now().getTime() - Number(born.get(token));
      return age >= lagMs && !dead.has(token) ? 'accepted' : 'rejected';
    },
    async revoke(token) {
      dead.add(token);
    },
  };
  const order = { key: 'prod/github-app/bot', rootVersion: 'v1', tier: 'normal' as const, allowed };
  return {
    clock,
    dead,
    minted: () => born.size,
    away() {
      isAway = true;
    },
    give: (refused?: string) =>
      broker.give({ ...order, ...(refused && { refused: fingerprint(refused) }) }, mint),
  };
}

test.each([0, 200, 2_500, 15_700])('known after %i ms: handed out once it is', async lagMs => {
  const { clock, give, minted } = lagging(lagMs);
  await give();
  expect(minted()).toBe(1);
  expect(clock.passed).toBeGreaterThanOrEqual(lagMs);
  expect(clock.passed).toBeLessThanOrEqual(2 * lagMs + 250);
});

test('never known: ended, said, and none is minted again for a minute', async () => {
  const { clock, dead, give, minted } = lagging(Number.POSITIVE_INFINITY);
  for (let n = 0; n < 12; n++) await expect(give()).rejects.toMatchObject({ code: 'provider-down' });
  expect([minted(), dead.size]).toEqual([1, 1]);
  expect(clock.passed).toBeLessThan(20_000);
  await clock.sleep(59_999);
  await expect(give()).rejects.toThrow('try again in 1 s');
  await clock.sleep(1);
  await expect(give()).rejects.toThrow();
  expect(minted()).toBe(2);
});

test('a refusal that is told late changes nothing, however often it is told', async () => {
  const { clock, give, minted } = lagging(2_000);
  const { token } = await give();
  for (let n = 0; n < 12; n++) {
    await clock.sleep(5_000);
    expect((await give(token)).token).toBe(token);
  }
  expect(minted()).toBe(1);
});

test('a token that is dead indeed is replaced at once', async () => {
  const { dead, give } = lagging(0);
  const { token } = await give();
  dead.add(token);
  expect((await give(token)).token).not.toBe(token);
});

test.each([
  [29_999, 1],
  [30_000, 2],
])('where nobody can be asked, a refused token of %i ms: %i minted', async (age, tokens) => {
  const { clock, away, give, minted } = lagging(0);
  away();
  const { token } = await give();
  await clock.sleep(age);
  await Promise.all([give(token), give(token)]);
  expect(minted()).toBe(tokens);
});
