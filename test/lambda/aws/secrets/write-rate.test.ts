// How often and how fast secrets are written, with AWS's answers in the place of its client's transport.
import type { RetryErrorInfo, RetryStrategyV2 } from '@smithy/types';
import { createPacedWrites } from '../../../../lambda/aws/secrets/write-rate';

async function setUp() {
  let nowMs = Date.parse('2026-11-23T03:00:00Z');
  const clock = {
    now: () => new Date(nowMs),
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const start = nowMs;
  const writes = createPacedWrites({ region: 'us-east-1' }, clock);
  const strategy = (await writes.client.config.retryStrategy()) as RetryStrategyV2;
  /** @returns how often a write was sent where AWS answers so each time, and how long that took */
  async function sends(errorType: RetryErrorInfo['errorType']): Promise<[number, number]> {
    let token = await strategy.acquireInitialRetryToken('');
    for (let sent = 1; ; sent++) {
      try {
        token = await strategy.refreshRetryTokenForRetry(token, {
          errorType,
          error: new Error(errorType) as NonNullable<RetryErrorInfo['error']>,
        });
      } catch (error) {
        expect((error as Error).message).toBe(errorType);
        return [sent, nowMs - start];
      }
    }
  }
  return { writes, sends, passed: () => nowMs - start };
}

test.each<[RetryErrorInfo['errorType'], number]>([
  ['CLIENT_ERROR', 1],
  ['TRANSIENT', 8],
  ['SERVER_ERROR', 8],
  ['THROTTLING', 8],
])('what ends with %s is sent %i times, a second or more apart', async (errorType, expected) => {
  const { sends } = await setUp();
  const [sent, tookMs] = await sends(errorType);
  expect(sent).toBe(expected);
  expect(tookMs).toBeGreaterThanOrEqual((expected - 1) * 1_000);
  // Nobody waits for longer than a function may take.
  expect(tookMs).toBeLessThan(30_000);
});

test('45 writes a second, and no more', async () => {
  const { writes, passed } = await setUp();
  for (let n = 0; n < 46; n++) await writes.turn();
  expect(passed()).toBeGreaterThanOrEqual(999);
  expect(passed()).toBeLessThan(1_050);
});

test('what can wait goes after what cannot, also after what came later', async () => {
  let nowMs = 0;
  const sleeping: { untilMs: number; wake: () => void }[] = [];
  const writes = createPacedWrites(
    { region: 'us-east-1' },
    {
      now: () => new Date(nowMs),
      sleep: ms => new Promise(wake => sleeping.push({ untilMs: nowMs + ms, wake: () => wake() })),
    },
  );
  await writes.turn();
  const order: string[] = [];
  const note = (what: string) => () => order.push(what);
  // One waits already as the other asks for what is to spare.
  void writes.turn().then(note('turn'));
  void writes.spareTurn().then(note('spare'));
  await new Promise(setImmediate);
  void writes.turn().then(note('later turn'));
  while (order.length < 3) {
    await new Promise(setImmediate);
    const next = sleeping.sort((a, b) => a.untilMs - b.untilMs).shift();
    if (!next) continue;
    nowMs = next.untilMs;
    next.wake();
  }
  expect(order).toEqual(['turn', 'later turn', 'spare']);
});
