// Who calls a function, and who may change that, with the policy engine in the place of a yes to everything.
import {
  AddPermissionCommand,
  DeleteResourcePolicyCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutResourcePolicyCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { PolicyEngine } from '@keyturn/iam/engine';
import { account, type LocalAws, lambdaArn, openLocalAws } from './support/local-aws';

const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const denied = {
  name: 'AccessDeniedException',
  message: expect.stringContaining('explicit deny in a resource-based'),
};

/** Everybody but `admin` is denied those actions. */
const onlyAdmin = (...actions: string[]) =>
  JSON.stringify({
    Statement: [
      {
        Sid: 'OnlyAdmin',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: actions.map(action => `lambda:${action}`),
        Resource: [lambdaArn('fn'), `${lambdaArn('fn')}:*`],
        Condition: {
          ArnNotLike: { 'aws:PrincipalArn': roleArn('admin') },
          Bool: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ],
  });

let aws: LocalAws;
let engine: PolicyEngine;

beforeEach(async () => {
  engine = new PolicyEngine(account);
  for (const name of ['admin', 'developer'])
    engine.addForeignRole(roleArn(name), [
      { Statement: [{ Sid: 'All', Effect: 'Allow', Action: 'lambda:*', Resource: '*' }] },
    ]);
  aws = await openLocalAws({ authorize: engine.authorize });
});
afterEach(() => aws.close());

const as = (role: string) => new LambdaClient(aws.as(role));
const invoke = (role: string, FunctionName = 'fn') =>
  as(role).send(new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse' }));
const put = (policy: string) => aws.addFunction('fn', () => 'ran', { policy });

test('a role with every right of its own is denied, by name, ARN and $LATEST; the named one is not', async () => {
  put(onlyAdmin('InvokeFunction'));
  for (const name of ['fn', lambdaArn('fn'), `${lambdaArn('fn')}:$LATEST`]) {
    await expect(invoke('developer', name)).rejects.toMatchObject(denied);
    await expect(invoke('admin', name)).resolves.toMatchObject({ StatusCode: 200 });
  }
});

test('a service is not kept out with roles, and comes in by an Allow for its source', async () => {
  put(onlyAdmin('InvokeFunction'));
  await as('admin').send(
    new AddPermissionCommand({
      FunctionName: 'fn',
      StatementId: 'Rule',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:eu-west-1:111111111111:rule/mine',
    }),
  );
  const from = (rule: string) =>
    aws.model.functions.invoke(
      'fn',
      {},
      {
        principal: 'events.amazonaws.com',
        sourceArn: `arn:aws:events:eu-west-1:111111111111:rule/${rule}`,
      },
    );
  await expect(from('mine')).resolves.toMatchObject({ ok: true });
  await expect(from('another')).resolves.toMatchObject({ ok: false });
});

test('a published version has a policy of its own, which says nothing', async () => {
  put(onlyAdmin('InvokeFunction'));
  await expect(invoke('developer', 'fn:1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await as('developer').send(new PublishVersionCommand({ FunctionName: 'fn' }));
  await expect(invoke('developer', 'fn:1')).resolves.toMatchObject({ StatusCode: 200 });
});

test('a policy that does not speak of itself is taken away; one that does is not', async () => {
  const replace = { ResourceArn: lambdaArn('fn'), Policy: JSON.stringify({ Statement: [] }) };
  put(onlyAdmin('InvokeFunction'));
  await as('developer').send(new PutResourcePolicyCommand(replace));
  await expect(invoke('developer')).resolves.toMatchObject({ StatusCode: 200 });
  put(
    onlyAdmin(
      'InvokeFunction',
      'PutResourcePolicy',
      'DeleteResourcePolicy',
      'AddPermission',
      'PublishVersion',
    ),
  );
  const { ResourceArn } = replace;
  for (const command of [
    new PutResourcePolicyCommand(replace),
    new DeleteResourcePolicyCommand({ ResourceArn }),
    new PublishVersionCommand({ FunctionName: 'fn' }),
  ])
    await expect(as('developer').send(command as never)).rejects.toMatchObject(denied);
  await as('admin').send(new DeleteResourcePolicyCommand({ ResourceArn }));
  await expect(invoke('developer')).resolves.toMatchObject({ StatusCode: 200 });
});

test('new code for a function is denied, or more than the model plays: never passed over', async () => {
  const update = new UpdateFunctionCodeCommand({ FunctionName: 'fn', ZipFile: Buffer.from('zip') });
  put(onlyAdmin('UpdateFunctionCode'));
  await expect(as('developer').send(update)).rejects.toMatchObject(denied);
  await expect(as('admin').send(update)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  expect(aws.model.violations).toMatchObject([{ operation: 'UpdateFunctionCode' }]);
});
