// The first reads of a laptop whose network is not up yet: for how long they are tried, and which failures are not waited out.

import { waitingForNetwork } from '../../../../client/keys/sources/first-reads';
import type { KeySource } from '../../../../client/keys/sources/key-source';
import { KeyturnError } from '../../../../core/errors';

const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
const held = { versionId: 'v1', value: { secret: '', keyId: 'k', issuedAt: '', provider: 'sendgrid' } };

/** As the SDK throws it where nothing answered, and where AWS did. */
const failure = (httpStatusCode?: number) =>
  new KeyturnError('no-answer', 'AWS did not answer', {
    cause: Object.assign(new Error('away'), { endpoint: {}, $metadata: { httpStatusCode } }),
  });

/** @param networkAtMs when the network is up */
function setUp({
  forMs,
  networkAtMs,
  error = failure(),
}: {
  forMs: number;
  networkAtMs: number;
  error?: Error;
}) {
  let nowMs = 0;
  const said: string[] = [];
  const reads: number[] = [];
  const source: KeySource = {
    givesTokens: async () => false,
    async read() {
      reads.push(nowMs);
      if (reads.length > 100) throw new Error('it is tried for ever');
      if (nowMs < networkAtMs) throw error;
      return held;
    },
    statusOf: async () => 'current',
    reject() {},
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const waiting = waitingForNetwork(source, {
    forMs,
    say: text => void said.push(text),
    now: () => nowMs,
    sleep: async ms => {
      nowMs += ms;
    },
  });
  return { waiting, said, reads, pass };
}

test('a read is tried after a quarter of a second, twice as long each time, and then every five seconds', async () => {
  const { waiting, reads, said } = setUp({ forMs: 60_000, networkAtMs: 17_000 });
  expect(await waiting.read(address)).toBe(held);
  expect(reads).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750]);
  expect(said).toEqual(['AWS did not answer (retrying for 60 seconds)']);
});

test.each([
  ['a wait that ends with the time', 750, [0, 250, 750]],
  ['no wait that ends after it', 749, [0, 250]],
  ['none at all', 249, [0]],
])('there is %s', async (_, forMs, expected) => {
  const { waiting, reads } = setUp({ forMs, networkAtMs: Number.POSITIVE_INFINITY });
  await expect(waiting.read(address)).rejects.toThrow('AWS did not answer');
  expect(reads).toEqual(expected);
});

test('the time counts from the start of the program, not from each read', async () => {
  const { waiting, reads, pass } = setUp({ forMs: 30_000, networkAtMs: Number.POSITIVE_INFINITY });
  pass(30_000);
  await expect(waiting.read(address)).rejects.toThrow('AWS did not answer');
  expect(reads).toEqual([30_000]);
});

test.each([
  ['AWS answers', failure(403)],
  ['AWS answers that it is busy', failure(503)],
  ['there is no cause', new KeyturnError('refused', 'AWS did not answer')],
])('where %s there is nothing to wait for', async (_, error) => {
  const { waiting, reads, said } = setUp({ forMs: 60_000, networkAtMs: Number.POSITIVE_INFINITY, error });
  await expect(waiting.read(address)).rejects.toBe(error);
  expect([reads, said]).toEqual([[0], []]);
});
