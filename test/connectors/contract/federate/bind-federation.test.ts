// How often an exchange is tried again, how long that may take, and how long a token may live.
import * as z from 'zod/mini';
import { bindFederation } from '../../../../connectors/contract/bind-federation';
import { federationOf } from '../../../../connectors/contract/federation';
import { loadConnector } from '../../../../connectors/load';
import { KeyturnError } from '../../../../core/errors';
import { needed } from '../../../../rehearsal/world/needed';
import { TestClock } from '../../../support/provider-setup';

/** @param answer one for each exchange: how many seconds its token lives, or what it fails with */
async function bound(answer: (exchange: number, now: Date) => number | KeyturnError) {
  const federation = needed(federationOf(await loadConnector('openai')), 'a federation');
  const clock = new TestClock();
  const jwts: string[] = [];
  const presented: string[] = [];
  const token = bindFederation(
    {
      ...federation,
      tokenSecondsAtMost: 3600,
      settings: z.object({}),
      audience: () => 'https://provider.example.com',
      exchange: async (_http, jwt) => {
        presented.push(jwt);
        const answered = answer(presented.length, clock.now());
        if (typeof answered !== 'number') throw answered;
        const expiresAt = new Date(clock.now().getTime() + answered * 1000).toISOString();
        return { token: `token-${'x'.repeat(20)}-${presented.length}`, expiresAt };
      },
    },
    {
      settings: {},
      clock,
      identity: async () => {
        jwts.push(`jwt-${'x'.repeat(20)}-${jwts.length}`);
        return jwts.at(-1) ?? '';
      },
    },
  );
  return { token, clock, presented };
}

const told = (seconds: number, now: Date) =>
  new KeyturnError('rate-limited', 'later', { retryAt: new Date(now.getTime() + seconds * 1000) });
const rejection = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    error => (error as KeyturnError).code,
  );

test.each(['no-answer', 'provider-down', 'rate-limited'] as const)(
  'what fails with %s is tried three times in all, each time with another JWT',
  async code => {
    const { token, clock, presented } = await bound(() => new KeyturnError(code, 'not now'));
    expect(await rejection(token())).toBe(code);
    expect(new Set(presented).size).toBe(3);
    expect(clock.passed).toBe(2_500);
  },
);

test('what a provider refuses is not tried again', async () => {
  const { token, clock, presented } = await bound(() => new KeyturnError('refused', 'no such trust'));
  expect(await rejection(token())).toBe('refused');
  expect([presented.length, clock.passed]).toEqual([1, 0]);
});

test.each([
  ['ten seconds are waited', 10, 'none', 10_000],
  ['more are not', 10.001, 'rate-limited', 0],
  ['less than half a second is half a second', 0.1, 'none', 500],
])('where a provider tells when to ask again, %s', async (_, seconds, expected, passed) => {
  const { token, clock } = await bound((n, now) => (n === 1 ? told(seconds, now) : 60));
  expect(await rejection(token())).toBe(expected);
  expect(clock.passed).toBe(passed);
});

test.each([
  ['as long as it may', 3600, 'none'],
  ['a minute longer, since clocks differ', 3660, 'none'],
  ['longer than that', 3661, 'refused'],
])('a token that lives %s', async (_, seconds, expected) => {
  const { token } = await bound(() => seconds);
  expect(await rejection(token())).toBe(expected);
});
