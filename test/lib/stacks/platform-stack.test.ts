import { Match, type Template } from 'aws-cdk-lib/assertions';
import { resourcesOf, templateOf } from '../support/example-environments';

const prod = templateOf('keyturn-prod');
const dev = templateOf('keyturn-dev');
const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:333333333333:secret:${name}`;

interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

function statementsOf(roleName: string): Statement[] {
  const roles = prod.findResources('AWS::IAM::Role', { Properties: { RoleName: roleName } });
  const [role] = Object.values(roles) as {
    Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] };
  }[];
  return role!.Properties.Policies.flatMap(policy => policy.PolicyDocument.Statement);
}

const ownLog = expect.objectContaining({
  Sid: 'OwnLog',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
});

test('there is one rotation function for each provider in use, and no other', () => {
  const names = (template: Template) =>
    Object.values(template.findResources('AWS::Lambda::Function')).map(found =>
      String(found.Properties.FunctionName).replace(/^keyturn-(prod|dev)-/, ''),
    );
  const shared = ['audit', 'emergency-revoke', 'removal-guard', 'retire', 'tell', 'watch'];
  const rotate = (...providers: string[]) => providers.map(provider => `rotate-${provider}`);
  expect(names(prod).sort()).toEqual(
    [...shared, ...rotate('auth0', 'okta', 'self-issued', 'sendgrid')].sort(),
  );
  expect(names(dev).sort()).toEqual([...shared, ...rotate('self-issued', 'sendgrid')].sort());
});

test('the dashboard shows use, refusals, ages and incidents of this environment, by search', () => {
  const [dashboard] = Object.values(prod.findResources('AWS::CloudWatch::Dashboard'));
  expect(dashboard!.Properties.DashboardName).toBe('keyturn-prod-keys');
  const { widgets } = JSON.parse(dashboard!.Properties.DashboardBody) as {
    widgets: { properties: { region: string; metrics: { expression: string }[][] } }[];
  };
  const searches = widgets.flatMap(({ properties }) => properties.metrics.flat());
  const metrics = searches.map(({ expression }) => /MetricName="(\w+)"/.exec(expression)![1]);
  expect([...new Set(metrics)]).toEqual([
    'Requests',
    'AuthFailures',
    'SupersededUses',
    'StaleServes',
    'OldestKeyDays',
    'OverdueKeys',
    'Incidents',
    'Contained',
    'NobodyTold',
  ]);
  // A search knows no part of a namespace, so there is one for each server.
  for (const { expression } of searches)
    expect(expression).toMatch(/environment="prod"|^SEARCH\('\{"Keyturn\/prod\/[a-z-]+",environment,/);
  expect(searches.map(({ expression }) => expression)).toContain(
    `SEARCH('{"Keyturn/prod/support-bot",environment,server,provider,purpose} MetricName="Requests"', 'Sum', 300)`,
  );
  for (const { properties } of widgets) expect(properties.region).toBe('us-east-1');
});

test('on-call hears of keys that no rotation reaches any more', () => {
  prod.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'keyturn-prod-overdue',
    Namespace: 'Keyturn',
    MetricName: 'OverdueKeys',
    Dimensions: [{ Name: 'environment', Value: 'prod' }],
    Threshold: 0,
    AlarmActions: ['arn:aws:sns:us-east-1:333333333333:keyturn-prod-alarms'],
  });
});

test('all functions share one asset', () => {
  const functions = Object.values(prod.findResources('AWS::Lambda::Function'));
  expect(new Set(functions.map(found => found.Properties.Code.S3Key)).size).toBe(1);
});

test('functions run Node 24 on arm64, with source maps, JSON logs and a log of their own', () => {
  for (const found of Object.values(prod.findResources('AWS::Lambda::Function'))) {
    expect(found.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: expect.stringMatching(
        /^(rotate|retire|emergency-revoke|watch|audit|tell|removal-guard)\.handler$/,
      ),
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
    });
    expect(found.Properties.Environment.Variables).toMatchObject({
      KEYTURN_ENVIRONMENT: 'prod',
      NODE_OPTIONS: '--enable-source-maps',
      POWERTOOLS_SERVICE_NAME: 'keyturn',
    });
  }
  prod.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'keyturn-prod-rotate-sendgrid',
    Handler: 'rotate.handler',
    Timeout: 300,
    Environment: { Variables: { KEYTURN_PROVIDER: 'sendgrid' } },
  });
});

test('logs are kept for a year in prod, for a month elsewhere', () => {
  prod.hasResource('AWS::Logs::LogGroup', {
    Properties: { LogGroupName: '/aws/lambda/keyturn-prod-rotate-sendgrid', RetentionInDays: 365 },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
  dev.hasResource('AWS::Logs::LogGroup', {
    Properties: { LogGroupName: '/aws/lambda/keyturn-dev-rotate-sendgrid', RetentionInDays: 30 },
    DeletionPolicy: 'Delete',
  });
});

function issuerId(provider: string): string {
  const ofProvider = { Properties: { Name: `keyturn/prod/issuers/${provider}` } };
  const [id] = Object.keys(prod.findResources('AWS::SecretsManager::Secret', ofProvider));
  return id!;
}

test("a rotation function reaches its provider's keys and issuer credential, its event source and its log: nothing else", () => {
  expect(statementsOf('keyturn-prod-rotate-sendgrid')).toEqual([
    {
      Sid: 'KeysOfProvider',
      Effect: 'Allow',
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Resource: secret('keyturn/prod/sendgrid/*'),
    },
    expect.objectContaining({ Sid: 'Attempts' }),
    {
      Sid: 'TellsEventBus',
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: 'arn:aws:events:us-east-1:333333333333:event-bus/default',
      Condition: { StringEquals: { 'events:source': 'keyturn' } },
    },
    expect.objectContaining({ Sid: 'CertifiesEnds' }),
    {
      Sid: 'IssuerCredential',
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      // With the suffix of this stack's own secret, whoever else creates one by that name.
      Resource: { Ref: issuerId('sendgrid') },
    },
    ownLog,
  ]);
});

test('where Keyturn makes keys by itself there is no issuer credential, and nothing that reads one', () => {
  const sids = statementsOf('keyturn-prod-rotate-self-issued').map(({ Sid }) => Sid);
  expect(sids).toEqual(['KeysOfProvider', 'TellsEventBus', 'CertifiesEnds', 'OwnLog']);
  const issuers = Object.values(prod.findResources('AWS::SecretsManager::Secret')).map(
    found => found.Properties.Name,
  );
  expect(issuers).toEqual(['auth0', 'okta', 'sendgrid'].map(name => `keyturn/prod/issuers/${name}`));
});

test('the retire function reads and relabels keys of the providers in use, starts rotations, and cannot store a value', () => {
  const statements = statementsOf('keyturn-prod-retire');
  expect([...new Set(statements.flatMap(({ Action }) => Action))].sort()).toEqual([
    'cloudwatch:GetMetricData',
    ...['GetItem', 'PutItem', 'Query', 'UpdateItem'].map(action => `dynamodb:${action}`),
    'events:PutEvents',
    'lambda:InvokeFunction',
    ...['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action}`),
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:ListSecretVersionIds',
    'secretsmanager:ListSecrets',
    'secretsmanager:RotateSecret',
    'secretsmanager:UpdateSecretVersionStage',
    'sns:GetSubscriptionAttributes',
    'sns:ListSubscriptionsByTopic',
    'sns:Publish',
    'sqs:SendMessage',
  ]);
  expect(statements.find(({ Sid }) => Sid === 'Keys')!.Resource).toEqual(
    ['auth0', 'okta', 'self-issued', 'sendgrid'].map(provider => secret(`keyturn/prod/${provider}/*`)),
  );
  // Auth0 has nothing to revoke: installing the new secret has ended the old one.
  expect(statements.find(({ Sid }) => Sid === 'IssuerCredentials')!.Resource).toEqual(
    ['okta', 'sendgrid'].map(provider => ({ Ref: issuerId(provider) })),
  );
});

test('every grant has a name, so that the rehearsal can say which was never used', () => {
  const unnamed = ({ Statement }: { Statement: Statement[] }) => Statement.filter(({ Sid }) => !Sid);
  const documents = Object.values(resourcesOf('keyturn-prod')).flatMap(({ Type, Properties }) => {
    if (Type === 'AWS::SQS::QueuePolicy') return []; // CDK's own: denies plain HTTP, grants nothing
    const policies = (Properties.Policies ?? []) as { PolicyDocument: unknown }[];
    const { PolicyDocument: ofTable } = (Properties.ResourcePolicy ?? {}) as { PolicyDocument?: unknown };
    const documents = [Properties.KeyPolicy, Properties.PolicyDocument, ofTable ?? Properties.ResourcePolicy];
    return [...documents, ...policies.map(policy => policy.PolicyDocument)].filter(Boolean);
  }) as { Statement: Statement[] }[];
  expect(documents.length).toBeGreaterThan(10);
  expect(documents.flatMap(unnamed)).toEqual([]);
});

test('the retire function runs every hour', () => {
  prod.hasResourceProperties('AWS::Events::Rule', {
    Name: 'keyturn-prod-retire-hourly',
    ScheduleExpression: 'rate(1 hour)',
  });
});

test("the environment's key is used through Secrets Manager, for Keyturn's secrets, and rotates", () => {
  prod.hasResource('AWS::KMS::Key', {
    Properties: {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          {
            Sid: 'SecretsAreRead',
            Effect: 'Allow',
            Principal: { AWS: '*' },
            Action: 'kms:Decrypt',
            Resource: '*',
            Condition: {
              StringEquals: {
                'kms:CallerAccount': '333333333333',
                'kms:ViaService': ['secretsmanager.us-east-1.amazonaws.com'],
              },
              StringLike: { 'kms:EncryptionContext:SecretARN': secret('keyturn/prod/*') },
            },
          },
        ]),
      },
    },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
  prod.hasResource('AWS::KMS::Alias', {
    Properties: { AliasName: 'alias/keyturn-prod' },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
});

test('nobody but the services can use the key, not even the account', () => {
  const [key] = Object.values(prod.findResources('AWS::KMS::Key'));
  const direct = key!.Properties.KeyPolicy.Statement.filter(
    ({ Condition }: { Condition?: { StringEquals?: object } }) =>
      !('kms:ViaService' in (Condition?.StringEquals ?? {})),
  ).filter(({ Principal }: { Principal: object }) => !('Service' in Principal));
  expect(direct.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
    'AccountLooks',
    'AccountIsTold',
    'DeployersAdminister',
  ]);
  const actions = direct.flatMap(({ Action }: { Action: string | string[] }) => Action);
  expect(actions.filter((action: string) => /\*|crypt|GenerateDataKey|CreateGrant/.test(action))).toEqual([]);
});
