import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws } from './support/local-aws';

const SecretId = 'keyturn/prod/sendgrid/bot/main';
const keyArn = 'arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const keyPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
};
const id = (n: number) => `version-${String(n).padStart(24, '0')}`;
let aws: LocalAws;
let client: SecretsManagerClient;
let arn: string;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new SecretsManagerClient(aws.as('server'));
  aws.model.kms.add({ arn: keyArn, aliases: ['alias/keyturn-prod'], policy: JSON.stringify(keyPolicy) });
  const { ARN } = await client.send(
    new CreateSecretCommand({
      Name: SecretId,
      ClientRequestToken: id(1),
      SecretString: 'one',
      KmsKeyId: 'alias/keyturn-prod',
      Tags: [{ Key: 'keyturn:team', Value: 'support' }],
    }),
  );
  arn = ARN!;
  aws.asked.length = 0;
});
afterEach(() => aws.close());

const asked = () => aws.asked.map(({ action, resource }) => [action, resource]);

test('a caller who passes a name is authorised against the full ARN, with the raw text as a condition', async () => {
  await client.send(new GetSecretValueCommand({ SecretId }));
  expect(aws.asked[0]).toMatchObject({
    caller: { arn: 'arn:aws:sts::111111111111:assumed-role/server/server' },
    action: 'secretsmanager:GetSecretValue',
    resource: arn,
    context: {
      'secretsmanager:SecretId': SecretId,
      'secretsmanager:ResourceTag/keyturn:team': 'support',
      'aws:ResourceTag/keyturn:team': 'support',
      'aws:SourceIp': '203.0.113.7',
      'aws:SecureTransport': 'true',
    },
    resourceTags: { 'keyturn:team': 'support' },
  });
});

test('condition keys of parameters exist only where the parameter was sent', async () => {
  await client.send(new GetSecretValueCommand({ SecretId }));
  expect(aws.asked[0]!.context).not.toHaveProperty('secretsmanager:VersionStage');
  aws.asked.length = 0;
  await client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }));
  expect(aws.asked[0]!.context).toMatchObject({ 'secretsmanager:VersionStage': 'AWSCURRENT' });
  expect(aws.asked[0]!.context).not.toHaveProperty('secretsmanager:VersionId');
});

test('PutSecretValue has no VersionStage condition, UpdateSecretVersionStage has', async () => {
  const put = { SecretId, ClientRequestToken: id(2), SecretString: 'two', VersionStages: ['AWSPENDING'] };
  await client.send(new PutSecretValueCommand(put));
  expect(aws.asked[0]!.context).not.toHaveProperty('secretsmanager:VersionStage');
  aws.asked.length = 0;
  const drop = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: id(2) };
  await client.send(new UpdateSecretVersionStageCommand(drop));
  expect(aws.asked[0]!.context).toMatchObject({ 'secretsmanager:VersionStage': 'AWSPENDING' });
});

test('a secret that does not exist is authorised under what was passed', async () => {
  await client.send(new GetSecretValueCommand({ SecretId: 'nowhere' })).catch(() => undefined);
  expect(asked()).toEqual([
    ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:nowhere'],
  ]);
});

test('reading asks for kms:Decrypt as the caller, under the key policy, with the encryption context', async () => {
  await client.send(new GetSecretValueCommand({ SecretId }));
  expect(aws.asked[1]).toMatchObject({
    caller: { sessionName: 'server' },
    action: 'kms:Decrypt',
    resource: keyArn,
    resourcePolicy: keyPolicy,
    context: {
      'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com',
      'kms:CallerAccount': '111111111111',
      'kms:EncryptionContext:SecretARN': arn,
      'kms:EncryptionContext:SecretVersionId': id(1),
    },
  });
});

test('writing asks for kms:GenerateDataKey; storing the same again asks for kms:Decrypt to compare', async () => {
  const put = new PutSecretValueCommand({
    SecretId,
    ClientRequestToken: id(2),
    SecretString: 'two',
    VersionStages: ['AWSPENDING'],
  });
  await client.send(put);
  await client.send(put);
  expect(asked()).toEqual([
    ['secretsmanager:PutSecretValue', arn],
    ['kms:GenerateDataKey', keyArn],
    ['secretsmanager:PutSecretValue', arn],
    ['kms:Decrypt', keyArn],
  ]);
});

test('before a secret takes a key, both uses of it are tried out as the caller', async () => {
  const otherKey = keyArn.replace('1234abcd', '99999999');
  aws.model.kms.add({ arn: otherKey, policy: JSON.stringify(keyPolicy) });
  await client.send(new UpdateSecretCommand({ SecretId, KmsKeyId: otherKey }));
  const uses = aws.asked.map(({ action, resource, context }) => [
    action,
    resource,
    context['kms:EncryptionContext:SecretVersionId'],
  ]);
  expect(uses.slice(1)).toEqual([
    ['kms:GenerateDataKey', otherKey, 'RequestToValidateKeyAccess'],
    ['kms:Decrypt', otherKey, 'RequestToValidateKeyAccess'],
    ['kms:Decrypt', keyArn, id(1)],
    ['kms:GenerateDataKey', otherKey, id(1)],
  ]);
});

test('calls without a resource are authorised against *', async () => {
  await client.send(new ListSecretsCommand());
  expect(asked()).toEqual([['secretsmanager:ListSecrets', '*']]);
});

test("a refusal is AccessDeniedException in the engine's words, and changes nothing", async () => {
  aws.rules.decide = () => ({ allowed: false, message: 'not you' });
  const put = new PutSecretValueCommand({ SecretId, SecretString: 'two' });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'not you' });
  expect(Object.keys(aws.model.secretsManager.secret(SecretId).versions)).toEqual([id(1)]);
});

test('a key that may not be used surfaces as AccessDeniedException about KMS', async () => {
  aws.rules.decide = ({ action }) =>
    action.startsWith('kms:') ? { allowed: false, message: 'no' } : { allowed: true };
  await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'Access to KMS is not allowed',
  });
});
