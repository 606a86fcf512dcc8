// How near templates are to what AWS takes, and Keyturn's own error where they go past it.
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import {
  type LimitUse,
  limitUses,
  nearestUses,
  refuseOverLimits,
  type StackTemplate,
} from '../../../lib/stacks/limits';
import { asDeployed, jsonBytes } from '../../../lib/stacks/template-parts';
import { templatesOf } from '../support/config-assemblies';
import { configs } from '../support/configs';

const x = (count: number) => 'x'.repeat(count);
/** A policy of so many bytes. */
const policy = (bytes: number) => {
  const empty = { Version: '2012-10-17', Statement: [{ Sid: '' }] };
  return { ...empty, Statement: [{ Sid: x(bytes - JSON.stringify(empty).length) }] };
};
/** An object of so many bytes. */
const object = (bytes: number) => ({ a: x(bytes - '{"a":""}'.length) });

type Properties = (size: number) => Record<string, unknown>;
const cases: [what: string, limit: number, type: string, Properties][] = [
  [
    "bytes of a table's policy",
    20_480,
    'AWS::DynamoDB::Table',
    n => ({ ResourcePolicy: { PolicyDocument: policy(n) } }),
  ],
  ['bytes of a managed policy', 6_144, 'AWS::IAM::ManagedPolicy', n => ({ PolicyDocument: policy(n) })],
  [
    "bytes of a role's policies together",
    10_240,
    'AWS::IAM::Role',
    n => ({ Policies: [{ PolicyDocument: policy(5_000) }, { PolicyDocument: policy(n - 5_000) }] }),
  ],
  ["bytes of a role's trust policy", 2_048, 'AWS::IAM::Role', n => ({ AssumeRolePolicyDocument: policy(n) })],
  ["bytes of a KMS key's policy", 32_768, 'AWS::KMS::Key', n => ({ KeyPolicy: policy(n) })],
  [
    "bytes of a function's policy",
    20_480,
    'AWS::Lambda::ResourcePolicy',
    n => ({ PolicyDocument: policy(n) }),
  ],
  ["bytes of a bucket's policy", 20_480, 'AWS::S3::BucketPolicy', n => ({ PolicyDocument: policy(n) })],
  [
    "bytes of a secret's policy",
    20_480,
    'AWS::SecretsManager::ResourcePolicy',
    n => ({ ResourcePolicy: policy(n) }),
  ],
  ["bytes of a topic's policy", 30_720, 'AWS::SNS::TopicPolicy', n => ({ PolicyDocument: policy(n) })],
  ["bytes of a queue's policy", 8_192, 'AWS::SQS::QueuePolicy', n => ({ PolicyDocument: policy(n) })],
  [
    "statements of a queue's policy",
    20,
    'AWS::SQS::QueuePolicy',
    n => ({ PolicyDocument: { Statement: Array(n).fill({ Sid: 'S' }) } }),
  ],
  ['characters of the name of an alarm', 255, 'AWS::CloudWatch::Alarm', n => ({ AlarmName: x(n) })],
  ['characters of the name of a rule', 64, 'AWS::Events::Rule', n => ({ Name: x(n) })],
  ['characters of the name of a role', 64, 'AWS::IAM::Role', n => ({ RoleName: x(n) })],
  ['characters of the name of a function', 64, 'AWS::Lambda::Function', n => ({ FunctionName: x(n) })],
  ['characters of the name of a bucket', 63, 'AWS::S3::Bucket', n => ({ BucketName: x(n) })],
  ['characters of the name of a queue', 80, 'AWS::SQS::Queue', n => ({ QueueName: x(n) })],
  ['characters of the name of a secret', 512, 'AWS::SecretsManager::Secret', n => ({ Name: x(n) })],
  [
    'managed policies of a role',
    10,
    'AWS::IAM::Role',
    n => ({ ManagedPolicyArns: Array(n).fill('arn:aws:iam::333333333333:policy/p') }),
  ],
  ['targets of a rule', 5, 'AWS::Events::Rule', n => ({ Targets: Array(n).fill({}) })],
  ['bytes of an event pattern', 4_096, 'AWS::Events::Rule', n => ({ EventPattern: object(n) })],
  [
    "characters of an alarm's description",
    1_024,
    'AWS::CloudWatch::Alarm',
    n => ({ AlarmDescription: x(n) }),
  ],
  [
    'metrics and expressions of an alarm',
    20,
    'AWS::CloudWatch::Alarm',
    n => ({ Metrics: Array(n).fill({}) }),
  ],
  ["bytes of a function's variables", 4_096, 'AWS::Lambda::Function', n => ({ Environment: object(n) })],
];

function refusal(type: string, properties: Record<string, unknown>): string | undefined {
  const stack = new Stack(new App({ analyticsReporting: false }), 'keyturn-prod', {
    stackName: 'keyturn-prod',
  });
  new CfnResource(stack, 'It', { type, properties });
  refuseOverLimits(stack, 'prod');
  try {
    for (const validate of stack.node.validate()) throw new Error(validate);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(cases)(
  '%s: %d are taken, and one more is refused with its place and a fix',
  (what, limit, type, of) => {
    expect(refusal(type, of(limit))).toBeUndefined();
    const number = (value: number) => value.toLocaleString('en');
    expect(refusal(type, of(limit + 1))).toMatch(
      new RegExp(
        `^prod: keyturn-prod/It has ${number(limit + 1)} ${what}, and AWS allows ${number(limit)}; \\w`,
      ),
    );
  },
);

test.each([
  [
    'resources of a stack',
    500,
    (n: number) => ({
      Resources: Object.fromEntries(Array.from({ length: n }, (_, i) => [`R${i}`, { Type: 'T' }])),
    }),
  ],
  [
    'parameters of a stack',
    200,
    (n: number) => ({ Parameters: Object.fromEntries(Array.from({ length: n }, (_, i) => [`P${i}`, {}])) }),
  ],
  [
    'outputs of a stack',
    200,
    (n: number) => ({ Outputs: Object.fromEntries(Array.from({ length: n }, (_, i) => [`O${i}`, {}])) }),
  ],
  ['bytes of a template', 1_000_000, (n: number) => object(n)],
])('%s: %d', (what, limit, of) => {
  const use = (size: number) =>
    limitUses('keyturn-prod', of(size) as StackTemplate).find(one => one.what === what);
  expect(use(limit)).toMatchObject({ used: limit, limit, place: 'keyturn-prod' });
  expect(use(limit + 1)?.used).toBe(limit + 1);
});

test('what only CloudFormation knows is taken for long, and joined texts for what they are', () => {
  expect(
    asDeployed({ a: { Ref: 'It' }, b: { 'Fn::Join': ['/', ['one', { 'Fn::GetAtt': ['It', 'Arn'] }]] } }),
  ).toEqual({
    a: x(160),
    b: `one/${x(160)}`,
  });
  expect(jsonBytes({ ä: 1 })).toBe(8);
});

test('every kind of policy and every name of the templates is counted', () => {
  const counted = new Set<string>();
  const there = new Set<string>();
  for (const [stack, template] of Object.entries(templatesOf('every provider and option in aws'))) {
    for (const { place } of limitUses(stack, template).filter(({ what }) =>
      /policy|policies|the name of/.test(what),
    ))
      counted.add(place);
    for (const [id, { Properties = {} }] of Object.entries(template.Resources))
      if (Object.keys(Properties).some(property => /Policy$|Policies$|PolicyDocument$|Name$/.test(property)))
        there.add(`${stack}/${id}`);
  }
  // What only refers to something else by its name.
  const references = [...there].filter(place => !counted.has(place));
  const types = references.map(place => {
    const [stack = '', id = ''] = place.split('/');
    return templatesOf('every provider and option in aws')[stack]?.Resources[id]?.Type;
  });
  expect(new Set(types)).toEqual(
    new Set(
      ['AWS::Lambda::EventInvokeConfig', 'AWS::SNS::Subscription'].filter(type => types.includes(type)),
    ),
  );
});

test.each(Object.keys(configs))('%s: within every limit, and a tenth away from most', name => {
  const uses: LimitUse[] = Object.entries(templatesOf(name)).flatMap(([stack, template]) =>
    limitUses(stack, template),
  );
  const nearest = nearestUses(uses);
  expect(nearest.length).toBeGreaterThan(15);
  expect(nearest.filter(({ used, limit }) => used > limit)).toEqual([]);
  expect(nearest.filter(({ used, limit }) => used > limit * 0.9)).toEqual([]);
});
