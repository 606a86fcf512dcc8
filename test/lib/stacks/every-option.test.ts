// The example with every option: what each puts into the templates, and what its permissions reach.
import type { Caller } from '@keyturn/iam/request';
import { grantsOf } from '../../../lib/stacks/grants';
import {
  account,
  documentsOf,
  engine,
  environment,
  may,
  ofType,
  region,
  resources,
  rolePath,
  vpc,
} from '../support/every-option';

describe('tags', () => {
  const tagsOf = (stack: string, type: string) =>
    resources
      .filter(resource => resource.stack === stack && resource.type === type)
      .map(({ properties }) =>
        Object.fromEntries(
          (properties.Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
        ),
      );
  test.each([
    ['keyturn-prod', '4711'],
    ['keyturn-prod-support-bot', '0815'],
    ['keyturn-prod-code-bot', '4711'],
  ])('secrets of %s have those of the environment, of the server, and those of Keyturn', (stack, center) => {
    const tagged = tagsOf(stack, 'AWS::SecretsManager::Secret');
    expect(tagged.length).toBeGreaterThan(0);
    for (const tags of tagged)
      expect(tags).toMatchObject({
        'cost-center': center,
        'data-class': 'confidential',
        'keyturn:environment': 'prod',
      });
  });
  test.each(['AWS::Lambda::Function', 'AWS::SNS::Topic', 'AWS::DynamoDB::Table', 'AWS::SQS::Queue'])(
    '%s has them',
    type => {
      const tagged = tagsOf('keyturn-prod', type);
      expect(tagged.length).toBeGreaterThan(0);
      for (const tags of tagged) expect(tags).toMatchObject(environment.tags ?? {});
    },
  );
});

test('no key is made, and everything is encrypted under the own one', () => {
  expect(ofType('AWS::KMS::Key')).toEqual([]);
  // The topic for when nothing else works has to work without the key, too.
  const used = ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic']
    .flatMap(ofType)
    .filter(({ properties }) => properties.TopicName !== 'keyturn-prod-fallback');
  expect(used.length).toBeGreaterThan(5);
  for (const { properties } of used)
    expect(properties.KmsKeyId ?? properties.KmsMasterKeyId).toBe(environment.kmsKey?.arn);
  for (const { properties } of ofType('AWS::Lambda::Function'))
    expect(properties.Environment).toMatchObject({ Variables: { KEYTURN_KMS_KEY: environment.kmsKey?.arn } });
});

test('every role has the boundary and the path', () => {
  const roles = ofType('AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(5);
  for (const { properties, arn } of roles) {
    expect(properties).toMatchObject({
      PermissionsBoundary: environment.permissionsBoundary,
      Path: rolePath,
    });
    expect(arn).toContain(`:role${rolePath}keyturn-prod-`);
  }
});

test('whatever names a function role by its ARN names it with its path', () => {
  const named = JSON.stringify(resources.map(({ properties }) => properties)).match(
    /arn:aws:iam::\d+:role\/[^"]*keyturn-prod-(rotate|retire|watch|emergency|token)[^"]*/g,
  );
  expect(named?.length).toBeGreaterThan(10);
  expect(named?.filter(arn => !arn.includes(':role/platform/keyturn-'))).toEqual([]);
});

describe('a server of another account', () => {
  const [access, ...others] = ofType('AWS::IAM::Role').filter(({ ref }) => ref.includes('-server-'));
  const server = environment.servers.find(({ name }) => name === 'code-bot');
  const everything = [{ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }];
  const caller = (arn: string, documents: object[]): Caller => {
    engine.addForeignRole(arn, documents);
    const [, , , , home, name] = arn.split(':');
    return { arn: `arn:aws:sts::${home}:assumed-role/${name?.split('/').at(-1)}/s`, kind: 'role' };
  };
  const [added] = grantsOf(environment).serverRoles;
  const runsAs = caller(String(server?.assumedBy), [{ Statement: added?.statements ?? [] }]);
  const trust = access?.properties.AssumeRolePolicyDocument as { Statement: object[] };
  const assumes = (who: Caller) =>
    engine.authorize({
      caller: who,
      action: 'sts:AssumeRole',
      resource: String(access?.arn),
      context: {},
      resourceTags: {},
      resourcePolicy: { Statement: trust.Statement.map(one => ({ ...one, Resource: access?.arn })) },
    }).allowed;

  test('reads with a role of this account, which is the only one made for servers', () => {
    expect(others).toEqual([]);
    expect(access?.arn).toBe('arn:aws:iam::333333333333:role/platform/keyturn-prod-server-code-bot');
    expect(server).toMatchObject({
      role: access?.arn,
      assumedBy: 'arn:aws:iam::444444444444:role/services/code-bot',
    });
  });

  test.each<[string, boolean, Caller]>([
    ['the role that the server runs as', true, runsAs],
    [
      'another role of its account that may do everything',
      false,
      caller('arn:aws:iam::444444444444:role/other', everything),
    ],
    [
      'a role with its name on another path',
      false,
      caller('arn:aws:iam::444444444444:role/mallory/code-bot-2', everything),
    ],
    [
      'a role with its name in a third account',
      false,
      caller('arn:aws:iam::555555555555:role/services/code-bot', everything),
    ],
    [
      'a colleague here who may do everything',
      false,
      caller('arn:aws:iam::333333333333:role/colleague', everything),
    ],
    ['another server', false, caller('arn:aws:iam::333333333333:role/support-bot', [])],
  ])('%s assumes it: %s', (_, expected, who) => expect(assumes(who)).toBe(expected));

  test('without what `grants` prints, its account has not allowed it', () => {
    expect(assumes(caller('arn:aws:iam::444444444444:role/services/code-bot', []))).toBe(false);
    caller('arn:aws:iam::444444444444:role/services/code-bot', [{ Statement: added?.statements ?? [] }]);
  });

  const [secret] = ofType('AWS::SecretsManager::Secret').filter(({ stack }) => stack.endsWith('code-bot'));
  const [policy] = ofType('AWS::SecretsManager::ResourcePolicy').filter(({ stack }) =>
    stack.endsWith('code-bot'),
  );
  const reads = (who: Caller) =>
    engine.authorize({
      caller: who,
      action: 'secretsmanager:GetSecretValue',
      resource: String(secret?.arn),
      context: {},
      resourceTags: {},
      resourcePolicy: policy?.properties.ResourcePolicy as object,
    }).allowed;

  test.each<[string, boolean, Caller]>([
    ['the role that it assumes', true, caller(String(access?.arn), access ? documentsOf(access) : [])],
    [
      'its own role, which may do everything at home',
      false,
      caller('arn:aws:iam::444444444444:role/services/code-bot-3', everything),
    ],
    [
      'a colleague here who may do everything',
      false,
      caller('arn:aws:iam::333333333333:role/colleague', everything),
    ],
  ])('%s reads the key: %s', (_, expected, who) => expect(reads(who)).toBe(expected));

  test('it counts in its own namespace alone', () => {
    const counts = (namespace: string) =>
      may(String(access?.ref), 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace });
    expect(counts('Keyturn/prod/code-bot')).toBe(true);
    expect(counts('Keyturn/prod/support-bot')).toBe(false);
  });
});

describe('a VPC', () => {
  const functions = ofType('AWS::Lambda::Function');
  const [subnet = ''] = vpc?.subnetIds ?? [];
  const [group = ''] = vpc?.securityGroupIds ?? [];
  const ec2 = (resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;

  test('every function is in it', () => {
    expect(functions.length).toBeGreaterThan(5);
    for (const { properties } of functions)
      expect(properties.VpcConfig).toEqual({
        SubnetIds: vpc?.subnetIds,
        SecurityGroupIds: vpc?.securityGroupIds,
      });
  });

  test.each([
    ['CreateNetworkInterface', ec2(`subnet/${subnet}`), true],
    ['CreateNetworkInterface', ec2(`security-group/${group}`), true],
    ['CreateNetworkInterface', ec2('network-interface/eni-1'), true],
    ['CreateNetworkInterface', ec2('subnet/subnet-00000000'), false],
    ['CreateNetworkInterface', ec2('security-group/sg-00000000'), false],
    ['DescribeNetworkInterfaces', '*', true],
    ['DeleteNetworkInterface', ec2('network-interface/eni-1'), true],
    ['DeleteNetworkInterface', `arn:aws:ec2:${region}:999999999999:network-interface/eni-1`, false],
    ['AttachNetworkInterface', ec2('network-interface/eni-1'), false],
    ['RunInstances', '*', false],
  ])('Lambda may %s on %s as the role: %s', (call, resource, expected) => {
    for (const { ref } of functions) expect(may(ref, `ec2:${call}`, resource)).toBe(expected);
  });

  test("a function's own code may do nothing in EC2", () => {
    for (const { ref, arn } of functions) {
      const fromCode = { 'lambda:SourceFunctionArn': String(arn) };
      expect(may(ref, 'ec2:CreateNetworkInterface', ec2(`subnet/${subnet}`), fromCode)).toBe(false);
      expect(may(ref, 'ec2:DescribeSubnets', '*', fromCode)).toBe(false);
    }
  });
});
