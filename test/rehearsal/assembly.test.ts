import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { keys } from '../../config/keys';
import { platformStackName, serverStackName } from '../../lib/config/aws/names';
import { validateConfig } from '../../lib/config/validate-config';
import { buildApp } from '../../lib/stacks/app';
import { withoutCode } from '../lib/support/example-app';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-assembly-'));
  made.push(directory);
  return directory;
}

const home = 'aws://111111111111/eu-west-1';

/** An assembly as `cdk synth` writes it. @param templates stack -> template */
function write(
  templates: Record<string, object>,
  homes: Record<string, string> = {},
  files: object = {},
): string {
  const directory = newDirectory();
  const artifacts = Object.keys(templates).map(stack => [
    stack,
    {
      type: 'aws:cloudformation:stack',
      environment: homes[stack] ?? home,
      properties: { templateFile: `${stack}.template.json` },
    },
  ]);
  const put = (name: string, content: object) =>
    writeFileSync(join(directory, name), JSON.stringify(content));
  put('manifest.json', { artifacts: Object.fromEntries(artifacts) });
  for (const [stack, template] of Object.entries(templates)) {
    put(`${stack}.template.json`, template);
    put(`${stack}.assets.json`, { files });
  }
  return directory;
}

const read = (directory: string, stacks = ['one']) => readAssembly(directory, stacks, seededRandom(1));
const readOne = (template: object) => read(write({ one: template })).resources;
const group = (Properties: object = {}, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties,
  ...more,
});

test('a resource has its name, its ARN, its path and its resolved properties', () => {
  const [role] = readOne({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: { 'Fn::Join': ['-', ['bot', { Ref: 'AWS::Region' }]] } },
        Metadata: { 'aws:cdk:path': 'one/Bot/Role' },
      },
    },
  });
  expect(role).toMatchObject({
    stack: 'one',
    logicalId: 'Role',
    path: 'one/Bot/Role',
    ref: 'bot-eu-west-1',
    arn: 'arn:aws:iam::111111111111:role/bot-eu-west-1',
    properties: { RoleName: 'bot-eu-west-1' },
  });
});

test('a resource without a name gets one, the same for the same seed', () => {
  const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
  const [first] = readOne(template);
  expect(first!.ref).toMatch(/^arn:aws:sns:eu-west-1:111111111111:one-Topic-\w{12}$/);
  expect(readOne(template)[0]!.ref).toBe(first!.ref);
});

test('each comes after those that it refers to or depends on', () => {
  const order = readOne({
    Resources: {
      First: group({}, { DependsOn: ['Third', 'Fourth'] }),
      Second: group({ LogGroupName: { 'Fn::GetAtt': ['First', 'Arn'] } }),
      Third: group({}, { DependsOn: 'Fourth' }),
      Fourth: group(),
    },
  }).map(({ logicalId }) => logicalId);
  expect(order).toEqual(['Fourth', 'Third', 'First', 'Second']);
});

test('what CDK notes of itself is no resource, and parameters have their defaults', () => {
  const resources = readOne({
    Parameters: { RehearsalContext: { Type: 'String', Default: 'x' } },
    Rules: { CheckBootstrapVersion: {} },
    Resources: {
      Meta: { Type: 'AWS::CDK::Metadata' },
      Log: group({ LogGroupName: { Ref: 'RehearsalContext' } }),
    },
  });
  expect(resources.map(({ ref }) => ref)).toEqual(['x']);
});

test.each<[string, object, string]>([
  ['a type', { Resources: { X: { Type: 'AWS::EC2::VPC' } } }, 'one/X is of type AWS::EC2::VPC, which'],
  [
    'a property',
    { Resources: { X: group({ KmsKeyId: 'k' }) } },
    'one/X (AWS::Logs::LogGroup) has the property KmsKeyId',
  ],
  [
    'an intrinsic function',
    { Resources: { X: group({ LogGroupName: { 'Fn::Cidr': [] } }) } },
    'one/X uses Fn::Cidr',
  ],
  [
    'an attribute',
    { Resources: { X: group({ LogGroupName: { 'Fn::GetAtt': ['Y', 'Gone'] } }), Y: group() } },
    'Y.Gone names nothing',
  ],
  ['conditions', { Conditions: {}, Resources: {} }, 'one has Conditions, which'],
  ['a transform', { Transform: 'AWS::Serverless-2016-10-31', Resources: {} }, 'one has Transform, which'],
  [
    'a condition on a resource',
    { Resources: { X: group({}, { Condition: 'IsProd' }) } },
    'one/X has Condition, which',
  ],
  [
    'a parameter without a default',
    { Parameters: { P: { Type: 'String' } }, Resources: { X: group({ LogGroupName: { Ref: 'P' } }) } },
    'Ref P names nothing',
  ],
])('it is an error not to know %s', (_, template, message) =>
  expect(() => readOne(template)).toThrow(message),
);

test.each<[string, object]>([
  ['refers to itself', { X: group({ LogGroupName: { Ref: 'X' } }) }],
  [
    'refers to one that refers to it',
    { X: group({ LogGroupName: { Ref: 'Y' } }), Y: group({ LogGroupName: { 'Fn::GetAtt': ['X', 'Arn'] } }) },
  ],
  [
    'refers to one that depends on it',
    { X: group({ LogGroupName: { Ref: 'Y' } }), Y: group({}, { DependsOn: 'X' }) },
  ],
])('a circle is an error: a resource %s', (_, Resources) => {
  expect(() => readOne({ Resources })).toThrow('one: X refers to itself in a circle');
});

describe('several stacks', () => {
  const empty = { Resources: {} };

  test('of one account and region are read in the order given', () => {
    const directory = write({ one: { Resources: { A: group() } }, two: { Resources: { B: group() } } });
    const assembly = read(directory, ['two', 'one']);
    expect(assembly).toMatchObject({ account: '111111111111', region: 'eu-west-1' });
    expect(assembly.resources.map(({ stack }) => stack)).toEqual(['two', 'one']);
  });

  test('of two accounts are an error', () => {
    const directory = write({ one: empty, two: empty }, { two: 'aws://222222222222/eu-west-1' });
    expect(() => read(directory, ['one', 'two'])).toThrow('are not of one account');
  });

  test('of two regions have the region of the first', () => {
    const directory = write({ one: empty, two: empty }, { two: 'aws://111111111111/us-east-1' });
    expect(read(directory, ['one', 'two']).region).toBe('eu-west-1');
  });

  test('must be there, with an account', () => {
    expect(() => read(write({ one: empty }), ['gone'])).toThrow('holds no stack gone');
    const nowhere = write({ one: empty }, { one: 'aws://unknown-account/unknown-region' });
    expect(() => read(nowhere)).toThrow('holds no stack one with an account and a region');
  });
});

describe("a function's code", () => {
  const code = (S3Key: unknown) => ({
    Resources: { F: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'b', S3Key } } } },
  });
  const files = { abc123: { source: { path: 'asset.abc123' } } };

  test('is found in the assembly by its hash', () => {
    const directory = write({ one: code('abc123.zip') }, {}, files);
    const assembly = read(directory);
    expect(assembly.codeDirectory(assembly.resources[0]!)).toBe(join(directory, 'asset.abc123'));
  });

  test('is an error where it is not', () => {
    const assembly = read(write({ one: code('other.zip') }, {}, files));
    expect(() => assembly.codeDirectory(assembly.resources[0]!)).toThrow('has no code in this assembly');
  });
});

test('the prod environment of config/keys.ts is understood whole', () => {
  const [environment] = validateConfig(keys).environments.filter(({ name }) => name === 'prod');
  const directory = newDirectory();
  const unchecked = { ...withoutCode, '@aws-cdk/core:validateAgainstDefaultRules': false };
  buildApp({ config: { environments: [environment!] }, outdir: directory, context: unchecked }).synth();
  const stacks = [
    platformStackName('prod'),
    ...environment!.servers.map(({ name }) => serverStackName('prod', name)),
  ];
  const { resources, codeDirectory } = read(directory, stacks);
  expect(new Set(resources.map(({ stack }) => stack))).toEqual(new Set(stacks));
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  expect(functions.length).toBeGreaterThan(2);
  // Staged, though nothing is bundled here.
  for (const each of functions) expect(codeDirectory(each)).toMatch(/asset\.[0-9a-f]{64}$/);
  expect(JSON.stringify(resources.map(({ properties }) => properties))).not.toMatch(/"(Ref|Fn::\w+)":/);
});
