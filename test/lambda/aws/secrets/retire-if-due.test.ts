// Whether a superseded key is ended, by what its provider and its server tell of its use, and by where its successor is.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import type { Provider } from '../../../../core/provider';
import { hourMs, minuteMs } from '../../../../core/time';
import { createRetirement } from '../../../../lambda/aws/secrets/retire-if-due';
import { World } from '../../../core/support/world';

interface Told {
  /** Since it was superseded. */
  afterMs?: number;
  /** Minutes ago, as the provider tells. */
  atProvider?: number | 'never';
  /** Minutes ago, as the server reported: how many uses there were then. */
  reported?: Record<number, number>;
  isDelivered?: boolean;
}

/** An overlap of a day, which is over, also where clocks differ by a minute. */
const overMs = 24 * hourMs + minuteMs;

async function retired({ afterMs = overMs, atProvider, reported = {}, isDelivered = true }: Told) {
  const world = new World('issue');
  world.seed('version-1', undefined);
  world.seed('version-2', undefined);
  const keyId = world.keyOf('AWSPREVIOUS');
  world.nowMs += afterMs - hourMs;
  const ago = (minutes: number) => new Date(world.nowMs - minutes * minuteMs);
  const lastUsedAt = typeof atProvider === 'number' ? ago(atProvider) : atProvider;
  const provider = {
    ...world.provider(),
    list: async () => world.keys.map(key => ({ id: key.id, ...(key.id === keyId && { lastUsedAt }) })),
  } as Provider;
  const cloudWatch = mockClient(CloudWatchClient);
  // A point stands at the start of its five minutes.
  cloudWatch.on(GetMetricDataCommand).resolves({
    MetricDataResults: [
      {
        Timestamps: Object.keys(reported).map(minutes => ago(Number(minutes) + 5)),
        Values: Object.values(reported),
      },
    ],
  });
  const unreported: Date[] = [];
  const retireIfDue = createRetirement({
    ...world.tools,
    providerOf: async () => provider,
    cloudWatch: new CloudWatchClient({ region: 'us-east-1' }),
    isDelivered: async () => isDelivered,
    onUnreportedUse: (_, at) => void unreported.push(at),
  });
  const isRetired = await retireIfDue(world.state, world.clock);
  cloudWatch.restore();
  return { isRetired, unreported: unreported.length };
}

test.each<[string, Told, boolean]>([
  ['used by nobody', {}, true],
  ['used by nobody, as the provider says', { atProvider: 'never' }, true],
  ['used half an hour ago, as the provider says', { atProvider: 30 }, false],
  ['used hours ago, as the provider says', { atProvider: 90 }, true],
  ['used half an hour ago, as its server reported', { reported: { 30: 1 } }, false],
  ['used hours ago, as its server reported', { reported: { 90: 1 } }, true],
  ['reported without a use', { reported: { 30: 0 } }, true],
  ['used by the later of two reports, whichever stands first', { reported: { 30: 1, 300: 1 } }, false],
  [
    'used of late as the provider says, and long ago as the server does',
    { atProvider: 30, reported: { 300: 1 } },
    false,
  ],
  [
    'used of late as the server reported, and long ago as the provider says',
    { atProvider: 300, reported: { 30: 1 } },
    false,
  ],
  ['still within its overlap', { afterMs: overMs - 1_000 }, false],
  [
    'used just now, past the end of a second overlap',
    { afterMs: 48 * hourMs + minuteMs, reported: { 1: 1 } },
    true,
  ],
  ['used just now, before that', { afterMs: 48 * hourMs + minuteMs - 1_000, reported: { 1: 1 } }, false],
  ['without a successor where its server runs', { isDelivered: false }, false],
  [
    'without one, past the end of a second overlap',
    { afterMs: 48 * hourMs + minuteMs, isDelivered: false },
    true,
  ],
])('a superseded key that is %s', async (_, told, expected) => {
  expect((await retired(told)).isRetired).toBe(expected);
});

test.each<[string, Told, number]>([
  ['a use that its server does not report', { atProvider: 90 }, 1],
  ['a use that its server reported, too', { atProvider: 90, reported: { 90: 1 } }, 0],
  ['no use', { atProvider: 'never' }, 0],
])('people hear of %s', async (_, told, expected) => {
  expect((await retired(told)).unreported).toBe(expected);
});
