// How long a token that an issuer got for its credential is kept: never past its end, and never for another credential.
import { createIssuerTokens } from '../../../connectors/http/issuer-tokens';
import { minuteMs, secondMs } from '../../../core/time';

function setUp(seconds = 3600) {
  let nowMs = Date.parse('2026-09-01T08:00:00Z');
  const tokens = createIssuerTokens({ now: () => new Date(nowMs), sleep: async () => {} });
  let fetched = 0;
  let isAway = false;
  const of = (credential: unknown = { id: 'a' }) =>
    tokens.of(credential, async () => {
      fetched++;
      if (isAway) throw new Error('away');
      return { token: `token-${fetched}`, seconds };
    });
  return {
    tokens,
    of,
    pass: (ms: number) => {
      nowMs += ms;
    },
    away: (away: boolean) => {
      isAway = away;
    },
  };
}

test.each([
  ['an hour, just before its last five minutes', 3600, 55 * minuteMs - 1, 'token-1'],
  ['an hour, from its last five minutes on', 3600, 55 * minuteMs, 'token-2'],
  ['two minutes, in their first half', 120, 60 * secondMs - 1, 'token-1'],
  ['two minutes, in their second half', 120, 60 * secondMs, 'token-2'],
  ['ten minutes, in their first half', 600, 5 * minuteMs - 1, 'token-1'],
  ['ten minutes, in their second half', 600, 5 * minuteMs, 'token-2'],
])('a token of %s', async (_, seconds, ms, expected) => {
  const { of, pass } = setUp(seconds);
  expect(await of()).toBe('token-1');
  pass(ms);
  expect(await of()).toBe(expected);
});

test('calls at the same time fetch one', async () => {
  const { of } = setUp();
  expect(await Promise.all([of(), of(), of()])).toEqual(['token-1', 'token-1', 'token-1']);
});

test('each credential has its own, also where one is as the beginning of the other', async () => {
  const { of } = setUp();
  expect(await of({ id: 'a' })).toBe('token-1');
  expect(await of({ id: 'a', secret: 'b' })).toBe('token-2');
  expect(await of({ id: 'a' })).toBe('token-1');
});

test('a failure is kept by nobody, and one that was refused is fetched anew', async () => {
  const { of, away, tokens } = setUp();
  away(true);
  await expect(of()).rejects.toThrow('away');
  away(false);
  expect(await of()).toBe('token-2');
  tokens.forget({ id: 'b' });
  expect(await of()).toBe('token-2');
  tokens.forget({ id: 'a' });
  expect(await of()).toBe('token-3');
});
