// The retire function on the local model of Secrets Manager, in front of secrets that no stack of Keyturn made.

import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { clocksDifferMs } from '../../core/ending/retirement';
import { parseSecretName } from '../../core/key/key-address';
import { usageMetrics, usageNamespace } from '../../core/metrics/usage';
import { hourMs, minuteMs } from '../../core/time';
import { environmentKey, plainSpec as spec } from '../support/deployed-keys';
import { openRetireSetup, type RetireSetup } from '../support/retire-setup';

const value = (keyId: string) =>
  JSON.stringify({
    secret: `FAKESECRET${keyId}`,
    keyId,
    provider: 'self-issued',
    issuedAt: '2026-11-01T00:00:00Z',
  });
let setup: RetireSetup;

beforeEach(async () => {
  setup = await openRetireSetup();
});
afterEach(() => setup.close());

const put = (name: string, kmsKeyId?: string) =>
  setup.model.secretsManager.createFromTemplate({
    name,
    secretString: value('k1'),
    ...(kmsKeyId && { kmsKeyId }),
  });

/** A second value, so that the first one is superseded. */
async function supersede(name: string): Promise<void> {
  await setup.secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: value('k2') }));
}

const run = (remainingMs?: number) => setup.run(remainingMs);
const metrics = () => setup.lines.filter(line => line.includes('_aws')).map(line => JSON.parse(line));

/** One superseded key, whose overlap ends after an hour. */
async function supersedeOne(name = 'keyturn/prod/self-issued/bot/main'): Promise<void> {
  setup.deployed.register(parseSecretName(name), spec);
  put(name, environmentKey);
  await supersede(name);
}

const report = (MetricName: string, at: Date, Value = 1) =>
  setup.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: usageNamespace({ environment: 'prod', server: 'bot' }),
      MetricData: [
        {
          MetricName,
          Timestamp: at,
          Value,
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
  [61 * minuteMs - 1, []],
  [61 * minuteMs, ['prod/self-issued/bot']],
])(
  '%i ms after it was superseded, with an overlap of an hour and clocks that may differ by a minute',
  async (ms, retired) => {
    await supersedeOne();
    await setup.passMs(ms);
    expect(await run()).toMatchObject({ retired });
  },
);

test.each(Object.entries(usageMetrics))(
  'a key with %s since: kept for uses of a superseded key alone',
  async (metric, name) => {
    await supersedeOne();
    await setup.passMs(hourMs - minuteMs);
    await report(name, setup.clock.now());
    await setup.passMs(minuteMs + clocksDifferMs);
    expect((await run()).retired).toEqual(metric === 'supersededUses' ? [] : ['prod/self-issued/bot']);
    await setup.passMs(hourMs + clocksDifferMs);
    expect((await run()).retired).toEqual(metric === 'supersededUses' ? ['prod/self-issued/bot'] : []);
  },
);

test.each([
  ['in the five minutes before', 65, []],
  ['an hour before, counted from the end of its five minutes', 66, ['prod/self-issued/bot']],
])('a use %s keeps a key', async (_, minutes, retired) => {
  await supersedeOne();
  await report(usageMetrics.supersededUses, setup.clock.now());
  await setup.passMs(minutes * minuteMs);
  expect((await run()).retired).toEqual(retired);
});

test('a report that counts no use of a superseded key keeps none', async () => {
  await supersedeOne();
  await setup.passMs(hourMs - minuteMs);
  await report(usageMetrics.supersededUses, setup.clock.now(), 0);
  await setup.passMs(minuteMs + clocksDifferMs);
  expect((await run()).retired).toEqual(['prod/self-issued/bot']);
});

test('keys of an environment whose name only begins the same are not listed', async () => {
  await supersedeOne('keyturn/prod-eu/self-issued/bot/main');
  await setup.passMs(hourMs + clocksDifferMs);
  expect(await run()).toEqual({ superseded: 0, retired: [], failed: [], left: [] });
});

const theirs = 'keyturn/prod/self-issued/their-bot/main';

describe("a secret that is not proven to be Keyturn's", () => {
  test.each<[string, string | undefined, boolean]>([
    ["is not registered, though under the environment's key", environmentKey, false],
    ["is registered, under AWS's own key", undefined, true],
    ['is registered, under an alias that led to another key once', 'alias/keyturn-prod', true],
    [
      'is registered, and its alias is written as an ARN',
      'arn:aws:kms:eu-west-1:111111111111:alias/keyturn-prod',
      true,
    ],
  ])(
    'that %s: nothing of it is read or changed, no other waits for it, and people are told',
    async (_, kmsKeyId, isRegistered) => {
      await supersedeOne();
      if (isRegistered) setup.deployed.register(parseSecretName(theirs), spec);
      put(theirs, kmsKeyId);
      await supersede(theirs);
      await setup.passMs(hourMs + clocksDifferMs);
      const before = setup.model.calls.length;
      expect(await run()).toMatchObject({
        superseded: 1,
        retired: ['prod/self-issued/bot'],
        failed: [],
      });
      const { arn } = setup.model.secretsManager.secret(theirs);
      expect(setup.model.calls.slice(before).filter(({ resource }) => resource === arn)).toEqual([]);
      expect(setup.notices).toMatchObject([
        {
          about: 'keyturn/prod/unknown-secret',
          facts: [
            [
              'Secret',
              isRegistered
                ? `${theirs} is not encrypted under the KMS key of prod; deploy keyturn-prod-their-bot again, or find out in CloudTrail who created it`
                : `${theirs} is not among the keys that keyturn-prod was deployed with, so nothing rotates or watches its key; put it back into the configuration and deploy, then end it with \`npx keyturn end prod/self-issued/their-bot\``,
            ],
          ],
        },
      ]);
    },
  );

  test('and has not ended is told of, though nothing rotates it any more; ended, it is not', async () => {
    put(theirs, environmentKey);
    await run();
    expect(setup.notices).toHaveLength(1);
    const { secretsManager } = setup;
    const ended = { SecretString: '{"state":"ended"}', VersionStages: ['AWSCURRENT', 'KEYTURN-ENDED'] };
    await secretsManager.send(new PutSecretValueCommand({ SecretId: theirs, ...ended }));
    const [previous] = Object.entries(setup.model.secretsManager.secret(theirs).labels).find(([, labels]) =>
      labels.includes('AWSPREVIOUS'),
    )!;
    const release = { SecretId: theirs, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: previous };
    await setup.passMs(24 * hourMs);
    await run();
    expect(setup.notices).toHaveLength(2);
    await secretsManager.send(new UpdateSecretVersionStageCommand(release));
    await setup.passMs(24 * hourMs);
    await run();
    expect(setup.notices).toHaveLength(2);
  });

  test('is told of once a day, and all that are new in one message', async () => {
    for (const name of ['one', 'two']) {
      put(`keyturn/prod/gitlab/${name}/main`);
      await supersede(`keyturn/prod/gitlab/${name}/main`);
    }
    for (let hour = 0; hour < 24; hour++) {
      await run();
      await setup.passMs(hourMs + clocksDifferMs);
    }
    expect(setup.notices.map(({ headline }) => headline)).toEqual([
      '2 secrets are named like keys of Keyturn, and are not proven to be',
    ]);
    await run();
    expect(setup.notices).toHaveLength(2);
  });

  test('is not told of where nothing is to be done about it, or it is not named as a key', async () => {
    put('keyturn/prod/gitlab/never-changed/main');
    for (const name of [
      'keyturn/prod/notes',
      'keyturn/prod/Some/other/Thing',
      'keyturn/prod/issuers/gitlab',
    ]) {
      put(name);
      await supersede(name);
    }
    await run();
    expect(setup.notices).toEqual([]);
  });

  test.each([
    ['key id', environmentKey.split('/')[1]!],
    ['key ARN', environmentKey],
  ])("is Keyturn's where both are proven: %s", async (_, kmsKeyId) => {
    setup.deployed.register(parseSecretName(theirs), spec);
    put(theirs, kmsKeyId);
    await supersede(theirs);
    await setup.passMs(hourMs + clocksDifferMs);
    expect(await run()).toMatchObject({ retired: ['prod/self-issued/their-bot'] });
  });
});

test('what it counts has the dimensions that the alarm and the dashboard look at', async () => {
  // A key that only a person can end.
  await supersedeOne('keyturn/prod/gitlab/old-bot/main');
  await setup.passMs(hourMs + clocksDifferMs);
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
