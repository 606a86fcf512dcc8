// Where values lie in plain text: variables of functions, parameters, task definitions.
import { DescribeTaskDefinitionCommand, ECSClient, paginateListTaskDefinitions } from '@aws-sdk/client-ecs';
import { LambdaClient, ListFunctionsCommand, paginateListFunctions } from '@aws-sdk/client-lambda';
import {
  DescribeParametersCommand,
  GetParametersCommand,
  paginateDescribeParameters,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { account, type LocalAws, lambdaArn, openLocalAws } from './support/local-aws';

let aws: LocalAws;
beforeEach(async () => {
  aws = await openLocalAws();
});
afterEach(() => aws.close());

const add = (name: string, more: object = {}) =>
  aws.model.functions.add({ name, arn: lambdaArn(name), roleArn: `arn:aws:iam::${account}:role/x`, ...more });

describe('functions', () => {
  const list = (input = {}) => new LambdaClient(aws.as('auditor')).send(new ListFunctionsCommand(input));

  test('are listed with their variables, 50 at once however many are asked for', async () => {
    for (let n = 0; n < 51; n++) add(`f${n}`, { environment: { N: `${n}` } });
    const client = new LambdaClient(aws.as('auditor'));
    const pages: (string | undefined)[][] = [];
    for await (const { Functions = [] } of paginateListFunctions({ client, pageSize: 1000 }, {}))
      pages.push(Functions.map(({ Environment }) => Environment?.Variables?.N));
    expect(pages.map(page => page.length)).toEqual([50, 1]);
    expect(pages[1]).toEqual(['50']);
  });

  test('published versions stay as they were, and are listed where they are asked for', async () => {
    add('f', { environment: { KEY: 'old' } });
    aws.model.functions.publishVersion('f');
    add('f', { environment: { KEY: 'new' } });
    const shown = async (input: object) =>
      (await list(input)).Functions?.map(({ FunctionArn, Environment }) => [
        FunctionArn,
        Environment?.Variables?.KEY,
      ]);
    expect(await shown({})).toEqual([[lambdaArn('f'), 'new']]);
    expect(await shown({ FunctionVersion: 'ALL' })).toEqual([
      [`${lambdaArn('f')}:$LATEST`, 'new'],
      [`${lambdaArn('f')}:1`, 'old'],
    ]);
  });

  test('variables under a key that is closed to the caller are an error in their place', async () => {
    const arn = `arn:aws:kms:eu-west-1:${account}:key/team`;
    aws.model.kms.add({ arn, policy: '{"Statement":[]}' });
    add('f', { environment: { KEY: 'x' }, kmsKeyArn: arn });
    aws.rules.decide = ({ action }) =>
      action === 'kms:Decrypt' ? { allowed: false, message: 'no' } : { allowed: true };
    const { Functions } = await list();
    expect(Functions?.[0]?.Environment).toMatchObject({ Error: { ErrorCode: 'AccessDeniedException' } });
    expect(Functions?.[0]?.Environment?.Variables).toBeUndefined();
  });
});

describe('parameters', () => {
  test('are described in pages by their types, and told in plain text where that is what they are', async () => {
    const { parameters } = aws.model;
    for (let n = 0; n < 51; n++) parameters.put({ name: `/p/${n}`, type: 'String', value: `v${n}` });
    parameters.put({ name: 'list', type: 'StringList', value: 'a,b' });
    parameters.put({ name: 'secure', type: 'SecureString', value: 'hidden' });
    const client = new SSMClient(aws.as('auditor'));
    const sizes: number[] = [];
    for await (const { Parameters = [] } of paginateDescribeParameters({ client, pageSize: 50 }, {}))
      sizes.push(Parameters.length);
    expect(sizes).toEqual([50, 3]);
    const { Parameters } = await client.send(
      new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Type', Values: ['StringList'] }] }),
    );
    expect(Parameters?.map(({ Name, ARN }) => [Name, ARN])).toEqual([
      ['list', `arn:aws:ssm:eu-west-1:${account}:parameter/list`],
    ]);
    const got = await client.send(new GetParametersCommand({ Names: ['/p/7', 'secure', 'gone'] }));
    expect(got.Parameters?.[0]?.Value).toBe('v7');
    expect(got.Parameters?.[1]?.Value).not.toContain('hidden');
    expect(got.InvalidParameters).toEqual(['gone']);
    expect(aws.asked.map(({ resource }) => resource)).toContain(
      `arn:aws:ssm:eu-west-1:${account}:parameter/p/7`,
    );
  });

  test('eleven at once are refused', async () => {
    const Names = Array.from({ length: 11 }, (_, n) => `p${n}`);
    await expect(new SSMClient(aws.as('a')).send(new GetParametersCommand({ Names }))).rejects.toThrow(
      'less than or equal to 10',
    );
  });
});

test('task definitions: every revision is listed, in pages, and stays as it was registered', async () => {
  const { taskDefinitions } = aws.model;
  const first = taskDefinitions.register('web', { containerDefinitions: [{ name: 'web', image: 'x' }] });
  for (let n = 0; n < 100; n++) taskDefinitions.register('web', { containerDefinitions: [] });
  const client = new ECSClient(aws.as('auditor'));
  const sizes: number[] = [];
  for await (const { taskDefinitionArns = [] } of paginateListTaskDefinitions({ client }, { sort: 'DESC' }))
    sizes.push(taskDefinitionArns.length);
  expect(sizes).toEqual([100, 1]);
  const { taskDefinition } = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: first }));
  expect(taskDefinition).toMatchObject({
    family: 'web',
    revision: 1,
    containerDefinitions: [{ name: 'web' }],
  });
  taskDefinitions.deregister(first);
  const inactive = [];
  for await (const { taskDefinitionArns = [] } of paginateListTaskDefinitions(
    { client },
    { status: 'INACTIVE' },
  ))
    inactive.push(...taskDefinitionArns);
  expect(inactive).toEqual([first]);
});
