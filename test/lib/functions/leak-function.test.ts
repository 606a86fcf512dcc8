// The function that the internet can reach: what its policy lets in, and what its role may do; and that there is none unless it is asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import { anonymous, type Caller } from '@keyturn/iam/request';
import { validateConfig } from '../../../lib/config/validate-config';
import { buildApp } from '../../../lib/stacks/app';
import { manyKeys } from '../../../rehearsal/world/configs/many-keys';

const account = '111111111111';
const region = 'eu-central-1';
const fn = `arn:aws:lambda:${region}:${account}:function:keyturn-prod-leak-report`;
const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function deployed(leakReports: object | undefined): Resource[] {
  const input = manyKeys({ count: 3, environment: 'prod', policy: 'prod' });
  Object.assign(input.environments.prod!, { leakReports });
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-leaks-'));
  directories.push(outdir);
  buildApp({ config: validateConfig(input), outdir }).synth();
  return readAssembly(outdir, ['keyturn-prod', 'keyturn-prod-server-0'], seededRandom(1)).resources;
}

const open = deployed({ from: ['github', 'trufflehog'] });
const peopleOnly = deployed({ from: [] });
const none = deployed(undefined);
const ofType = (resources: Resource[], type: string) => resources.filter(resource => resource.type === type);
const named = (resources: Resource[], type: string, part: string) =>
  ofType(resources, type).filter(({ ref }) => ref.includes(part));

const engine = new PolicyEngine(account);
for (const { arn, path, properties } of ofType(open, 'AWS::IAM::Role'))
  engine.addRole(
    String(arn),
    ((properties.Policies ?? []) as { PolicyDocument: object }[]).map(({ PolicyDocument }) => ({
      path,
      document: PolicyDocument,
    })),
  );
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
for (const name of ['platform-admin', 'developer'])
  engine.addForeignRole(roleArn(name), [
    { Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] },
  ]);
const as = (name: string): Caller => ({
  arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
  kind: 'role',
});
const policyOf = (resources: Resource[]) =>
  ofType(resources, 'AWS::Lambda::ResourcePolicy').find(({ properties }) => properties.ResourceArn === fn)
    ?.properties.PolicyDocument as object;

function isLetIn(
  resources: Resource[],
  caller: Caller,
  action: string,
  context: Record<string, string> = {},
  resource = fn,
): boolean {
  const isService: Record<string, string> =
    caller.kind === 'anonymous' ? {} : { 'aws:PrincipalIsAWSService': 'false' };
  return engine.authorize({
    caller,
    action: `lambda:${action}`,
    resource,
    context: { ...isService, ...context },
    resourceTags: {},
    resourcePolicy: policyOf(resources),
  }).allowed;
}

const toUrl = { 'lambda:FunctionUrlAuthType': 'NONE' };
const viaUrl = { 'lambda:InvokedViaFunctionUrl': 'true' };

test('everybody sends to the URL, and that alone', () => {
  expect(isLetIn(open, anonymous, 'InvokeFunctionUrl', toUrl)).toBe(true);
  expect(isLetIn(open, anonymous, 'InvokeFunction', viaUrl)).toBe(true);
  expect(isLetIn(open, anonymous, 'InvokeFunction')).toBe(false);
  expect(isLetIn(open, anonymous, 'InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': 'AWS_IAM' })).toBe(
    false,
  );
  // Versions have URLs of their own, and nobody is let in there.
  for (const version of [`${fn}:1`, `${fn}:live`])
    expect(isLetIn(open, anonymous, 'InvokeFunctionUrl', toUrl, version)).toBe(false);
});

test('admins call the function past the URL, and nobody else does, with every right of its own', () => {
  expect(isLetIn(open, as('platform-admin'), 'InvokeFunction')).toBe(true);
  for (const action of ['InvokeFunction', 'InvokeAsync'])
    for (const qualifier of ['', ':$LATEST', ':1'])
      expect(isLetIn(open, as('developer'), action, {}, fn + qualifier)).toBe(false);
  expect(isLetIn(open, as('developer'), 'InvokeFunction', { 'lambda:InvokedViaFunctionUrl': 'false' })).toBe(
    false,
  );
  for (const action of ['UpdateFunctionUrlConfig', 'DeleteFunctionUrlConfig', 'PutFunctionConcurrency'])
    expect([action, isLetIn(open, as('developer'), action)]).toEqual([action, false]);
});

test('every other function is as closed to URLs as before', () => {
  const others = ofType(open, 'AWS::Lambda::ResourcePolicy').filter(
    ({ properties }) => properties.ResourceArn !== fn,
  );
  expect(others.length).toBeGreaterThan(5);
  for (const { properties } of others) {
    const { Statement } = properties.PolicyDocument as { Statement: { Sid: string; Action: string[] }[] };
    expect(Statement.find(({ Sid }) => Sid === 'OnlyNamedCall')?.Action).toContain(
      'lambda:InvokeFunctionUrl',
    );
    expect(JSON.stringify(Statement)).not.toContain('FunctionUrlAuthType');
  }
});

test('the function reads keys and its tokens, writes signals, and can do nothing else', () => {
  const may = (action: string, resource: string, context: Record<string, string | string[]> = {}) =>
    engine.authorize({ caller: as('keyturn-prod-leak-report'), action, resource, context, resourceTags: {} })
      .allowed;
  const secret = (name: string) => `arn:aws:secretsmanager:${region}:${account}:secret:keyturn/prod/${name}`;
  const table = `arn:aws:dynamodb:${region}:${account}:table/keyturn-prod`;
  const at = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  expect(may('secretsmanager:GetSecretValue', secret('sendgrid/server-0/purpose-0-aaaaaa'))).toBe(true);
  expect(may('secretsmanager:GetSecretValue', secret('issuers/sendgrid-aaaaaa'))).toBe(false);
  expect(may('secretsmanager:PutSecretValue', secret('sendgrid/server-0/purpose-0-aaaaaa'))).toBe(false);
  for (const key of ['signal', 'leak']) expect(may('dynamodb:PutItem', table, at(key))).toBe(true);
  for (const key of ['incident', 'key', 'breaker'])
    expect(may('dynamodb:PutItem', table, at(key))).toBe(false);
  expect(may('dynamodb:PutItem', table)).toBe(false);
  expect(may('dynamodb:UpdateItem', table, at('signal'))).toBe(false);
  expect(may('lambda:InvokeFunction', fn)).toBe(false);
  expect(may('sns:Publish', `arn:aws:sns:${region}:${account}:keyturn-prod-oncall`)).toBe(false);
});

test('its calls are reserved, and its failures alarm people', () => {
  const [found] = named(open, 'AWS::Lambda::Function', 'leak-report');
  expect(found?.properties.ReservedConcurrentExecutions).toBe(5);
  const [alarm] = named(open, 'AWS::CloudWatch::Alarm', 'leak-reports-failed');
  expect(alarm?.properties).toMatchObject({
    MetricName: 'Errors',
    Namespace: 'AWS/Lambda',
    Dimensions: [{ Name: 'FunctionName', Value: 'keyturn-prod-leak-report' }],
    Statistic: 'Sum',
    Period: 3600,
  });
});

test('there is a URL and a token for each scanner that is named, and none for others', () => {
  expect(ofType(open, 'AWS::Lambda::Url')).toHaveLength(1);
  const tokens = (resources: Resource[]) =>
    ofType(resources, 'AWS::SecretsManager::Secret')
      .map(({ properties }) => String(properties.Name))
      .filter(name => name.includes('leak-reports'));
  expect(tokens(open)).toEqual(['keyturn/prod/issuers/leak-reports-trufflehog']);
  expect(ofType(peopleOnly, 'AWS::Lambda::Url')).toEqual([]);
  expect(tokens(peopleOnly)).toEqual([]);
  expect(isLetIn(peopleOnly, anonymous, 'InvokeFunctionUrl', toUrl)).toBe(false);
  expect(isLetIn(peopleOnly, as('developer'), 'InvokeFunctionUrl', toUrl)).toBe(false);
});

test('without the option nothing of it is there, and no secret lets its function read', () => {
  expect(JSON.stringify(none)).not.toContain('leak-report');
  const policies = ofType(open, 'AWS::SecretsManager::ResourcePolicy').filter(
    ({ stack }) => stack !== 'keyturn-prod',
  );
  expect(policies).toHaveLength(3);
  for (const policy of policies) expect(JSON.stringify(policy)).toContain(':role/keyturn-prod-leak-report');
});
