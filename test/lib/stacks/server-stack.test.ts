import { Match } from 'aws-cdk-lib/assertions';
import { readDescription } from '../../../core/key/key-spec';
import { exampleConfig } from './example-config';
import { resourcesOf, templateOf } from './example-environments';

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
    KmsKeyId: 'alias/keyturn-prod',
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

test("a secret's description holds the spec that functions read", () => {
  const [secret] = Object.values(prod.findResources('AWS::SecretsManager::Secret'));
  const key = exampleConfig.environments[1]!.servers[0]!.keys[0]!;
  expect(readDescription(secret!.Properties.Description, 'sendgrid')).toEqual(key.spec);
  expect(secret!.Properties.Description).toMatch(
    /^SendGrid key of support-bot \(support\) in prod, made and rotated by Keyturn\. /,
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

test('the stacks need nothing of each other but the order', () => {
  for (const template of [prod, dev]) {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput/);
    expect(template.toJSON().Outputs).toBeUndefined();
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
