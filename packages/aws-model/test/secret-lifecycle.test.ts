import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { days, openRig, type Rig } from './rig';

const SecretId = 'keyturn/dev/sendgrid/bot/main';
let rig: Rig;
let client: SecretsManagerClient;

beforeEach(async () => {
  rig = await openRig();
  client = new SecretsManagerClient(rig.as('admin'));
});
afterEach(() => rig.close());

const create = (Name = SecretId) => client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
const marked = {
  name: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
};

describe('deleting', () => {
  beforeEach(() => create().then(() => undefined));

  test('waits 30 days, in which the secret is described and can be restored', async () => {
    const { DeletionDate } = await client.send(new DeleteSecretCommand({ SecretId }));
    expect(DeletionDate).toEqual(new Date('2026-12-23T00:00:00Z'));
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(DeletedDate).toEqual(DeletionDate);
    await client.send(new RestoreSecretCommand({ SecretId }));
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).not.toHaveProperty('DeletedDate');
    await rig.passMs(days(31));
    expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('one');
  });

  test('ends with the window that was asked for', async () => {
    await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    await rig.passMs(days(7));
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
    ['TagResource', new TagResourceCommand({ SecretId, Tags: [{ Key: 'a', Value: 'b' }] })],
    ['UntagResource', new UntagResourceCommand({ SecretId, TagKeys: ['a'] })],
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

test('tags and description are changed without touching the value', async () => {
  await create();
  await client.send(
    new TagResourceCommand({
      SecretId,
      Tags: [
        { Key: 'keyturn:tier', Value: 'high' },
        { Key: 'x', Value: 'y' },
      ],
    }),
  );
  await client.send(new UntagResourceCommand({ SecretId, TagKeys: ['x'] }));
  await client.send(new UpdateSecretCommand({ SecretId, Description: 'said anew' }));
  const { Tags, Description, VersionIdsToStages } = await client.send(
    new DescribeSecretCommand({ SecretId }),
  );
  expect({ Tags, Description }).toEqual({
    Tags: [{ Key: 'keyturn:tier', Value: 'high' }],
    Description: 'said anew',
  });
  expect(Object.values(VersionIdsToStages!)).toEqual([['AWSCURRENT']]);
});

describe('resource policies', () => {
  const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const open = policy({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' });
  beforeEach(() => create().then(() => undefined));

  test('replace the whole document, and reach the policy engine with the next call', async () => {
    await client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: open }));
    expect((await client.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy).toBe(open);
    await client.send(new GetSecretValueCommand({ SecretId }));
    expect(rig.asked.at(-1)).toMatchObject({
      action: 'secretsmanager:GetSecretValue',
      resourcePolicy: JSON.parse(open),
    });
    await client.send(new DeleteResourcePolicyCommand({ SecretId }));
    expect(await client.send(new GetResourcePolicyCommand({ SecretId }))).not.toHaveProperty(
      'ResourcePolicy',
    );
  });

  test('open to everyone is refused where that is to be blocked', async () => {
    const put = new PutResourcePolicyCommand({ SecretId, ResourcePolicy: open, BlockPublicPolicy: true });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'PublicPolicyException' });
  });

  test.each(['no json', '{}', '{"Statement":[{"Effect":"Allow"}]}'])(
    'malformed is refused: %s',
    async ResourcePolicy => {
      await expect(
        client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy })),
      ).rejects.toMatchObject({
        name: 'MalformedPolicyDocumentException',
      });
    },
  );

  test('that would lock its author out is refused', async () => {
    rig.rules.decide = ({ resourcePolicy }) =>
      resourcePolicy ? { allowed: false, message: 'no' } : { allowed: true };
    const deny = policy({ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' });
    await expect(
      client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: deny })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});
