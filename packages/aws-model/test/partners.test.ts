// Managed external secrets: AWS rotates them with a role, and no function.
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { account, type LocalAws, minutes, openLocalAws } from './support/local-aws';

const SecretId = 'keyturn/dev/confluent/bot/main';
const roleArn = `arn:aws:iam::${account}:role/rotation`;
const first = { apiKey: 'key-1', apiSecret: 'made-up-1', serviceAccountId: 'sa-1' };
const adminSecret = { apiKey: 'admin', apiSecret: 'made-up-admin', serviceAccountId: 'sa-0' };

let aws: LocalAws;
let owner: SecretsManagerClient;
let ended: string[];
let partner: () => Promise<void>;

beforeEach(async () => {
  ended = [];
  partner = async () => {};
  let made = 1;
  aws = await openLocalAws({
    knobs: { secretsManager: { retryAfterMs: [] }, cloudTrailDelayMs: 0 },
    async rotatePartner({ value, admin }) {
      await partner();
      const by = admin ? ` by ${admin.apiKey}` : '';
      return {
        value: { ...value, apiKey: `key-${++made}${by}` },
        endOld: async () => void ended.push(value.apiKey ?? ''),
      };
    },
  });
  aws.model.cloudTrail.addTrail({ name: 'reads', readEvents: true });
  aws.model.sts.addRole(roleArn, {
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'secretsmanager.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  owner = new SecretsManagerClient(aws.as('owner'));
});
afterEach(() => aws.close());

const create = (Name: string, Type?: string) =>
  owner.send(new CreateSecretCommand({ Name, Type, ClientRequestToken: `first-of-${Name}`.padEnd(32, '0') }));
const put = (Name: string, value: object) =>
  owner.send(
    new PutSecretValueCommand({
      SecretId: Name,
      SecretString: JSON.stringify(value),
      ClientRequestToken: 'first-version-00000000000000000000',
    }),
  );
const rotate = (input: Partial<RotateSecretCommandInput> = {}) =>
  owner.send(
    new RotateSecretCommand({
      SecretId,
      ClientRequestToken: 'rotation-token-000000000000000000',
      ExternalSecretRotationRoleArn: roleArn,
      RotationRules: { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '3h' },
      ...input,
    }),
  );
const current = async () =>
  JSON.parse((await owner.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '') as object;
const serviceEvents = () =>
  aws.model.eventBridge.events
    .filter(event => event['detail-type'] === 'AWS Service Event via CloudTrail')
    .map(event => event.detail.eventName);

test('a type that AWS does not name is refused, and any other secret has none', async () => {
  await expect(create(SecretId, 'MadeUpKey')).rejects.toThrow('no type of a managed external secret');
  await create('another');
  expect((await owner.send(new DescribeSecretCommand({ SecretId: 'another' }))).Type).toBeUndefined();
});

test('AWS rotates it as the role, under its policies, and CloudTrail tells of each call', async () => {
  await create(SecretId, 'ConfluentCloudApiKey');
  await put(SecretId, first);
  aws.asked.length = 0;
  await rotate();
  await aws.passMs(minutes(1));
  expect(await current()).toEqual({ ...first, apiKey: 'key-2' });
  expect(ended).toEqual(['key-1']);
  const asRole = aws.asked.filter(({ caller }) => caller.roleArn === roleArn);
  expect(asRole.map(({ action }) => action)).toEqual([
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
  ]);
  for (const { context } of asRole)
    expect(context['secretsmanager:resource/Type']).toBe('ConfluentCloudApiKey');
  const read = aws.model.eventBridge.events.find(
    ({ detail }) => detail.eventName === 'GetSecretValue' && JSON.stringify(detail).includes(roleArn),
  );
  expect(read).toBeDefined();
  expect(serviceEvents()).toEqual(['RotationStarted', 'RotationSucceeded']);
  expect(await owner.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
    Type: 'ConfluentCloudApiKey',
    RotationEnabled: true,
    ExternalSecretRotationRoleArn: roleArn,
    NextRotationDate: expect.any(Date),
  });
});

test('what its metadata names as the secret of an admin is read as the role, too', async () => {
  const admin = await create('confluent-admin', 'ConfluentCloudApiKey');
  await put('confluent-admin', adminSecret);
  await create(SecretId, 'ConfluentCloudApiKey');
  await put(SecretId, first);
  await rotate({ ExternalSecretRotationMetadata: [{ Key: 'adminSecretArn', Value: admin.ARN }] });
  await aws.passMs(minutes(1));
  expect(await current()).toMatchObject({ apiKey: 'key-2 by admin' });
});

test.each([
  ['without a value', async () => void (await create(SecretId, 'ConfluentCloudApiKey')), {}, 'has no value'],
  [
    'with a role that it cannot assume',
    async () => {
      await create(SecretId, 'ConfluentCloudApiKey');
      await put(SecretId, first);
    },
    { ExternalSecretRotationRoleArn: `${roleArn}-of-somebody` },
    'cannot assume',
  ],
  [
    'of no type',
    async () => {
      await create(SecretId);
      await put(SecretId, first);
    },
    {},
    'Only a managed external secret',
  ],
])('no rotation is taken for a secret %s', async (_, prepare, input, said) => {
  await prepare();
  await expect(rotate(input)).rejects.toThrow(said);
  expect((await owner.send(new DescribeSecretCommand({ SecretId }))).RotationEnabled).toBeUndefined();
});

test.each([
  [
    'the partner fails',
    first,
    async () => Promise.reject(new Error('the partner is away')),
    'the partner is away',
  ],
  [
    'a field is missing',
    { apiKey: 'key-1', serviceAccountId: 'sa-1' },
    async () => {},
    'The value has no apiSecret',
  ],
])('a rotation in which %s is told of, and changes no value', async (_, value, fails, said) => {
  await create(SecretId, 'ConfluentCloudApiKey');
  await put(SecretId, value);
  partner = fails;
  await rotate();
  await aws.passMs(minutes(1));
  expect(await current()).toEqual(value);
  expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed']);
  expect(JSON.stringify(aws.model.eventBridge.events)).toContain(said);
});

test('what the role may not do, AWS cannot do', async () => {
  await create(SecretId, 'ConfluentCloudApiKey');
  await put(SecretId, first);
  aws.rules.decide = ({ caller, action }) =>
    caller.roleArn === roleArn && action === 'secretsmanager:PutSecretValue'
      ? { allowed: false, message: 'not allowed' }
      : { allowed: true };
  await rotate();
  await aws.passMs(minutes(1));
  expect(await current()).toEqual(first);
  expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed']);
});
