// Functions whose configuration others change: updates, versions and aliases.
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type LocalAws, lambdaArn, minutes, openLocalAws } from './support/local-aws';

const FunctionName = 'bot';
const kmsKeyArn = 'arn:aws:kms:eu-west-1:111111111111:key/1a1a1a1a-1111-2222-3333-444444444444';
let aws: LocalAws;
let lambda: LambdaClient;
let started = 0;

beforeEach(async () => {
  aws = await openLocalAws();
  lambda = new LambdaClient(aws.as('admin'));
  started = 0;
});
afterEach(async () => {
  lambda.destroy();
  await aws.close();
});

function create(more: object = {}): void {
  aws.model.configuredFunctions.create({
    name: FunctionName,
    roleArn: 'arn:aws:iam::111111111111:role/bot',
    variables: { ONE: '1' },
    onStart: async () => void started++,
    ...more,
  });
}

const get = (Qualifier?: string) =>
  lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
const update = (Variables: Record<string, string>, RevisionId?: string) =>
  lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables }, RevisionId }),
  );
const publish = (more: { RevisionId?: string; CodeSha256?: string } = {}) =>
  lambda.send(new PublishVersionCommand({ FunctionName, ...more }));
const alias = () => lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
const move = (FunctionVersion: string, RevisionId?: string) =>
  lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion, RevisionId }));

test('an update is in progress at first, and new environments serve once it is successful', async () => {
  create();
  expect(await get()).toMatchObject({
    LastUpdateStatus: 'Successful',
    Version: '$LATEST',
    Environment: { Variables: { ONE: '1' } },
  });
  expect(await update({ TWO: '2' })).toMatchObject({ LastUpdateStatus: 'InProgress' });
  expect(started).toBe(0);
  await aws.passMs(minutes(1));
  expect(await get()).toMatchObject({
    LastUpdateStatus: 'Successful',
    Environment: { Variables: { TWO: '2' } },
  });
  expect(started).toBe(1);
});

test('meanwhile nothing else changes it', async () => {
  create({ alias: 'live' });
  await update({ TWO: '2' });
  await expect(update({ THREE: '3' })).rejects.toMatchObject({ name: 'ResourceConflictException' });
  await expect(publish()).rejects.toMatchObject({ name: 'ResourceConflictException' });
});

test('one that fails says by which reason, and starts nothing', async () => {
  create();
  aws.model.configuredFunctions.setCourse(FunctionName, { takesMs: 1000, failsBy: 'KMSKeyAccessDenied' });
  await update({ TWO: '2' });
  await aws.passMs(minutes(1));
  expect(await get()).toMatchObject({
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReasonCode: 'KMSKeyAccessDenied',
  });
  expect(started).toBe(0);
});

test('its revision changes with an update, when that is through, and when a version is published', async () => {
  create();
  const revisions = [(await get()).RevisionId, (await update({ TWO: '2' })).RevisionId];
  await aws.passMs(minutes(1));
  revisions.push((await get()).RevisionId, (await publish()).RevisionId, (await get()).RevisionId);
  expect(new Set(revisions).size).toBe(5);
});

test('with a revision that is not the latest, nothing is changed', async () => {
  create({ alias: 'live' });
  const { RevisionId } = await get();
  await update({ TWO: '2' }, RevisionId);
  await aws.passMs(minutes(1));
  const error = { name: 'PreconditionFailedException', $metadata: { httpStatusCode: 412 } };
  await expect(update({ THREE: '3' }, RevisionId)).rejects.toMatchObject(error);
  await expect(publish({ RevisionId })).rejects.toMatchObject(error);
  await expect(move('1', RevisionId)).rejects.toMatchObject(error);
  expect((await get()).Environment).toEqual({ Variables: { TWO: '2' } });
});

test('a version stays as it was published, is pending at first, and is not published twice', async () => {
  create();
  const first = await publish();
  expect(first).toMatchObject({ Version: '1', State: 'Pending' });
  await aws.passMs(minutes(1));
  expect(await publish()).toMatchObject({ Version: '1', State: 'Active', RevisionId: first.RevisionId });
  await update({ TWO: '2' });
  await aws.passMs(minutes(1));
  expect(await publish()).toMatchObject({ Version: '2' });
  expect((await get('1')).Environment).toEqual({ Variables: { ONE: '1' } });
  expect((await get('2')).Environment).toEqual({ Variables: { TWO: '2' } });
});

test('a version of other code than was expected is not published', async () => {
  create();
  const { CodeSha256 = '' } = await get();
  aws.model.configuredFunctions.setCode(FunctionName, 'other');
  await expect(publish({ CodeSha256 })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});

test('an alias serves the version that it points to', async () => {
  create({ alias: 'live' });
  const { RevisionId } = await alias();
  await update({ TWO: '2' });
  await aws.passMs(minutes(1));
  await publish();
  expect([started, (await get('live')).Environment]).toEqual([0, { Variables: { ONE: '1' } }]);
  const moved = await move('2', RevisionId);
  expect([started, (await get('live')).Environment]).toEqual([1, { Variables: { TWO: '2' } }]);
  expect([moved.FunctionVersion, moved.RevisionId === RevisionId]).toEqual(['2', false]);
  await expect(move('7')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('variables over 4 KB are refused in words that quote them', async () => {
  create();
  await expect(update({ LONG: 'x'.repeat(4096) })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining('xxx'),
  });
});

test('variables under a key that the caller may not use are hidden from him', async () => {
  create({ kmsKeyArn });
  const policy = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }] };
  aws.model.kms.add({ arn: kmsKeyArn, policy: JSON.stringify(policy) });
  aws.rules.decide = ({ action }) =>
    action === 'kms:Decrypt' ? ({ allowed: false, message: 'no' } as never) : { allowed: true };
  const { Environment } = await get();
  expect([Environment?.Error?.ErrorCode, Environment?.Variables]).toEqual([
    'AccessDeniedException',
    undefined,
  ]);
});

test('each call is put before the policies with the ARN of its function, and of the alias that it asks for', async () => {
  create({ alias: 'live' });
  await get('live');
  await alias();
  await update({});
  expect(aws.asked.map(({ action, resource }) => ({ action, resource }))).toEqual([
    { action: 'lambda:GetFunctionConfiguration', resource: `${lambdaArn(FunctionName)}:live` },
    { action: 'lambda:GetAlias', resource: lambdaArn(FunctionName) },
    { action: 'lambda:UpdateFunctionConfiguration', resource: lambdaArn(FunctionName) },
  ]);
});

test('what is not there is not found', async () => {
  create();
  await expect(alias()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(get('7')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
