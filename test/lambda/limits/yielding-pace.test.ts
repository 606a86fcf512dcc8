// A provider that says it is called too fast is called as fast as it allows, and nearly nothing is lost on being refused.

import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { hasCode, KeyturnError } from '../../../core/errors';
import { createYieldingPace } from '../../../lambda/aws/limits/yielding-pace';

const yielding = { isRefusal: (error: unknown) => hasCode(error, 'rate-limited'), fastest: 20 };
const tooMany = () => new KeyturnError('rate-limited', 'Resend answered 429; run this again later');

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock(new Date('2027-01-01T00:00:00Z'));
});
afterEach(() => clock.close());

/** Takes so many calls a second, and refuses the others. */
function limited(perSecond: number) {
  let tokens = perSecond;
  let at = clock.now().getTime();
  const seen = { taken: 0, refused: 0 };
  return {
    seen,
    async call() {
      const now = clock.now().getTime();
      tokens = Math.min(perSecond, tokens + ((now - at) / 1000) * perSecond);
      at = now;
      if (tokens < 1) {
        seen.refused++;
        throw tooMany();
      }
      tokens--;
      seen.taken++;
    },
  };
}

/** So many callers, each with its calls one after the other. */
async function callAll(provider: ReturnType<typeof limited>, callers: number, callsEach: number) {
  const pace = createYieldingPace(clock, yielding);
  const began = clock.now().getTime();
  await clock.runWhile(() =>
    Promise.all(
      Array.from({ length: callers }, async () => {
        for (let n = 0; n < callsEach; n++) {
          await clock.sleep(50);
          await pace(provider.call);
        }
      }),
    ),
  );
  return (clock.now().getTime() - began) / 1000;
}

test.each([2, 5, 10])('%i calls a second: used well, with few refusals', async perSecond => {
  const provider = limited(perSecond);
  const seconds = await callAll(provider, 10, 40);
  expect(provider.seen.taken).toBe(400);
  expect(seconds).toBeLessThan((2 * 400) / perSecond);
  expect(provider.seen.refused).toBeLessThan(80);
});

test('a provider that refuses nothing is not slowed down', async () => {
  expect(await callAll(limited(100_000), 10, 40)).toBeCloseTo(40 * 0.05, 1);
});

test('a call that is refused again and again is given up, and other failures are passed on at once', async () => {
  const pace = createYieldingPace(clock, yielding);
  let calls = 0;
  const refused = clock.runWhile(() =>
    pace(async () => {
      calls++;
      throw tooMany();
    }),
  );
  await expect(refused).rejects.toMatchObject({ code: 'rate-limited' });
  expect(calls).toBe(6);
  const down = new KeyturnError('provider-down', 'Resend answered 503; run this again');
  calls = 0;
  const failed = clock.runWhile(() =>
    pace(async () => {
      calls++;
      throw down;
    }),
  );
  await expect(failed).rejects.toBe(down);
  expect(calls).toBe(1);
});
