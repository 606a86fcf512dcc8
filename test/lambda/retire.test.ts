// The retire function on the local model of Secrets Manager, in front of secrets that no stack of Keyturn made.

import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { writeDescription } from '../../core/key/key-spec';
import { usageMetrics, usageNamespace } from '../../core/metrics/usage';
import { hourMs, minuteMs } from '../../core/time';
import { createRetire } from '../../lambda/retire';
import { createKeptAttempts } from '../core/support/attempts';
import { type FunctionSetup, openFunctionSetup } from '../support/function-setup';

const spec = {
  team: 'a',
  tier: 'normal' as const,
  scopes: [],
  settings: {},
  overlapHours: 1,
  maxGapDays: 31,
};
const value = (keyId: string) =>
  JSON.stringify({
    secret: `FAKESECRET${keyId}`,
    keyId,
    provider: 'self-issued',
    issuedAt: '2026-11-01T00:00:00Z',
  });
let setup: FunctionSetup;
let lines: string[];

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-retire');
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
});

const put = (name: string, description?: string) =>
  setup.model.secretsManager.createFromTemplate({
    name,
    secretString: value('k1'),
    ...(description && { description }),
  });

/** A second value, so that the first one is superseded. */
async function supersede(name: string): Promise<void> {
  await setup.secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: value('k2') }));
}

const run = (remainingMs = 15 * minuteMs) =>
  createRetire('prod', { ...setup, attempts: createKeptAttempts() })(
    {},
    { awsRequestId: 'a', getRemainingTimeInMillis: () => remainingMs },
  );
const metrics = () => lines.filter(line => line.includes('_aws')).map(line => JSON.parse(line));

/** One superseded key, whose overlap ends after an hour. */
async function supersedeOne(name = 'keyturn/prod/self-issued/bot/main'): Promise<void> {
  put(name, writeDescription('A key.', spec));
  await supersede(name);
}

const report = (MetricName: string, at: Date) =>
  setup.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: usageNamespace({ environment: 'prod', server: 'bot' }),
      MetricData: [
        {
          MetricName,
          Timestamp: at,
          Value: 1,
          Dimensions: Object.entries({
            environment: 'prod',
            server: 'bot',
            provider: 'self-issued',
            purpose: 'main',
          }).map(([Name, Value]) => ({ Name, Value })),
        },
      ],
    }),
  );

test.each([
  [hourMs - 1, []],
  [hourMs, ['prod/self-issued/bot']],
])('%i ms after it was superseded, with an overlap of an hour', async (ms, retired) => {
  await supersedeOne();
  await setup.passMs(ms);
  expect(await run()).toMatchObject({ retired });
});

test.each(Object.entries(usageMetrics))(
  'a key with %s since: kept for uses of a superseded key alone',
  async (metric, name) => {
    await supersedeOne();
    await setup.passMs(hourMs - minuteMs);
    await report(name, setup.clock.now());
    await setup.passMs(minuteMs);
    expect((await run()).retired).toEqual(metric === 'supersededUses' ? [] : ['prod/self-issued/bot']);
    await setup.passMs(hourMs);
    expect((await run()).retired).toEqual(metric === 'supersededUses' ? ['prod/self-issued/bot'] : []);
  },
);

test.each([
  ['in the five minutes before', 64, []],
  ['an hour before, counted from the end of its five minutes', 65, ['prod/self-issued/bot']],
])('a use %s keeps a key', async (_, minutes, retired) => {
  await supersedeOne();
  await report(usageMetrics.supersededUses, setup.clock.now());
  await setup.passMs(minutes * minuteMs);
  expect((await run()).retired).toEqual(retired);
});

test('keys of an environment whose name only begins the same are not listed', async () => {
  await supersedeOne('keyturn/prod-eu/self-issued/bot/main');
  await setup.passMs(hourMs);
  expect(await run()).toEqual({ superseded: 0, retired: [], failed: [], left: [] });
});

test('one secret that no stack described keeps no other key from its end, and is an alarm where an old key may live', async () => {
  const own = 'keyturn/prod/self-issued/bot/main';
  const undescribed = 'keyturn/prod/gitlab/old-bot/main';
  for (const [name, description] of [
    [own, writeDescription('A key.', spec)],
    [undescribed, 'made by hand'],
    ['keyturn/prod/gitlab/older-bot/main', 'made by hand, and never changed'],
    ['keyturn/prod/notes', 'no key at all'],
    ['keyturn/prod/Some/other/Thing', 'no key at all'],
    ['keyturn/prod/issuers/gitlab', 'an issuer credential'],
  ] as const) {
    put(name, description);
    if (!name.includes('older-bot')) await supersede(name);
  }
  await setup.passMs(hourMs);
  expect(await run()).toEqual({
    superseded: 1,
    retired: ['prod/self-issued/bot'],
    failed: ['prod/gitlab/old-bot'],
    left: [],
  });
  expect(metrics().filter(({ RetireFailed }) => RetireFailed)).toEqual([
    expect.objectContaining({ environment: 'prod', provider: 'gitlab', server: 'old-bot', RetireFailed: 1 }),
  ]);
});

test('what it counts has the dimensions that the alarm and the dashboard look at', async () => {
  put('keyturn/prod/gitlab/old-bot/main', 'made by hand');
  await supersede('keyturn/prod/gitlab/old-bot/main');
  await run();
  const dimensions = Object.fromEntries(
    metrics().flatMap(({ _aws }) =>
      _aws.CloudWatchMetrics.flatMap(
        ({ Metrics, Dimensions }: { Metrics: { Name: string }[]; Dimensions: string[][] }) =>
          Metrics.map(({ Name }) => [Name, Dimensions]),
      ),
    ),
  );
  expect(dimensions).toEqual({
    OldestKeyDays: [['environment']],
    OverdueKeys: [['environment']],
    RetireFailed: [['environment', 'server', 'provider']],
  });
});
