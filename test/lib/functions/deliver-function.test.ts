// The function that brings keys to where servers run: there only where it is needed, and let to nothing but what the configuration names.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import { validateConfig } from '../../../lib/config/validate-config';
import { buildApp } from '../../../lib/stacks/app';
import { manyKeys } from '../../../rehearsal/world/configs/many-keys';
import type { DeliveryTarget } from '../../../targets/targets';
import { runFolder } from '../../support/run-folder';
import { withoutCode } from '../support/example-app';

const account = '111111111111';
const region = 'eu-central-1';
const ecs: DeliveryTarget = { to: 'ecs', cluster: 'mcp', service: 'bot' };

function deployed(deliverTo: DeliveryTarget[]): Resource[] {
  const input = manyKeys({ count: 3, environment: 'prod', policy: 'prod' });
  const [first] = Object.values(input.servers);
  const [key] = first?.keys ?? [];
  Object.assign(key ?? {}, { deliverTo });
  const outdir = mkdtempSync(join(runFolder(), 'deliver-'));
  buildApp({ config: validateConfig(input), outdir, context: withoutCode }).synth();
  return readAssembly(outdir, ['keyturn-prod', 'keyturn-prod-server-0'], seededRandom(1)).resources;
}

const delivering = deployed([ecs]);
const none = deployed([]);
const toFunctions = deployed([
  { to: 'lambda', function: 'plain' },
  { to: 'lambda', function: 'served', alias: 'live' },
]);
const ofType = (resources: Resource[], type: string) => resources.filter(resource => resource.type === type);

const engine = new PolicyEngine(account);
for (const { arn, path, properties } of ofType(delivering, 'AWS::IAM::Role'))
  engine.addRole(
    String(arn),
    ((properties.Policies ?? []) as { PolicyDocument: object }[]).map(({ PolicyDocument }) => ({
      path,
      document: PolicyDocument,
    })),
  );
for (const name of ['platform-admin', 'developer'])
  engine.addForeignRole(`arn:aws:iam::${account}:role/${name}`, [
    { Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] },
  ]);

/** @returns whether the role of the function may */
function rightsIn(resources: Resource[]): (action: string, resource: string) => boolean {
  const rights = new PolicyEngine(account);
  for (const { arn, properties } of ofType(resources, 'AWS::IAM::Role'))
    rights.addRole(
      String(arn),
      ((properties.Policies ?? []) as { PolicyDocument: object }[]).map(({ PolicyDocument }, at) => ({
        path: String(at),
        document: PolicyDocument,
      })),
    );
  return (action, resource) =>
    rights.authorize({
      caller: { arn: `arn:aws:sts::${account}:assumed-role/keyturn-prod-deliver/session`, kind: 'role' },
      action,
      resource,
      context: { 'aws:PrincipalIsAWSService': 'false' },
      resourceTags: {},
    }).allowed;
}
const onFunctions = rightsIn(toFunctions);
const inAgentCore = rightsIn(
  deployed([
    { to: 'agentcore-runtime', runtime: 'bot-a1B2c3D4e5' },
    { to: 'agentcore-identity', credentialProvider: 'bot' },
  ]),
);

function may(
  role: string,
  action: string,
  resource: string,
  more: { policy?: object; context?: object } = {},
) {
  return engine.authorize({
    caller: { arn: `arn:aws:sts::${account}:assumed-role/${role}/session`, kind: 'role' },
    action,
    resource,
    context: { 'aws:PrincipalIsAWSService': 'false', ...more.context },
    resourceTags: {},
    ...(more.policy && { resourcePolicy: more.policy }),
  }).allowed;
}
const deliver = (action: string, resource: string, context = {}) =>
  may('keyturn-prod-deliver', action, resource, { context });
const service = (name: string) => `arn:aws:ecs:${region}:${account}:service/${name}`;

test('an environment that delivers nothing has none of it', () => {
  const texts = JSON.stringify(none);
  for (const part of ['function:keyturn-prod-deliver', '"delivery"', 'ecs:UpdateService', 'deliver-hourly'])
    expect([part, texts.includes(part), JSON.stringify(delivering).includes(part)]).toEqual([
      part,
      false,
      true,
    ]);
});

test('it starts and describes the service that the configuration names, and no other', () => {
  for (const action of ['ecs:UpdateService', 'ecs:DescribeServices']) {
    expect(deliver(action, service('mcp/bot'))).toBe(true);
    for (const other of ['mcp/bot-2', 'other/bot', 'mcp/other'])
      expect(deliver(action, service(other))).toBe(false);
  }
  for (const action of [
    'ecs:DeleteService',
    'ecs:RunTask',
    'ecs:RegisterTaskDefinition',
    'ecs:ExecuteCommand',
  ])
    expect(deliver(action, service('mcp/bot'))).toBe(false);
  expect(deliver('iam:PassRole', `arn:aws:iam::${account}:role/bot`)).toBe(false);
});

test('of functions it changes those that the configuration names, and moves an alias only where it names one', () => {
  const calls = (name: string) =>
    [
      'GetFunctionConfiguration',
      'UpdateFunctionConfiguration',
      'GetAlias',
      'PublishVersion',
      'UpdateAlias',
      'UpdateFunctionCode',
      'AddPermission',
      'InvokeFunction',
      'DeleteFunction',
    ].filter(action =>
      onFunctions(`lambda:${action}`, `arn:aws:lambda:${region}:${account}:function:${name}`),
    );
  const changes = ['GetFunctionConfiguration', 'UpdateFunctionConfiguration'];
  const moves = ['GetAlias', 'PublishVersion', 'UpdateAlias'];
  expect(['plain', 'served', 'served:live', 'served:other', 'plain:1', 'served-2'].map(calls)).toEqual([
    changes,
    [...changes, ...moves],
    ['GetFunctionConfiguration'],
    [],
    [],
    [],
  ]);
});

test('of AgentCore it looks at what the configuration names, and changes nothing', () => {
  const actions = [
    'GetAgentRuntime',
    'GetApiKeyCredentialProvider',
    'UpdateAgentRuntime',
    'UpdateApiKeyCredentialProvider',
    'GetResourceApiKey',
    'InvokeAgentRuntime',
    'StopRuntimeSession',
  ];
  const vault = 'token-vault/default';
  const allowed = (resource: string) =>
    actions.filter(action =>
      inAgentCore(
        `bedrock-agentcore:${action}`,
        `arn:aws:bedrock-agentcore:${region}:${account}:${resource}`,
      ),
    );
  expect(
    [
      'runtime/bot-a1B2c3D4e5',
      'runtime/bot-ZZZZZZZZZZ',
      `${vault}/apikeycredentialprovider/bot`,
      `${vault}/apikeycredentialprovider/bot-2`,
    ].map(allowed),
  ).toEqual([['GetAgentRuntime'], [], ['GetApiKeyCredentialProvider'], []]);
});

test('it reads no key that a service takes by itself, and writes nothing but how far it is', () => {
  const [secret] = ofType(delivering, 'AWS::SecretsManager::Secret').filter(
    ({ properties }) => String(properties.Name).split('/').length === 5,
  );
  const arn = `arn:aws:secretsmanager:${region}:${account}:secret:${secret?.properties.Name}-AbCdEf`;
  expect(deliver('secretsmanager:DescribeSecret', arn)).toBe(true);
  for (const action of ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'RotateSecret'])
    expect([action, deliver(`secretsmanager:${action}`, arn)]).toEqual([action, false]);
  const table = `arn:aws:dynamodb:${region}:${account}:table/keyturn-prod`;
  const item = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  expect(deliver('dynamodb:UpdateItem', table, item('delivery'))).toBe(true);
  for (const key of ['incident', 'key', 'signal', 'attempt#prod/sendgrid/server-0'])
    expect(deliver('dynamodb:UpdateItem', table, item(key))).toBe(false);
});

test('the retire function sees what is delivered, and the table takes it from the deliver function', () => {
  const table = `arn:aws:dynamodb:${region}:${account}:table/keyturn-prod`;
  const [resource] = ofType(delivering, 'AWS::DynamoDB::Table');
  const { PolicyDocument: policy } = (resource?.properties.ResourcePolicy ?? {}) as {
    PolicyDocument?: object;
  };
  if (!policy) throw new Error('the table has no policy');
  const context = { 'dynamodb:LeadingKeys': ['delivery'] };
  expect(may('keyturn-prod-retire', 'dynamodb:GetItem', table, { policy, context })).toBe(true);
  expect(may('keyturn-prod-deliver', 'dynamodb:UpdateItem', table, { policy, context })).toBe(true);
  expect(may('developer', 'dynamodb:UpdateItem', table, { policy, context })).toBe(false);
});

test('nobody but its rules and admins calls it, and nobody but they and deployers change it', () => {
  const fn = `arn:aws:lambda:${region}:${account}:function:keyturn-prod-deliver`;
  const [guard] = ofType(delivering, 'AWS::Lambda::ResourcePolicy').filter(
    ({ properties }) => properties.ResourceArn === fn,
  );
  const policy = guard?.properties.PolicyDocument as object;
  expect(may('platform-admin', 'lambda:InvokeFunction', fn, { policy })).toBe(true);
  for (const action of ['InvokeFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'])
    expect([action, may('developer', `lambda:${action}`, fn, { policy })]).toEqual([action, false]);
});

test('one rule brings new keys of this environment, the other one runs every hour', () => {
  const rules = ofType(delivering, 'AWS::Events::Rule')
    .map(({ properties }) => properties)
    .filter(({ Name }) => String(Name).startsWith('keyturn-prod-deliver-'));
  expect(rules).toEqual([
    expect.objectContaining({
      Name: 'keyturn-prod-deliver-changed',
      EventPattern: {
        source: ['keyturn'],
        'detail-type': ['Key Rotated', 'Key Contained'],
        detail: { environment: ['prod'] },
      },
    }),
    expect.objectContaining({ Name: 'keyturn-prod-deliver-hourly', ScheduleExpression: 'rate(1 hour)' }),
  ]);
});

describe('a token of places outside AWS', () => {
  const outside = deployed([
    { to: 'github-actions', repository: 'example/reports', secret: 'API_KEY' },
    { to: 'github-actions', repository: 'example/other', secret: 'API_KEY' },
  ]);
  const secret = outside.find(({ properties }) => properties.Name === 'keyturn/prod/issuers/github-actions');

  test('has one secret, which the deliver function may read, and no other function', () => {
    const tokens = ofType(outside, 'AWS::SecretsManager::Secret').map(({ properties }) => properties.Name);
    expect(tokens.filter(name => String(name).startsWith('keyturn/prod/issuers/'))).toEqual(
      expect.arrayContaining(['keyturn/prod/issuers/github-actions']),
    );
    expect(tokens).not.toContain('keyturn/prod/issuers/cloudflare-worker');
    const arn = String(secret?.arn);
    expect(rightsIn(outside)('secretsmanager:GetSecretValue', arn)).toBe(true);
    expect(rightsIn(outside)('secretsmanager:PutSecretValue', arn)).toBe(false);
    const policies = ofType(outside, 'AWS::SecretsManager::ResourcePolicy').filter(
      ({ properties }) => properties.SecretId === arn,
    );
    const [reads] = policies.flatMap(
      ({ properties }) => (properties.ResourcePolicy as { Statement: object[] }).Statement,
    );
    expect(reads).toMatchObject({
      Effect: 'Deny',
      Action: 'secretsmanager:GetSecretValue',
      Condition: {
        ArnNotLike: {
          'aws:PrincipalArn': [`arn:aws:iam::${account}:role/keyturn-prod-deliver`, expect.any(String)],
        },
      },
    });
  });

  test('of another kind is not to be read, and where there is none, there is no leave to read one', () => {
    const may = rightsIn(delivering);
    expect(may('secretsmanager:GetSecretValue', String(secret?.arn))).toBe(false);
    expect(JSON.stringify(delivering)).not.toContain('PlaceTokens');
  });
});
