import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { days, type LocalAws, openLocalAws } from './support/local-aws';

const SecretId = 'keyturn/dev/sendgrid/bot/main';
let aws: LocalAws;
let client: SecretsManagerClient;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new SecretsManagerClient(aws.as('admin'));
});
afterEach(() => aws.close());

const create = (Name = SecretId) => client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
const marked = {
  name: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
};

describe('deleting', () => {
  beforeEach(() => create().then(() => undefined));

  test('waits 30 days, in which the secret is described', async () => {
    const { DeletionDate } = await client.send(new DeleteSecretCommand({ SecretId }));
    expect(DeletionDate).toEqual(new Date('2026-12-23T00:00:00Z'));
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(DeletedDate).toEqual(DeletionDate);
  });

  test('ends with the window that was asked for', async () => {
    await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    await aws.passMs(days(7));
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test.each([6, 31])('a window of %i days is refused', async RecoveryWindowInDays => {
    const error = { name: 'ValidationException' };
    await expect(
      client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays })),
    ).rejects.toMatchObject(error);
  });

  test('a window and force exclude each other', async () => {
    const both = { SecretId, RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true };
    await expect(client.send(new DeleteSecretCommand(both))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  test('force deletes at once, and succeeds for a secret that does not exist', async () => {
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  });

  test.each([
    ['PutSecretValue', new PutSecretValueCommand({ SecretId, SecretString: 'x' })],
    ['UpdateSecret', new UpdateSecretCommand({ SecretId, Description: 'x' })],
  ])('%s is refused on a secret marked for deletion', async (_name, command) => {
    await client.send(new DeleteSecretCommand({ SecretId }));
    await expect(client.send(command as PutSecretValueCommand)).rejects.toMatchObject(marked);
  });

  test('its name stays taken meanwhile, with its own error', async () => {
    await expect(create()).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `The operation failed because the secret ${SecretId} already exists.`,
    });
    await client.send(new DeleteSecretCommand({ SecretId }));
    await expect(create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
  });
});

test('a name outside the charset is refused', async () => {
  await expect(create('keyturn dev')).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  });
});

test('a value longer than 65536 bytes is refused', async () => {
  const big = new CreateSecretCommand({ Name: 'big', SecretString: 'ä'.repeat(32_769) });
  await expect(client.send(big)).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a description is changed without touching the value', async () => {
  await create();
  await client.send(new UpdateSecretCommand({ SecretId, Description: 'said anew' }));
  const { Description, VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(Description).toBe('said anew');
  expect(Object.values(VersionIdsToStages!)).toEqual([['AWSCURRENT']]);
});

test('a resource policy is shown, and reaches the policy engine with the next call', async () => {
  await create();
  const open = { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] };
  aws.model.secretsManager.updateFromTemplate(SecretId, { resourcePolicy: JSON.stringify(open) });
  const { ResourcePolicy } = await client.send(new GetResourcePolicyCommand({ SecretId }));
  expect(JSON.parse(ResourcePolicy!)).toEqual(open);
  await client.send(new GetSecretValueCommand({ SecretId }));
  expect(aws.asked.at(-1)).toMatchObject({
    action: 'secretsmanager:GetSecretValue',
    resourcePolicy: open,
  });
});
