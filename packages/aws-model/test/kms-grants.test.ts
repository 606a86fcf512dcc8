import { KMSClient, ListGrantsCommand } from '@aws-sdk/client-kms';
import { account, type LocalAws, openLocalAws, roleSession } from './support/local-aws';

const arn = `arn:aws:kms:eu-west-1:${account}:key/team`;
const grantee = `arn:aws:iam::${account}:role/path/reader`;
let aws: LocalAws;
beforeEach(async () => {
  aws = await openLocalAws();
  aws.model.kms.add({ arn, policy: '{"Statement":[]}' });
});
afterEach(() => aws.close());

test('a grant lets its grantee use the key, for what it names, whatever the policy says', () => {
  const subset = { SecretARN: 'arn' };
  aws.model.kms.addGrant({ keyArn: arn, grantee, operations: ['Decrypt'], encryptionContextSubset: subset });
  aws.rules.decide = () => ({ allowed: false, message: 'no' });
  const may = (
    role: string,
    action: 'kms:Decrypt' | 'kms:GenerateDataKey',
    encryptionContext: Record<string, string>,
  ) => aws.model.kms.mayUse(roleSession(role), { action, keyId: arn, encryptionContext });
  expect(may('reader', 'kms:Decrypt', { ...subset, more: 'x' })).toBe(true);
  expect(may('reader', 'kms:Decrypt', {})).toBe(false);
  expect(may('reader', 'kms:GenerateDataKey', subset)).toBe(false);
  expect(may('readers', 'kms:Decrypt', subset)).toBe(false);
});

test('grants are listed in pages', async () => {
  for (let n = 0; n < 3; n++) aws.model.kms.addGrant({ keyArn: arn, grantee, operations: ['Decrypt'] });
  const client = new KMSClient(aws.as('auditor'));
  const first = await client.send(new ListGrantsCommand({ KeyId: arn, Limit: 2 }));
  expect([first.Grants?.length, first.Truncated]).toEqual([2, true]);
  const rest = await client.send(new ListGrantsCommand({ KeyId: arn, Limit: 2, Marker: first.NextMarker }));
  expect([rest.Grants?.length, rest.Truncated]).toEqual([1, false]);
  expect(rest.Grants?.[0]).toMatchObject({ GranteePrincipal: grantee, Operations: ['Decrypt'] });
});
