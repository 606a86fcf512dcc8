// Managed policies of roles, as CloudFormation attaches, changes and removes them.
import { PolicyEngine } from '@keyturn/iam/engine';
import { seededRandom } from '../clock/random';
import { resourceSites } from '../cloudformation/sites';
import { Stack } from '../cloudformation/stack';
import type { Assembly, Resource } from '../template/assembly';
import { account, type LocalAws, openLocalAws, region } from './support/local-aws';

let aws: LocalAws;
let engine: PolicyEngine;
let stack: Stack;
let resources: ReturnType<typeof resourceSites>;
const assembly = { account, region } as Assembly;

beforeEach(async () => {
  aws = await openLocalAws();
  engine = new PolicyEngine(account);
  resources = resourceSites({ model: aws.model, engine, addFunction() {} }, () => assembly);
  stack = new Stack('stack', resources, new Set(), seededRandom(1));
});
afterEach(() => aws.close());

const policyArn = `arn:aws:iam::${account}:policy/more`;
const roleArn = `arn:aws:iam::${account}:role/bot`;

const resource = (
  logicalId: string,
  type: string,
  arn: string,
  properties: Record<string, unknown>,
  on: string[] = [],
): Resource => ({
  ref: logicalId,
  arn,
  attributes: { Arn: arn },
  stack: 'stack',
  region,
  logicalId,
  path: logicalId,
  type,
  properties,
  metadata: {},
  dependencies: on,
  deletionPolicy: 'Delete',
  updateReplacePolicy: 'Delete',
});
const policy = (Action: string) =>
  resource('More', 'AWS::IAM::ManagedPolicy', policyArn, {
    ManagedPolicyName: 'more',
    PolicyDocument: { Statement: [{ Sid: 'More', Effect: 'Allow', Action, Resource: '*' }] },
  });
const role = (attached: string[]) =>
  resource(
    'Role',
    'AWS::IAM::Role',
    roleArn,
    {
      RoleName: 'bot',
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
      ManagedPolicyArns: attached,
    },
    attached.length ? ['More'] : [],
  );

const may = (action: string) =>
  engine.authorize({
    caller: { arn: `arn:aws:sts::${account}:assumed-role/bot/s`, kind: 'role' },
    action,
    resource: '*',
    context: {},
    resourceTags: {},
  }).allowed;

test('one is attached with its role, counts as it stands after a change, and goes once it is detached', async () => {
  const deployed = async (...wanted: Resource[]) => (await stack.deploy(wanted)).status;
  expect(await deployed(policy('sns:Publish'), role([policyArn]))).toBe('CREATE_COMPLETE');
  expect([may('sns:Publish'), may('sns:Subscribe')]).toEqual([true, false]);
  expect(await deployed(policy('sns:Subscribe'), role([policyArn]))).toBe('UPDATE_COMPLETE');
  expect([may('sns:Publish'), may('sns:Subscribe')]).toEqual([false, true]);
  expect(await deployed(role([]))).toBe('UPDATE_COMPLETE');
  expect([may('sns:Publish'), may('sns:Subscribe')]).toEqual([false, false]);
  expect(engine.holdersOf(policyArn)).toEqual([]);
});

test('one that is attached cannot be deleted', async () => {
  await stack.deploy([policy('sns:Publish'), role([policyArn])]);
  await expect(async () => resources.delete(policy('sns:Publish'))).rejects.toMatchObject({
    code: 'DeleteConflict',
  });
  expect(may('sns:Publish')).toBe(true);
});
