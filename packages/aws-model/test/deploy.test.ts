import { PolicyEngine } from '@keyturn/iam/engine';
import type { Resource } from '../template/assembly';
import { deploy } from '../template/deploy';
import { account, type LocalAws, openLocalAws, region } from './support/local-aws';

let aws: LocalAws;
beforeEach(async () => {
  aws = await openLocalAws();
});
afterEach(() => aws.close());

const topicArn = `arn:aws:sns:${region}:${account}:topic`;
const queueArn = `arn:aws:sqs:${region}:${account}:queue`;

function put(type: string, properties: Record<string, unknown>): void {
  const resource: Resource = {
    ref: 'resource',
    stack: 'stack',
    logicalId: 'Resource',
    path: 'stack/Resource',
    type,
    properties,
    metadata: {},
    dependencies: [],
    deletionPolicy: 'Delete',
    updateReplacePolicy: 'Delete',
  };
  const assembly = { account, region, resources: [resource], protectedStacks: [], codeDirectory: () => '' };
  const engine = new PolicyEngine(account);
  deploy(assembly, { model: aws.model, engine, addFunction() {} });
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
  beforeEach(() => void aws.model.topics.addTopic({ name: 'topic' }));

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
    ['a queue whose type gives it no name', 'AWS::SQS::Queue', {}, 'no attribute QueueName'],
    ['a secret with a bad name', 'AWS::SecretsManager::Secret', { Name: 'a b' }, 'Invalid name'],
  ])('%s', (_what, type, properties, reason) => {
    expect(() => put(type, properties)).toThrow(reason);
    expect(() => put(type, properties)).toThrow('stack/Resource');
  });

  test('and what it takes is', () => {
    put('AWS::Events::Rule', rule({ source: ['a'] }));
    put('AWS::SNS::Subscription', subscription({ a: [{ prefix: 'b' }] }));
  });
});
