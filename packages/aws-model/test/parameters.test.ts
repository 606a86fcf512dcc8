// Parameters of Systems Manager that are written and read.
import {
  GetParameterCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type LocalAws, openLocalAws } from './support/local-aws';

let aws: LocalAws;
let ssm: SSMClient;
beforeEach(async () => {
  aws = await openLocalAws();
  ssm = new SSMClient(aws.as('admin'));
});
afterEach(async () => {
  ssm.destroy();
  await aws.close();
});

const put = (more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'v', Type: 'SecureString', ...more }));
const get = async (WithDecryption: boolean) =>
  (await ssm.send(new GetParameterCommand({ Name: '/a/b', WithDecryption }))).Parameter;

test('each write makes a version, and only who decrypts sees the value of a SecureString', async () => {
  expect(await put()).toMatchObject({ Version: 1, Tier: 'Standard' });
  expect(await put({ Value: 'w', Overwrite: true })).toMatchObject({ Version: 2 });
  expect(await get(true)).toMatchObject({ Type: 'SecureString', Value: 'w', Version: 2 });
  expect((await get(false))?.Value).not.toBe('w');
});

test.each([
  ['is there already', {}, 'ParameterAlreadyExists'],
  ['is of another type', { Type: 'String', Overwrite: true }, 'HierarchyTypeMismatchException'],
  ['is too long', { Value: 'x'.repeat(4097), Overwrite: true }, 'ValidationException'],
  ['is under a key that is not there', { KeyId: 'alias/none', Overwrite: true }, 'InvalidKeyId'],
] as const)('what %s is refused', async (_, more, name) => {
  await put();
  await expect(put(more)).rejects.toMatchObject({ name });
  expect(await get(true)).toMatchObject({ Value: 'v', Version: 1 });
});

test('what is not there is not found', async () => {
  await expect(get(true)).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('a key of the account is asked for, with the ARN of the parameter as its context', async () => {
  const arn = 'arn:aws:kms:eu-west-1:111111111111:key/0a0a0a0a-1111-2222-3333-444444444444';
  aws.model.kms.add({ arn, policy: '{"Statement":[]}' });
  await put({ KeyId: arn });
  await get(true);
  const asked = aws.asked.filter(({ resource }) => resource === arn);
  expect(asked.map(({ action }) => action)).toEqual(['kms:Encrypt', 'kms:Decrypt']);
  expect(asked[0]?.context).toMatchObject({
    'kms:ViaService': 'ssm.eu-west-1.amazonaws.com',
    'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:eu-west-1:111111111111:parameter/a/b',
  });
});
