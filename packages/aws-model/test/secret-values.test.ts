import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws } from './support/local-aws';

const id = (n: number) => `version-${String(n).padStart(24, '0')}`;
const SecretId = 'keyturn/dev/sendgrid/bot/main';

let aws: LocalAws;
let client: SecretsManagerClient;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new SecretsManagerClient(aws.as('writer'));
});
afterEach(() => aws.close());

const put = (n: number, text: string, VersionStages?: string[]) =>
  client.send(
    new PutSecretValueCommand({ SecretId, ClientRequestToken: id(n), SecretString: text, VersionStages }),
  );
const stages = async () => (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;
const create = (SecretString?: string) =>
  client.send(new CreateSecretCommand({ Name: SecretId, ClientRequestToken: id(1), SecretString }));

test('a secret is created with a value, and found by name, ARN and partial ARN', async () => {
  const { ARN } = await create('one');
  expect(ARN).toMatch(
    /^arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn\/dev\/sendgrid\/bot\/main-[A-Za-z0-9]{6}$/,
  );
  for (const way of [SecretId, ARN!, ARN!.slice(0, -7)]) {
    const read = await client.send(new GetSecretValueCommand({ SecretId: way }));
    expect(read).toMatchObject({
      ARN,
      Name: SecretId,
      VersionId: id(1),
      SecretString: 'one',
      VersionStages: ['AWSCURRENT'],
    });
    expect(read.CreatedDate).toEqual(aws.clock.now());
  }
});

test('a secret without a value has no versions', async () => {
  await create();
  expect(await stages()).toBeUndefined();
  await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  });
});

test('bytes are stored as bytes', async () => {
  await create();
  await client.send(new PutSecretValueCommand({ SecretId, SecretBinary: new Uint8Array([0, 1, 255]) }));
  const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId }));
  expect(SecretBinary).toEqual(new Uint8Array([0, 1, 255]));
});

describe('the same token again', () => {
  const same = { name: 'ResourceExistsException' };
  test('with the same content succeeds and changes nothing', async () => {
    await create('one');
    await put(2, 'two', ['AWSPENDING']);
    const before = await stages();
    expect((await put(2, 'two', ['AWSPENDING'])).VersionStages).toEqual(['AWSPENDING']);
    await create('one');
    expect(await stages()).toEqual(before);
  });

  test('with different content is refused, on Create, Put and Update', async () => {
    const { ARN } = await create('one');
    const message = `You can't use ClientRequestToken ${id(1)} because that value is already in use for a version of secret ${ARN}.`;
    await expect(put(1, 'other')).rejects.toMatchObject({ ...same, message });
    await expect(create('other')).rejects.toMatchObject({ ...same, message });
    const update = new UpdateSecretCommand({ SecretId, ClientRequestToken: id(1), SecretString: 'other' });
    await expect(client.send(update)).rejects.toMatchObject({ ...same, message });
  });
});

test('PutSecretValue answers the labels of its version, sorted', async () => {
  await create('one');
  expect((await put(2, 'two', ['ZULU', 'ALPHA'])).VersionStages).toEqual(['ALPHA', 'ZULU']);
});

test('a whole rotation by hand moves the labels as recorded', async () => {
  await create('one');
  await put(2, 'two', ['AWSPENDING']);
  const move = { SecretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: id(1), MoveToVersionId: id(2) };
  await client.send(new UpdateSecretVersionStageCommand(move));
  expect(await stages()).toEqual({ [id(1)]: ['AWSPREVIOUS'], [id(2)]: ['AWSCURRENT', 'AWSPENDING'] });
  await put(3, 'three');
  expect(await stages()).toEqual({ [id(2)]: ['AWSPREVIOUS'], [id(3)]: ['AWSCURRENT'] });
});

describe('reading', () => {
  beforeEach(async () => {
    await create('one');
    await put(2, 'two', ['AWSPENDING']);
  });

  test.each([
    [
      { SecretId: 'nowhere' },
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret.",
    ],
    [
      { SecretId, VersionStage: 'AWSPREVIOUS' },
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
    ],
    [
      { SecretId, VersionId: id(9) },
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for VersionId: ${id(9)}`,
    ],
    [
      { SecretId, VersionId: id(1), VersionStage: 'AWSPENDING' },
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    ],
  ])('%j is refused with %s', async (input, name, message) => {
    await expect(client.send(new GetSecretValueCommand(input))).rejects.toMatchObject({ name, message });
  });

  test('a secret marked for deletion is not read', async () => {
    await client.send(new DeleteSecretCommand({ SecretId }));
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
  });
});

describe('listing versions', () => {
  const list = async (IncludeDeprecated?: boolean) =>
    (await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated }))).Versions!;

  test('hides versions without labels unless asked for them', async () => {
    await create('one');
    await put(2, 'two');
    await put(3, 'three');
    expect((await list()).map(({ VersionId }) => VersionId).sort()).toEqual([id(2), id(3)]);
    const deprecated = (await list(true)).find(({ VersionId }) => VersionId === id(1))!;
    expect(deprecated.VersionStages).toBeUndefined();
    expect(deprecated.KmsKeyIds).toEqual(['DefaultEncryptionKey']);
    expect(deprecated.LastAccessedDate).toBeUndefined();
  });

  test('shows the day of the last read, without its hour', async () => {
    await create('one');
    await aws.passUntil('2026-11-24T13:45:00Z');
    await client.send(new GetSecretValueCommand({ SecretId }));
    expect((await list())[0]!.LastAccessedDate).toEqual(new Date('2026-11-24T00:00:00Z'));
  });

  test('the newest hundred versions are kept, and all of the last day', async () => {
    await create('0');
    for (let n = 2; n <= 130; n++) await put(n, String(n));
    expect(await list(true)).toHaveLength(100);
    expect(await countAll()).toBe(130);
    await aws.passUntil('2026-11-25T00:00:00Z');
    await put(200, 'later');
    expect(await countAll()).toBe(100);
  });

  test('more versions in a day than are kept end in LimitExceededException', async () => {
    await create('0');
    for (let n = 2; n <= 144; n++) await put(n, String(n));
    await expect(put(145, 'one too many')).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  async function countAll(): Promise<number> {
    const first = await client.send(
      new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true, MaxResults: 100 }),
    );
    if (!first.NextToken) return first.Versions!.length;
    const { NextToken } = first;
    const second = await client.send(
      new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true, NextToken }),
    );
    return first.Versions!.length + second.Versions!.length;
  }
});

test('a request without a token is refused, as raw clients find out', async () => {
  await create('one');
  const reply = await fetch(aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': 'secretsmanager.PutSecretValue',
      authorization:
        'AWS4-HMAC-SHA256 Credential=writer/20261123/eu-west-1/secretsmanager/aws4_request, Signature=0',
    },
    body: JSON.stringify({ SecretId, SecretString: 'two' }),
  });
  expect(reply.status).toBe(400);
  expect(await reply.json()).toMatchObject({
    __type: 'InvalidRequestException',
    Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
  });
});

test('reads that lag see the secret as it was before the last change', async () => {
  await aws.close();
  aws = await openLocalAws({ knobs: { secretsManager: { staleness: { lagMs: 5000, chance: 1 } } } });
  client = new SecretsManagerClient(aws.as('writer'));
  await create('one');
  await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await aws.passMs(5000);
  await put(2, 'two');
  expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('one');
  await aws.passMs(5000);
  expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('two');
});
