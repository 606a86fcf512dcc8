import { PolicyEngine } from '@keyturn/iam/engine';
import type { Resource } from '../template/assembly';
import { deploy } from '../template/deploy';
import { account, type LocalAws, lambdaArn, openLocalAws, region } from './support/local-aws';

let aws: LocalAws;
beforeEach(async () => {
  aws = await openLocalAws();
});
afterEach(() => aws.close());

const topicArn = `arn:aws:sns:${region}:${account}:topic`;
const queueArn = `arn:aws:sqs:${region}:${account}:queue`;

const put = (type: string, properties: Record<string, unknown>) => putAll([[type, properties]]);

function putAll(written: [type: string, properties: Record<string, unknown>][]): void {
  deployAll(new PolicyEngine(account), written);
}

function deployAll(
  engine: PolicyEngine,
  written: [type: string, properties: Record<string, unknown>][],
): void {
  const resources = written.map(
    ([type, properties]): Resource => ({
      ref: 'resource',
      arn: 'arn:aws:x:::resource',
      stack: 'stack',
      region,
      logicalId: 'Resource',
      path: 'stack/Resource',
      type,
      properties,
      metadata: {},
      dependencies: [],
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    }),
  );
  const assembly = {
    account,
    region,
    resources,
    protectedStacks: [],
    hasCode: () => true,
    codeDirectory: () => '',
  };
  deploy(assembly, { model: aws.model, engine, addFunction() {} });
}

const policyOf = (Resource: string, changes = {}) => ({
  Statement: [
    {
      Sid: 'A',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'lambda:InvokeFunction',
      Resource,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      ...changes,
    },
  ],
});
function policyOfBytes(bytes: number) {
  const policy = policyOf(lambdaArn('fn'), { Sid: '' });
  return policyOf(lambdaArn('fn'), { Sid: 'x'.repeat(bytes - JSON.stringify(policy).length) });
}

const target = { Id: 'one', Arn: queueArn };
const rule = (EventPattern: unknown, Targets: unknown[] = [target]) => ({ EventPattern, Targets });
const subscription = (FilterPolicy: unknown) => ({
  TopicArn: topicArn,
  Protocol: 'sqs',
  Endpoint: queueArn,
  FilterPolicy,
});

describe('what AWS refuses to create is not deployed', () => {
  beforeEach(() => {
    aws.model.topics.addTopic({ name: 'topic' });
    aws.addFunction('fn', () => undefined, { policy: undefined });
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'an empty array in a pattern',
      'AWS::Events::Rule',
      rule({ source: [] }),
      'Empty arrays are not allowed',
    ],
    [
      'a value that is no list',
      'AWS::Events::Rule',
      rule({ source: 'a' }),
      '"source" must be an object or an array',
    ],
    ['a rule without a pattern or schedule', 'AWS::Events::Rule', rule(undefined), 'must be specified'],
    ['six targets', 'AWS::Events::Rule', rule({ source: ['a'] }, Array(6).fill(target)), 'maximum number'],
    [
      'a bad filter policy',
      'AWS::SNS::Subscription',
      subscription({ a: [{ prefix: 1 }] }),
      'must be a string',
    ],
    [
      'a nested filter policy without its scope',
      'AWS::SNS::Subscription',
      subscription({ a: { b: ['c'] } }),
      'scope',
    ],
    [
      'a subscription before its topic',
      'AWS::SNS::Subscription',
      { ...subscription({ a: ['b'] }), TopicArn: `${topicArn}-later` },
      'Topic does not exist',
    ],
    [
      'a secret under a key that is not there yet',
      'AWS::SecretsManager::Secret',
      { Name: 'secret', KmsKeyId: 'alias/later' },
      'alias/later',
    ],
    ['a secret without a name', 'AWS::SecretsManager::Secret', {}, 'has no Name'],
    [
      'an alias of a key that is not there yet',
      'AWS::KMS::Alias',
      { TargetKeyId: 'later', AliasName: 'alias/a' },
      'later',
    ],
    [
      'a permission for a function that is not there yet',
      'AWS::Lambda::Permission',
      { FunctionName: 'later' },
      'function:later',
    ],
    [
      'a policy of a function that is not there yet',
      'AWS::Lambda::ResourcePolicy',
      { ResourceArn: lambdaArn('later'), PolicyDocument: policyOf(lambdaArn('later')) },
      'function:later',
    ],
    [
      'a policy that speaks of another function',
      'AWS::Lambda::ResourcePolicy',
      { ResourceArn: lambdaArn('fn'), PolicyDocument: policyOf(lambdaArn('other')) },
      'function:other',
    ],
    [
      'a policy that lets in part of a name',
      'AWS::Lambda::ResourcePolicy',
      {
        ResourceArn: lambdaArn('fn'),
        PolicyDocument: policyOf(lambdaArn('fn'), { Principal: { AWS: `arn:aws:iam::${account}:role` } }),
      },
      'principal was invalid',
    ],
    [
      'a policy that lets everybody in',
      'AWS::Lambda::ResourcePolicy',
      {
        ResourceArn: lambdaArn('fn'),
        PolicyDocument: policyOf(lambdaArn('fn'), { Effect: 'Allow', Condition: undefined }),
      },
      'public access',
    ],
    [
      'a policy of more than 20 KB',
      'AWS::Lambda::ResourcePolicy',
      { ResourceArn: lambdaArn('fn'), PolicyDocument: policyOfBytes(20 * 1024 + 1) },
      'bigger than the limit (20480)',
    ],
    [
      "a policy that speaks of what is no function's",
      'AWS::Lambda::ResourcePolicy',
      {
        ResourceArn: lambdaArn('fn'),
        PolicyDocument: policyOf(lambdaArn('fn'), { Action: 'lambda:CreateEventSourceMapping' }),
      },
      'lambda:CreateEventSourceMapping',
    ],
    [
      'a table whose policy has more than 20 KB',
      'AWS::DynamoDB::Table',
      {
        KeySchema: [{ AttributeName: 'pk' }],
        ResourcePolicy: { PolicyDocument: policyOfBytes(20 * 1024 + 1) },
      },
      'maximum of 20480',
    ],
    ['a queue whose type gives it no name', 'AWS::SQS::Queue', {}, 'no attribute QueueName'],
    ['a secret with a bad name', 'AWS::SecretsManager::Secret', { Name: 'a b' }, 'Invalid name'],
  ])('%s', (_what, type, properties, reason) => {
    expect(() => put(type, properties)).toThrow(reason);
    expect(() => put(type, properties)).toThrow('stack/Resource');
  });

  test('a permission beside a policy, which replaces it', () => {
    aws.addFunction('fn', () => undefined, { policy: undefined });
    const permission = {
      FunctionName: 'fn',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
    };
    const policy = { ResourceArn: lambdaArn('fn'), PolicyDocument: policyOf(lambdaArn('fn')) };
    put('AWS::Lambda::Permission', permission);
    expect(() => put('AWS::Lambda::ResourcePolicy', policy)).toThrow('replaces a policy that fn has already');
    aws.addFunction('fn', () => undefined, { policy: undefined });
    expect(() =>
      putAll([
        ['AWS::Lambda::ResourcePolicy', policy],
        ['AWS::Lambda::Permission', permission],
      ]),
    ).toThrow('grants what the AWS::Lambda::ResourcePolicy of fn takes away again');
  });

  test('and what it takes is', () => {
    put('AWS::Lambda::ResourcePolicy', {
      ResourceArn: lambdaArn('fn'),
      PolicyDocument: policyOfBytes(20 * 1024),
    });
    put('AWS::Events::Rule', rule({ source: ['a'] }));
    put('AWS::SNS::Subscription', subscription({ a: [{ prefix: 'b' }] }));
  });
});

describe('a function in a VPC', () => {
  const ec2 = (resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;
  const given = (Resource: string[], ...Action: string[]) => ({
    Effect: 'Allow',
    Action: Action.map(name => `ec2:${name}`),
    Resource,
  });
  const creates = given(
    [ec2('subnet/subnet-1'), ec2('security-group/sg-1'), ec2('network-interface/*')],
    'CreateNetworkInterface',
  );
  const sees = given(['*'], 'DescribeNetworkInterfaces', 'DescribeSubnets');
  const leaves = given([ec2('network-interface/*')], 'DeleteNetworkInterface');
  const deployIn = (SubnetIds: string[], Statement: object[]) => {
    const role = `arn:aws:iam::${account}:role/platform/fn`;
    const engine = new PolicyEngine(account);
    engine.addForeignRole(role, [{ Statement }]);
    deployAll(engine, [
      [
        'AWS::Lambda::Function',
        { Role: role, Handler: 'x.y', VpcConfig: { SubnetIds, SecurityGroupIds: ['sg-1'] } },
      ],
    ]);
  };

  test('is made where its role may make its interfaces', () => {
    expect(() => deployIn(['subnet-1'], [creates, sees, leaves])).not.toThrow();
  });

  test.each([
    ['CreateNetworkInterface', ['subnet-1', 'subnet-2'], [creates, sees, leaves]],
    ['DescribeNetworkInterfaces', ['subnet-1'], [creates, leaves]],
    ['DeleteNetworkInterface', ['subnet-1'], [creates, sees]],
  ])('is refused where its role lacks %s', (call, subnets, statements) => {
    expect(() => deployIn(subnets, statements)).toThrow(
      `The provided execution role does not have permissions to call ${call} on EC2`,
    );
  });
});
