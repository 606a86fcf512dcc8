// A peer that says it is called too fast is called as fast as it allows, and nearly nothing is lost on being refused.
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { type CallLimits, createCallLimits, createCallRate } from '../../../connectors/http/call-rate';
import { createHttp, type HttpCall } from '../../../connectors/http/http';

const realFetch = globalThis.fetch;
const call: HttpCall = { expect: [200], needs: 'the scope keys.write' };
let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock(new Date('2027-01-01T00:00:00Z'));
});
afterEach(() => {
  clock.close();
  globalThis.fetch = realFetch;
});

const httpWith = (limits: CallLimits) =>
  createHttp({ provider: 'acme', title: 'Acme', origins: ['https://api.acme.test'], clock, limits });
const seconds = (since: number) => (clock.now().getTime() - since) / 1000;

/** Takes so many calls a second, and refuses the others. */
function limited(perSecond: number) {
  let tokens = perSecond;
  let at = clock.now().getTime();
  const seen = { taken: 0, refused: 0 };
  globalThis.fetch = async () => {
    const now = clock.now().getTime();
    tokens = Math.min(perSecond, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    if (tokens < 1) {
      seen.refused++;
      return new Response('', { status: 429 });
    }
    tokens--;
    seen.taken++;
    return Response.json({});
  };
  return seen;
}

/** So many callers, each with its calls one after the other. */
async function callAll(callers: number, callsEach: number, once = false) {
  const http = httpWith(createCallLimits(clock, 'resend'));
  const began = clock.now().getTime();
  await clock.runWhile(() =>
    Promise.all(
      Array.from({ length: callers }, async () => {
        for (let n = 0; n < callsEach; n++) {
          await clock.sleep(50);
          await http.send('POST', '/keys', { ...call, once });
        }
      }),
    ),
  );
  return seconds(began);
}

test('refusals within a second of one another count once, and the next one again', async () => {
  const rate = createCallRate(clock, 16);
  /** Milliseconds from one turn to the next. */
  const gap = async () => {
    await clock.runWhile(() => rate.turn());
    const before = clock.now().getTime();
    await clock.runWhile(() => rate.turn());
    return clock.now().getTime() - before;
  };
  const passUntil = (ms: number) => clock.runUntil(new Date(began + ms));
  const began = clock.now().getTime();
  rate.refused(0);
  await passUntil(999);
  rate.refused(0);
  expect(await gap()).toBe(1_000 / 8);
  await passUntil(2_000);
  rate.refused(0);
  await passUntil(3_000);
  rate.refused(0);
  expect(await gap()).toBe(1_000 / 2);
});

test.each([
  [2, false],
  [5, true],
  [10, false],
])('%i calls a second: used well, with few refusals', async (perSecond, once) => {
  const seen = limited(perSecond);
  expect(await callAll(10, 12, once)).toBeLessThan((2 * 120) / perSecond);
  expect(seen.taken).toBe(120);
  expect(seen.refused).toBeLessThan(40);
});

test('a provider that refuses nothing is not slowed down', async () => {
  limited(100_000);
  expect(await callAll(10, 10)).toBeCloseTo(10 * 0.05, 1);
});

test('ten calls of one provider are under way at once, and no more', async () => {
  let now = 0;
  let most = 0;
  globalThis.fetch = async () => {
    most = Math.max(most, ++now);
    await clock.sleep(100);
    now--;
    return Response.json({});
  };
  const http = httpWith(createCallLimits(clock, 'pass-on'));
  await clock.runWhile(() => Promise.all(Array.from({ length: 30 }, () => http.send('GET', '/keys', call))));
  expect(most).toBe(10);
});

test('a peer that refuses for ever is still asked every two seconds', async () => {
  const rate = createCallRate(clock);
  for (let n = 0; n < 20; n++) {
    rate.refused(0);
    await clock.runWhile(() => clock.sleep(1_000));
  }
  const began = clock.now().getTime();
  await clock.runWhile(() => Promise.all([rate.turn(), rate.turn(), rate.turn()]));
  expect(seconds(began)).toBe(4);
});

test('a known quota is kept from the first call on', async () => {
  const rate = createCallRate(clock, 45);
  const began = clock.now().getTime();
  await clock.runWhile(() => Promise.all(Array.from({ length: 91 }, () => rate.turn())));
  expect(seconds(began)).toBeCloseTo(2, 1);
});

test('what one caller is told, the next one waits for, too', async () => {
  const answers = [new Response('', { status: 429, headers: { 'retry-after': '7' } }), Response.json({})];
  globalThis.fetch = async () => answers.shift() ?? Response.json({});
  const limits = createCallLimits(clock, 'pass-on');
  const began = clock.now().getTime();
  const first = clock.runWhile(() => httpWith(limits).send('POST', '/keys', { ...call, once: true }));
  await expect(first).rejects.toMatchObject({ code: 'rate-limited' });
  await clock.runWhile(() => httpWith(limits).send('GET', '/keys', call));
  expect(seconds(began)).toBe(7);
});

/** Sends and waits of one call, alone: the whole of what is tried before a minute has passed. */
test.each<[string, (n: number) => Response | Error, string, string, string]>([
  ['429 for ever', () => new Response('', { status: 429 }), '4 in 7 s', '1 in 0 s', '4 in 7 s'],
  [
    '429 twice',
    n => (n < 2 ? new Response('', { status: 429 }) : Response.json({})),
    '3 in 3 s',
    '1 in 0 s',
    '3 in 3 s',
  ],
  ['503 for ever', () => new Response('', { status: 503 }), '4 in 7 s', '1 in 0 s', '1 in 0 s'],
  [
    'Retry-After: 7, once',
    n => (n < 1 ? new Response('', { status: 429, headers: { 'retry-after': '7' } }) : Response.json({})),
    '2 in 7 s',
    '1 in 0 s',
    '2 in 7 s',
  ],
  [
    'Retry-After: 60',
    () => new Response('', { status: 429, headers: { 'retry-after': '60' } }),
    '1 in 0 s',
    '1 in 0 s',
    '1 in 0 s',
  ],
  ['a dropped connection', () => new Error('dropped'), '4 in 7 s', '1 in 0 s', '1 in 0 s'],
])(
  '%s: how often a list, a create, and a create in an emergency are sent',
  async (_, answer, list, create, emergencyCreate) => {
    const counted = async (refusedCreates: CallLimits['refusedCreates'], once: boolean) => {
      let sends = 0;
      globalThis.fetch = async () => {
        const one = answer(sends++);
        if (one instanceof Response) return one;
        throw one;
      };
      const http = httpWith(createCallLimits(clock, refusedCreates));
      const began = clock.now().getTime();
      await clock.runWhile(() => http.send('POST', '/keys', { ...call, once }).catch(() => {}));
      return `${sends} in ${seconds(began)} s`;
    };
    expect(await counted('pass-on', false)).toBe(list);
    expect(await counted('resend', false)).toBe(list);
    expect(await counted('pass-on', true)).toBe(create);
    expect(await counted('resend', true)).toBe(emergencyCreate);
  },
);
