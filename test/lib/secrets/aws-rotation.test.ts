// What AWS gets that rotates a key itself: a secret of its partner's type, a role for that secret alone, and a schedule.
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { AwsRotator, KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { addEnvironmentStacks } from '../../../lib/stacks/environment-stacks';
import { prod } from '../support/prod';

const adminSecretArn = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:confluent-admin-AbCdEf';

function synthesized(rotatedBy: AwsRotator) {
  const input: KeysInput = {
    environments: { prod },
    servers: {
      bot: {
        team: 'support',
        roles: { prod: 'arn:aws:iam::333333333333:role/bot' },
        keys: [
          {
            provider: 'confluent',
            settings: { serviceAccount: 'sa-abc123' },
            env: { CONFLUENT_CLOUD_API_SECRET: 'apiSecret' },
            rotatedBy,
            rotationMetadata: { adminSecretArn },
          },
        ],
      },
    },
  };
  const app = new App({ context: { '@aws-cdk/core:bootstrapQualifier': 'test' } });
  for (const environment of validateConfig(input).environments) addEnvironmentStacks(app, environment);
  const assembly = app.synth();
  const stack = (name: string) => Template.fromJSON(assembly.getStackByName(name).template);
  return { server: stack('keyturn-prod-bot'), platform: stack('keyturn-prod') };
}

const on = synthesized('aws');
const later = synthesized('aws-once-adopted');
const secret = { Ref: Match.stringLikeRegexp('^confluent') };

test('the secret is of its type, and starts without a value', () => {
  for (const { server } of [on, later])
    server.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'keyturn/prod/confluent/bot/main',
      Type: 'ConfluentCloudApiKey',
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    });
});

test("AWS rotates it by the key's schedule, with a role and what it is told, and never at a deploy", () => {
  on.server.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    SecretId: secret,
    RotationLambdaARN: Match.absent(),
    ExternalSecretRotationRoleArn: Match.objectLike({}),
    ExternalSecretRotationMetadata: [{ Key: 'adminSecretArn', Value: adminSecretArn }],
    RotateImmediatelyOnUpdate: false,
    RotationRules: { ScheduleExpression: Match.stringLikeRegexp('^cron'), Duration: Match.anyValue() },
  });
});

test('until its first value is adopted, nothing is scheduled', () => {
  later.server.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
});

test('Secrets Manager alone acts with the role, for this secret, and reads the secret of the admin', () => {
  on.server.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'keyturn-prod-rotation-bot',
    AssumeRolePolicyDocument: {
      Statement: [
        Match.objectLike({
          Principal: { Service: 'secretsmanager.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '333333333333' },
            ArnLike: { 'aws:SourceArn': [secret] },
          },
        }),
      ],
    },
    Policies: [
      Match.objectLike({
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: [
                'secretsmanager:DescribeSecret',
                'secretsmanager:GetSecretValue',
                'secretsmanager:PutSecretValue',
                'secretsmanager:UpdateSecretVersionStage',
              ],
              Resource: secret,
              Condition: { StringEquals: { 'secretsmanager:resource/Type': ['ConfluentCloudApiKey'] } },
            }),
            Match.objectLike({ Sid: 'ReadsAdmin', Resource: adminSecretArn }),
          ]),
        },
      }),
    ],
  });
});

test('the schedule waits for the role and its policy', () => {
  const [schedule] = Object.values(on.server.findResources('AWS::SecretsManager::RotationSchedule'));
  const [role] = Object.keys(on.server.findResources('AWS::IAM::Role'));
  expect(schedule?.DependsOn).toEqual(expect.arrayContaining([role]));
});

test('no function of Keyturn rotates it, and none may write it but those that end keys', () => {
  on.platform.resourcePropertiesCountIs(
    'AWS::Lambda::Function',
    { FunctionName: 'keyturn-prod-rotate-confluent' },
    0,
  );
  const [policy] = Object.values(on.server.findResources('AWS::SecretsManager::ResourcePolicy'));
  const statements = policy?.Properties.ResourcePolicy.Statement as { Sid: string; Condition?: object }[];
  const writers = JSON.stringify(statements.find(({ Sid }) => Sid === 'OnlyKeyturnWrites'));
  for (const role of ['rotation-bot', 'retire', 'emergency-revoke'])
    expect(writers).toContain(`keyturn-prod-${role}`);
  expect(writers).not.toContain('rotate-');
});

test("the environment's key serves the role", () => {
  const [key] = Object.values(on.platform.findResources('AWS::KMS::Key'));
  const statements = key?.Properties.KeyPolicy.Statement as { Sid: string }[];
  const encrypts = JSON.stringify(statements.find(({ Sid }) => Sid === 'OnlyKeyturnEncrypts'));
  expect(encrypts).toContain('keyturn-prod-rotation-bot');
});
