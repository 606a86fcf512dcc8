import { KeyturnError } from '../../../core/errors';
import { fingerprint } from '../../../core/key/generated-secret';
import type { Tier } from '../../../core/key/key-spec';
import {
  createTokenBroker,
  type MintedToken,
  type TokenMint,
  type TokenOrder,
} from '../../../core/tokens/tokens';
import { TestClock } from '../../support/provider-setup';

const minute = 60_000;
const allowed = ['contents:read', 'issues:write'];

function open({
  lifeMs = 60 * minute,
  scopes,
  revocable = true,
}: {
  lifeMs?: number;
  scopes?: string[];
  revocable?: boolean;
} = {}) {
  const clock = new TestClock();
  const broker = createTokenBroker(clock);
  const minted: string[][] = [];
  const ended: string[] = [];
  const world = { failing: undefined as Error | undefined, stuck: false };
  const mint: TokenMint = {
    async mint(asked): Promise<MintedToken> {
      minted.push(asked);
      await Promise.resolve();
      if (world.failing) throw world.failing;
      const expiresAt = new Date(clock.now().getTime() + lifeMs).toISOString();
      return { token: `FAKESECRET-${minted.length}`, expiresAt, scopes };
    },
    ...(revocable && {
      async revoke(token: string) {
        if (world.stuck) throw new KeyturnError('provider-down', 'no answer today; try tomorrow');
        ended.push(token);
      },
    }),
  };
  const give = (order: Partial<TokenOrder> = {}) =>
    broker.give({ key: 'prod/github-app/bot', rootVersion: 'v1', tier: 'normal', allowed, ...order }, mint);
  return { clock, broker, minted, ended, world, give };
}

test('a token is minted once, and given out until shortly before its end', async () => {
  const { clock, give, minted } = open();
  const first = await give();
  expect(first).toEqual({ token: 'FAKESECRET-1', expiresAt: '2026-09-01T09:00:00.000Z', scopes: allowed });
  await clock.sleep(54 * minute);
  expect(await give()).toEqual(first);
  await clock.sleep(1 * minute);
  expect((await give()).token).toBe('FAKESECRET-2');
  expect(minted).toHaveLength(2);
});

test('a very short token is kept for most of its life, too', async () => {
  const { clock, give, minted } = open({ lifeMs: minute });
  await give();
  await clock.sleep(47_000);
  await give();
  expect(minted).toHaveLength(1);
  await clock.sleep(1_000);
  await give();
  expect(minted).toHaveLength(2);
});

test('many who ask at once get one token', async () => {
  const { give, minted } = open();
  const given = await Promise.all(Array.from({ length: 20 }, () => give()));
  expect(new Set(given.map(({ token }) => token))).toEqual(new Set(['FAKESECRET-1']));
  expect(minted).toHaveLength(1);
});

test('a failed mint fails all who wait for it, and is not remembered', async () => {
  const { give, minted, world } = open();
  world.failing = new KeyturnError('provider-down', 'down; wait');
  const outcomes = await Promise.allSettled([give(), give()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(minted).toHaveLength(1);
  world.failing = undefined;
  expect((await give()).token).toBe('FAKESECRET-2');
});

test('scopes are narrowed, whatever their order, and each choice has a token of its own', async () => {
  const { give, minted } = open();
  await give({ asked: ['issues:write', 'contents:read', 'issues:write'] });
  await give({ asked: ['contents:read', 'issues:write'] });
  await give();
  expect(minted).toEqual([['contents:read', 'issues:write']]);
  await give({ asked: ['contents:read'] });
  expect(minted[1]).toEqual(['contents:read']);
});

test.each([
  [
    ['contents:read', 'administration:write'],
    /does not allow a token for \[administration:write\]; .*config\/keys\.ts/,
  ],
  [['contents'], /does not allow a token for \[contents\]/],
  [[], /without scopes, which could mean all of them/],
])('scopes %j are refused before anything is minted', async (asked, text) => {
  const { give, minted } = open();
  await expect(give({ asked })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(text),
  });
  expect(minted).toEqual([]);
});

test('a token that grants more than was asked is ended and never given out', async () => {
  const { give, ended } = open({ scopes: [...allowed, 'administration:write'] });
  await expect(give()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('[administration:write]'),
  });
  expect(ended).toEqual(['FAKESECRET-1']);
});

test('a token that grants less says so', async () => {
  const { give } = open({ scopes: ['contents:read'] });
  expect((await give()).scopes).toEqual(['contents:read']);
});

test.each<[Tier, number]>([
  ['high', 30],
  ['normal', 60],
  ['low', 24 * 60],
])('tier %s: no token says that it lives longer than %d minutes', async (tier, most) => {
  const { clock, give } = open({ lifeMs: 48 * 60 * minute });
  const { expiresAt } = await give({ tier });
  expect(Date.parse(expiresAt) - clock.now().getTime()).toBe(most * minute);
});

test('a token that outlives its tier is ended at the provider when its time is up, and not before', async () => {
  const { clock, broker, give, ended } = open();
  await give({ tier: 'high' });
  await clock.sleep(30 * minute - 1);
  expect(await broker.endOverdue()).toEqual([]);
  expect(ended).toEqual([]);
  await clock.sleep(1);
  expect(await broker.endOverdue()).toEqual([]);
  expect(ended).toEqual(['FAKESECRET-1']);
  await broker.endOverdue();
  expect(ended).toHaveLength(1);
});

test('a token that cannot be ended now is tried again until it dies by itself', async () => {
  const { clock, broker, give, ended, world } = open();
  await give({ tier: 'high' });
  world.stuck = true;
  await clock.sleep(30 * minute);
  expect(await broker.endOverdue()).toMatchObject([{ code: 'provider-down' }]);
  world.stuck = false;
  expect(await broker.endOverdue()).toEqual([]);
  expect(ended).toEqual(['FAKESECRET-1']);

  await give({ tier: 'high' });
  world.stuck = true;
  await clock.sleep(60 * minute);
  expect(await broker.endOverdue()).toHaveLength(1);
  expect(await broker.endOverdue()).toEqual([]);
});

test('where nothing can end it, a token that outlives its tier is refused', async () => {
  const { give } = open({ revocable: false });
  await expect(give({ tier: 'high' })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(
      /is valid for 60 minutes .* tier high allows 30; shorten its lifetime at the provider/,
    ),
  });
  await expect(give({ tier: 'normal' })).resolves.toMatchObject({ token: 'FAKESECRET-2' });
});

test("a provider's hour may be a minute longer than ours, and no more", async () => {
  const { give, clock } = open({ lifeMs: 61 * minute, revocable: false });
  const { expiresAt } = await give();
  expect(Date.parse(expiresAt) - clock.now().getTime()).toBe(60 * minute);
  const longer = open({ lifeMs: 61 * minute + 1, revocable: false });
  await expect(longer.give()).rejects.toMatchObject({ code: 'refused' });
});

test.each([-1, 0, Number.NaN])('an end that lies no way ahead (%d ms) is no token', async lifeMs => {
  const { broker, clock } = open();
  const mint: TokenMint = {
    mint: async () => ({
      token: 'FAKESECRET',
      expiresAt: Number.isNaN(lifeMs) ? 'soon' : new Date(clock.now().getTime() + lifeMs).toISOString(),
    }),
  };
  const order = { key: 'k', rootVersion: 'v1', tier: 'normal' as const, allowed };
  await expect(broker.give(order, mint)).rejects.toMatchObject({ code: 'refused' });
});

test('a token that was refused where it was used is not given out again; any other is', async () => {
  const { clock, give, minted } = open();
  const { token } = await give();
  await give({ refused: fingerprint('another token') });
  expect(minted).toHaveLength(1);
  await clock.sleep(30_000);
  const [one, other] = await Promise.all([
    give({ refused: fingerprint(token) }),
    give({ refused: fingerprint(token) }),
  ]);
  expect([one.token, other.token]).toEqual(['FAKESECRET-2', 'FAKESECRET-2']);
  expect((await give({ refused: fingerprint(token) })).token).toBe('FAKESECRET-2');
});

test('a token of the root before is not given out once the root has changed', async () => {
  const { give } = open();
  await give();
  expect((await give({ rootVersion: 'v2' })).token).toBe('FAKESECRET-2');
});
