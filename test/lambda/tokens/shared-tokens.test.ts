// Tokens of a root that minting uses up are minted once for all sandboxes: Slack lets two live, and ends the oldest beyond.
import type { Connector } from '../../../connectors/contract/connector';
import { slack } from '../../../connectors/providers/slack';
import { openTokenSetup, type TokenSetup } from './token-setup';

const order = { provider: 'slack' };
const hourMs = 3600_000;

let setup: TokenSetup;
beforeEach(async () => {
  jest.spyOn(console, 'info').mockImplementation(() => {});
  setup = await openTokenSetup(slack as Connector, { tier: 'low' });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
});

const mints = () => setup.calls.filter(({ path }) => path === '/api/oauth.v2.access').length;
const lives = async (token: string) => {
  const headers = { authorization: `Bearer ${token}` };
  const reply = await fetch('https://slack.com/api/auth.test', { method: 'POST', headers });
  return ((await reply.json()) as { ok: boolean }).ok;
};

test('ten sandboxes give one token, which lives', async () => {
  const given = await Promise.all(Array.from({ length: 10 }, () => setup.another()(order)));
  expect(new Set(given.map(({ token }) => token)).size).toBe(1);
  expect(new Set(given.map(({ expiresAt }) => expiresAt)).size).toBe(1);
  expect(mints()).toBe(1);
  expect(await lives(given[0]!.token)).toBe(true);
});

test('a sandbox that starts hours later gives it with the end that it has, and shortly before that another', async () => {
  const first = await setup.handler(order);
  setup.pass(11 * hourMs);
  expect(await setup.another()(order)).toEqual(first);
  setup.pass(hourMs - 4 * 60_000);
  const next = await setup.another()(order);
  expect(next.token).not.toBe(first.token);
  expect([await lives(first.token), await lives(next.token)]).toEqual([true, true]);
  expect(mints()).toBe(2);
});

test('one that the provider ended is not given again', async () => {
  const { token } = await setup.handler(order);
  setup.account.revoke(setup.account.ownerOf(token)!);
  const next = await setup.another()(order);
  expect(next.token).not.toBe(token);
  expect(await lives(next.token)).toBe(true);
});

test('a tier that allows less counts from when it was minted', async () => {
  const first = await setup.handler(order);
  setup.pass(2 * hourMs);
  setup.register(setup.specWith({ tier: 'normal' }));
  // An hour at most, and that is over.
  const next = await setup.another()(order);
  expect(next.token).not.toBe(first.token);
  expect(Date.parse(next.expiresAt)).toBe(setup.clock.now().getTime() + hourMs);
  setup.pass(hourMs / 2);
  expect(await setup.another()(order)).toEqual(next);
});

test('after a person consented again, the token of the consent before is not given', async () => {
  const { token } = await setup.handler(order);
  await setup.store(setup.newRoot());
  expect((await setup.another()(order)).token).not.toBe(token);
});
