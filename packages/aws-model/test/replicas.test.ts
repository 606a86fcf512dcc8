// Replicas of secrets: read where they are, written where the secret is, and told of by CloudTrail where they are read.
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { account, type LocalAws, openLocalAws, region } from './support/local-aws';

const SecretId = 'keyturn/dev/sendgrid/bot/main';
const there = 'us-east-1';
let aws: LocalAws;
let home: SecretsManagerClient;
let replica: SecretsManagerClient;
let stopped: Date | undefined;

beforeEach(async () => {
  stopped = undefined;
  aws = await openLocalAws({
    knobs: {
      cloudTrailDelayMs: 0,
      secretsManager: { replication: { lagMs: 1000, stoppedSince: () => stopped } },
    },
  });
  home = new SecretsManagerClient(aws.as('server'));
  replica = new SecretsManagerClient({ ...aws.as('server'), region: there });
  await home.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'one' }));
});
afterEach(() => aws.close());

const replicate = () =>
  home.send(new ReplicateSecretToRegionsCommand({ SecretId, AddReplicaRegions: [{ Region: there }] }));
const read = async (id = SecretId) =>
  (await replica.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
const put = (SecretString: string) => home.send(new PutSecretValueCommand({ SecretId, SecretString }));
const status = async () =>
  (await home.send(new DescribeSecretCommand({ SecretId }))).ReplicationStatus?.map(({ Status }) => Status);

test('without a replica, a secret is not found in another region', async () => {
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await status()).toBeUndefined();
});

test('a replica has the same name and suffix, and follows its secret a moment later', async () => {
  await replicate();
  await aws.passMs(1000);
  const { ARN = '' } = await home.send(new DescribeSecretCommand({ SecretId }));
  const arn = ARN.replace(region, there);
  expect(await read()).toBe('one');
  expect(await read(arn)).toBe('one');
  expect((await replica.send(new DescribeSecretCommand({ SecretId }))).ARN).toBe(arn);
  await put('two');
  await aws.passMs(999);
  expect(await read()).toBe('one');
  expect(await status()).toEqual(['InProgress']);
  await aws.passMs(1);
  expect(await read()).toBe('two');
  expect(await status()).toEqual(['InSync']);
});

test('where replication has stopped, the replica keeps what it had', async () => {
  await replicate();
  await aws.passMs(5000);
  stopped = aws.clock.now();
  await aws.passMs(1);
  await put('two');
  await aws.passMs(60 * 60_000);
  expect(await read()).toBe('one');
  expect(await status()).toEqual(['InProgress']);
  stopped = undefined;
  expect(await read()).toBe('two');
});

test('nothing is written to a replica, and none is there once it is removed', async () => {
  await replicate();
  await aws.passMs(1000);
  await expect(
    replica.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' })),
  ).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await expect(home.send(new DeleteSecretCommand({ SecretId }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await home.send(new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: [there] }));
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test("a read of it is authorised under its own ARN and region, with the secret's policy", async () => {
  const secret = aws.model.secretsManager.secret(SecretId);
  aws.model.secretsManager.updateFromTemplate(secret.arn, { resourcePolicy: '{"Statement":[]}' });
  await replicate();
  await aws.passMs(1000);
  aws.asked.length = 0;
  await read();
  expect(aws.asked[0]).toMatchObject({
    action: 'secretsmanager:GetSecretValue',
    resource: secret.arn.replace(region, there),
    context: { 'aws:RequestedRegion': there, 'secretsmanager:SecretPrimaryRegion': region },
    resourcePolicy: { Statement: [] },
  });
});

describe('EventBridge hears of a read where it happened', () => {
  const bus = `arn:aws:events:${region}:${account}:event-bus/default`;
  const readsOf = {
    name: 'reads',
    state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' as const,
    eventPattern: { source: ['aws.secretsmanager'], detail: { eventName: ['GetSecretValue'] } },
  };
  const heardAtHome = () =>
    aws.model.eventBridge.events.filter(({ detail }) => detail.eventName === 'GetSecretValue');

  async function readReplica(isMultiRegion: boolean): Promise<void> {
    aws.model.cloudTrail.addTrail({ name: 'reads', readEvents: true, isMultiRegion });
    await replicate();
    await aws.passMs(1000);
    await read();
    await aws.passMs(1000);
  }
  const forward = () =>
    aws.model.eventBridgeIn(there).addRule({
      ...readsOf,
      targets: [{ id: 'home', arn: bus, roleArn: `arn:aws:iam::${account}:role/teller` }],
    });

  test('and at home where a rule gives it on, as a role', async () => {
    forward();
    await readReplica(true);
    expect(heardAtHome()).toMatchObject([{ region: there, detail: { awsRegion: there } }]);
    expect(aws.asked.at(-1)).toMatchObject({
      action: 'events:PutEvents',
      resource: bus,
      caller: { roleArn: `arn:aws:iam::${account}:role/teller` },
    });
  });

  test('and not at home where the role may not', async () => {
    forward();
    aws.rules.decide = ({ action }) =>
      action === 'events:PutEvents' ? { allowed: false, message: 'no' } : { allowed: true };
    await readReplica(true);
    expect(heardAtHome()).toEqual([]);
  });

  test('and nobody does where the trail is of one region', async () => {
    forward();
    await readReplica(false);
    expect(aws.model.eventBridgeIn(there).events).toEqual([]);
    expect(heardAtHome()).toEqual([]);
  });
});
