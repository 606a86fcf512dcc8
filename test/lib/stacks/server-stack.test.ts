import { Match } from 'aws-cdk-lib/assertions';
import { exampleConfig } from '../support/example-config';
import { resourcesOf, templateOf } from '../support/example-environments';

const prod = templateOf('keyturn-prod-support-bot');
const dev = templateOf('keyturn-dev-support-bot');
const secretNames = (stack: string) =>
  Object.values(resourcesOf(stack))
    .filter(({ Type }) => Type === 'AWS::SecretsManager::Secret')
    .map(({ Properties }) => Properties.Name);

test('a server has exactly the secrets of its keys in that environment', () => {
  expect(secretNames('keyturn-prod-support-bot')).toEqual([
    'keyturn/prod/sendgrid/support-bot/main',
    'keyturn/prod/okta/support-bot/main',
    'keyturn/prod/self-issued/support-bot/clients',
  ]);
  expect(secretNames('keyturn-dev-support-bot')).toEqual([
    'keyturn/dev/sendgrid/support-bot/main',
    'keyturn/dev/self-issued/support-bot/clients',
  ]);
});

test('a secret starts unissued, under the key of its environment, and tells what it is for', () => {
  prod.hasResourceProperties('AWS::SecretsManager::Secret', {
    Name: 'keyturn/prod/sendgrid/support-bot/main',
    SecretString: '{"state":"unissued"}',
    KmsKeyId: { 'Fn::ImportValue': 'keyturn-prod-key-arn' },
    Tags: Match.arrayWith(
      [
        ['environment', 'prod'],
        ['provider', 'sendgrid'],
        ['purpose', 'main'],
        ['server', 'support-bot'],
        ['team', 'support'],
        ['tier', 'high'],
      ].map(([key, Value]) => ({ Key: `keyturn:${key}`, Value })),
    ),
  });
});

test("a secret's description is one sentence for people", () => {
  const [secret] = Object.values(prod.findResources('AWS::SecretsManager::Secret'));
  expect(secret!.Properties.Description).toBe(
    'SendGrid key of support-bot (support) in prod, made and rotated by Keyturn.',
  );
});

test('prod keeps secrets and their policies when a stack lets go of them; other environments do not', () => {
  for (const type of ['AWS::SecretsManager::Secret', 'AWS::SecretsManager::ResourcePolicy']) {
    prod.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    dev.allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  }
});

test('every key rotates on its schedule, by the function of its provider, and never at deploy', () => {
  const keys = exampleConfig.environments[1]!.servers[0]!.keys;
  prod.resourceCountIs('AWS::SecretsManager::RotationSchedule', keys.length);
  for (const { address, schedule } of keys) {
    prod.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationLambdaARN: `arn:aws:lambda:us-east-1:333333333333:function:keyturn-prod-rotate-${address.provider}`,
      RotationRules: { ScheduleExpression: schedule.cron, Duration: '2h' },
      RotateImmediatelyOnUpdate: false,
    });
  }
});

test('the stacks need nothing of each other but the order, and which KMS key is theirs', () => {
  for (const [name, template] of Object.entries({ prod, dev })) {
    const imports = JSON.stringify(template.toJSON()).match(/"Fn::(ImportValue|GetStackOutput)":[^}]*/g);
    expect([...new Set(imports)]).toEqual([`"Fn::ImportValue":"keyturn-${name}-key-arn"`]);
    expect(template.toJSON().Outputs).toBeUndefined();
    expect(Object.values(templateOf(`keyturn-${name}`).toJSON().Outputs)).toMatchObject([
      { Export: { Name: `keyturn-${name}-key-arn` } },
    ]);
  }
});

test('what its role may count is its own use alone', () => {
  prod.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  prod.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    ManagedPolicyName: 'keyturn-prod-support-bot-usage',
    Roles: Match.absent(),
    PolicyDocument: {
      Statement: [
        {
          Sid: 'CountsUse',
          Effect: 'Allow',
          Action: 'cloudwatch:PutMetricData',
          Resource: '*',
          Condition: { StringEquals: { 'cloudwatch:namespace': 'Keyturn/prod/support-bot' } },
        },
      ],
    },
  });
});
