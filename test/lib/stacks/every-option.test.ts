// The example with every option: what each puts into the templates, and what its permissions reach.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import { keys } from '../../../examples/every-option';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from './example-app';

const config = validateConfig(keys);
const [environment] = config.environments;
if (!environment) throw new Error('the example has no environment');
const { account, region, rolePath, vpc } = environment;
const { directory } = exampleApp(config).synth();
const stacks = ['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-code-bot'];
const { resources } = readAssembly(directory, stacks, seededRandom(1));
const ofType = (type: string) => resources.filter(resource => resource.type === type);

const engine = new PolicyEngine(account);
const documentsOf = ({ properties }: Resource) =>
  (properties.Policies as { PolicyDocument: object }[]).map(({ PolicyDocument }) => PolicyDocument);
for (const role of ofType('AWS::IAM::Role')) engine.addForeignRole(String(role.arn), documentsOf(role));

function may(role: string, action: string, resource: string, context: Record<string, string> = {}): boolean {
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/session`;
  return engine.authorize({ caller: { arn, kind: 'role' }, action, resource, context, resourceTags: {} })
    .allowed;
}

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
    for (const tags of tagsOf(stack, 'AWS::SecretsManager::Secret'))
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
  const used = ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic'].flatMap(ofType);
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
