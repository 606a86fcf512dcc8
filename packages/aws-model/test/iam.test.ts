import {
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  paginateGetAccountAuthorizationDetails,
} from '@aws-sdk/client-iam';
import { account, type LocalAws, openLocalAws } from './support/local-aws';

const read = {
  Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: "it's (*)" }],
};
const trust = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`;
const viewer = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
let aws: LocalAws;
let client: IAMClient;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new IAMClient(aws.as('auditor'));
  const { iam } = aws.model;
  iam.addPolicy({ arn: viewer, document: read });
  iam.addPolicy({ arn: arn('policy/team/own'), document: read });
  iam.addRole({
    arn: arn('role/team/server'),
    trust,
    inline: [{ name: 'reads', document: read }],
    attached: [viewer],
    boundary: arn('policy/team/own'),
  });
  iam.addGroup({ arn: arn('group/people'), attached: [viewer] });
  iam.addUser({ arn: arn('user/ann'), groups: ['people'] });
});
afterEach(() => aws.close());

const decoded = (text?: string) => JSON.parse(decodeURIComponent(text ?? ''));

test('an account is told whole, with its policies encoded as RFC 3986 says', async () => {
  const told = await client.send(new GetAccountAuthorizationDetailsCommand({}));
  const [role] = told.RoleDetailList ?? [];
  expect(role).toMatchObject({
    Arn: arn('role/team/server'),
    RoleName: 'server',
    Path: '/team/',
    AttachedManagedPolicies: [{ PolicyName: 'ReadOnlyAccess', PolicyArn: viewer }],
    PermissionsBoundary: { PermissionsBoundaryArn: arn('policy/team/own') },
  });
  const written = role?.RolePolicyList?.[0]?.PolicyDocument;
  expect(written).not.toMatch(/[!'()*{}"]/);
  expect(decoded(written)).toEqual(read);
  expect(decoded(role?.AssumeRolePolicyDocument)).toEqual(trust);
  expect(told.UserDetailList?.[0]).toMatchObject({ UserName: 'ann', GroupList: ['people'] });
  expect(told.GroupDetailList?.[0]).toMatchObject({ GroupName: 'people' });
  expect(told.Policies?.map(({ Arn }) => Arn)).toEqual([arn('policy/team/own'), viewer]);
  expect(decoded(told.Policies?.[1]?.PolicyVersionList?.[0]?.Document)).toEqual(read);
  expect(told.IsTruncated).toBe(false);
});

test('a filter and pages are kept to', async () => {
  const seen: number[] = [];
  const pages = paginateGetAccountAuthorizationDetails(
    { client, pageSize: 2 },
    { Filter: ['Role', 'User', 'Group'] },
  );
  for await (const { RoleDetailList = [], UserDetailList = [], GroupDetailList = [], Policies = [] } of pages)
    seen.push(RoleDetailList.length + UserDetailList.length + GroupDetailList.length, Policies.length);
  expect(seen).toEqual([2, 0, 1, 0]);
});

test('it is asked of the policies of whoever calls, and refused as IAM does', async () => {
  aws.rules.decide = () => ({ allowed: false, message: 'no' });
  await expect(client.send(new GetAccountAuthorizationDetailsCommand({}))).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  });
  expect(aws.asked.at(-1)).toMatchObject({ action: 'iam:GetAccountAuthorizationDetails', resource: '*' });
});

test('what was removed is told no more', async () => {
  aws.model.iam.remove(arn('role/team/server'));
  const told = await client.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
  expect(told.RoleDetailList ?? []).toEqual([]);
});
