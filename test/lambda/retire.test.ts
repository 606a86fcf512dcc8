// The retire function on the local model of Secrets Manager, in front of secrets that no stack of Keyturn made.

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { writeDescription } from '../../core/key/key-spec';
import { systemClock } from '../../lambda/aws/runtime/clock';
import { createRetire } from '../../lambda/retire';

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
let rig: LocalAws;
let lines: string[];

beforeEach(async () => {
  rig = await openLocalAws();
  jest.useFakeTimers({
    now: Date.parse('2026-11-23T12:00:00Z'),
    doNotFake: [
      'nextTick',
      'setImmediate',
      'setTimeout',
      'clearTimeout',
      'queueMicrotask',
      'performance',
      'hrtime',
      'setInterval',
      'clearInterval',
      'clearImmediate',
    ],
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: rig.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'keyturn-prod-retire',
    AWS_SECRET_ACCESS_KEY: 'not-checked',
  });
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0);
});
afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await rig.close();
});

const put = (name: string, description?: string) =>
  rig.model.secretsManager.createFromTemplate({
    name,
    secretString: value('k1'),
    ...(description && { description }),
  });

/** A second value, so that the first one is superseded. */
async function supersede(name: string): Promise<void> {
  const client = new SecretsManagerClient({});
  await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value('k2') }));
}

const run = () =>
  createRetire('prod', {
    secretsManager: new SecretsManagerClient({}),
    cloudWatch: new CloudWatchClient({}),
    clock: systemClock,
  })();
const metrics = () => lines.filter(line => line.includes('_aws')).map(line => JSON.parse(line));

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
  expect(await run()).toEqual({
    superseded: 1,
    retired: ['prod/self-issued/bot'],
    failed: ['prod/gitlab/old-bot'],
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
