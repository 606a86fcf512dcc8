// What the deployed policies promise, asked of the policy engine: who may do what, and beside each the nearest who may not.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import type { Caller } from '@keyturn/iam/request';
import { assemblyDirectory } from './example-environments';

const account = '333333333333';
const stranger = '999999999999';
const region = 'us-east-1';
const { resources } = readAssembly(
  assemblyDirectory,
  ['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-sales-bot'],
  seededRandom(1),
);

const engine = new PolicyEngine(account);
for (const { type, arn, path, properties } of resources) {
  if (type !== 'AWS::IAM::Role' || !arn) continue;
  const policies = (properties.Policies ?? []) as { PolicyDocument: object }[];
  engine.addRole(
    arn,
    policies.map(({ PolicyDocument }) => ({ path, document: PolicyDocument })),
  );
}
const server = `arn:aws:iam::${account}:role/services/support-bot`;
const admin = `arn:aws:iam::${account}:role/AdministratorAccess`;
engine.addForeignRole(server, []);
engine.addForeignRole(admin, [{ Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] }]);

const role = (name: string): Caller => ({
  arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
  kind: 'role',
});
const service = (name: string): Caller => ({ arn: name, kind: 'service', service: name });

function one(type: string, has: (properties: Record<string, unknown>) => boolean): Resource {
  const found = resources.filter(resource => resource.type === type && has(resource.properties));
  expect(found).toHaveLength(1);
  return found[0] as Resource;
}

interface Call {
  caller: Caller;
  action: string;
  resource: string;
  context?: Record<string, string>;
  resourcePolicy?: unknown;
}

function isAllowed({ context = {}, resourcePolicy, ...call }: Call): boolean {
  return engine.authorize({
    ...call,
    context,
    resourceTags: {},
    ...(resourcePolicy !== undefined && { resourcePolicy: resourcePolicy as object }),
  }).allowed;
}

const secret = (name: string) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
const reads = 'secretsmanager:GetSecretValue';
const stores = 'secretsmanager:PutSecretValue';

describe("what each function's role reaches", () => {
  const rotate = 'keyturn-prod-rotate-sendgrid';
  const key = 'keyturn/prod/sendgrid/support-bot/main';

  test.each([
    [rotate, reads, key, true],
    [rotate, stores, key, true],
    [rotate, reads, 'keyturn/prod/issuers/sendgrid', true],
    [rotate, stores, 'keyturn/prod/issuers/sendgrid', false],
    [rotate, reads, 'keyturn/prod/issuers/sendgrid-eu', false],
    [rotate, reads, 'keyturn/prod/issuers/okta', false],
    [rotate, reads, 'keyturn/prod/sendgrid-eu/support-bot/main', false],
    [rotate, reads, 'keyturn/prod/okta/support-bot/main', false],
    [rotate, reads, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    [rotate, reads, 'keyturn/dev/sendgrid/support-bot/main', false],
    ['keyturn-prod-retire', reads, key, true],
    ['keyturn-prod-retire', stores, key, false],
    ['keyturn-prod-retire', reads, 'keyturn/prod/issuers/sendgrid', true],
    ['keyturn-prod-retire', reads, 'keyturn/prod/issuers/auth0', false],
    ['keyturn-prod-retire', reads, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    ['keyturn-prod-emergency-revoke', stores, key, true],
    ['keyturn-prod-emergency-revoke', stores, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    ['keyturn-prod-emergency-revoke', stores, 'keyturn/prod/issuers/sendgrid', false],
    ['keyturn-prod-watch', reads, key, false],
    ['keyturn-prod-watch', reads, 'keyturn/prod/issuers/sendgrid', false],
  ])('%s, %s on %s: %s', (name, action, secretName, expected) => {
    expect(isAllowed({ caller: role(name), action, resource: secret(secretName) })).toBe(expected);
  });

  test.each([
    ['keyturn-prod-rotate-sendgrid', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-rotate-sendgrid', { 'events:source': 'aws.health' }, false],
    ['keyturn-prod-emergency-revoke', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-emergency-revoke', { 'events:source': 'keyturn-prod' }, false],
    ['keyturn-prod-watch', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-watch', { 'events:source': 'com.example' }, false],
    ['keyturn-prod-retire', { 'events:source': 'keyturn' }, false],
  ])('%s publishes events with %j: %s', (name, context, expected) => {
    const resource = `arn:aws:events:${region}:${account}:event-bus/default`;
    expect(isAllowed({ caller: role(name), action: 'events:PutEvents', resource, context })).toBe(expected);
  });

  test.each([
    ['keyturn-prod-emergency-revoke', 'keyturn-prod', 'dynamodb:PutItem', true],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod', 'dynamodb:DeleteItem', false],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-eu', 'dynamodb:PutItem', false],
    ['keyturn-prod-watch', 'keyturn-prod', 'dynamodb:PutItem', true],
    ['keyturn-prod-watch', 'keyturn-prod', 'dynamodb:Query', false],
    ['keyturn-prod-watch', 'keyturn-prod-eu', 'dynamodb:PutItem', false],
    ['keyturn-prod-retire', 'keyturn-prod', 'dynamodb:PutItem', false],
  ])('%s in the table %s, %s: %s', (name, table, action, expected) => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
    expect(isAllowed({ caller: role(name), action, resource })).toBe(expected);
  });

  test.each([
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-oncall', true],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-alarms', false],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-eu-oncall', false],
    ['keyturn-prod-watch', 'keyturn-prod-oncall', true],
    ['keyturn-prod-rotate-sendgrid', 'keyturn-prod-oncall', false],
  ])('%s tells %s: %s', (name, topic, expected) => {
    const resource = `arn:aws:sns:${region}:${account}:${topic}`;
    expect(isAllowed({ caller: role(name), action: 'sns:Publish', resource })).toBe(expected);
  });
});

describe("who uses the environment's key", () => {
  const { arn = '', properties } = one('AWS::KMS::Key', () => true);
  const use = (caller: Caller, action: string, context: Record<string, string>) =>
    isAllowed({ caller, action, resource: arn, context, resourcePolicy: properties.KeyPolicy });
  const throughSecrets = {
    'kms:CallerAccount': account,
    'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
    'kms:EncryptionContext:SecretARN': secret('keyturn/prod/sendgrid/support-bot/main'),
  };

  test.each([
    ['as Secrets Manager asks for a secret of prod', {}, true],
    ['from another account', { 'kms:CallerAccount': stranger }, false],
    ['through another service', { 'kms:ViaService': `s3.${region}.amazonaws.com` }, false],
    [
      'through Secrets Manager of another region',
      { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' },
      false,
    ],
    [
      'for a secret of prod-eu',
      { 'kms:EncryptionContext:SecretARN': secret('keyturn/prod-eu/sendgrid/support-bot/main') },
      false,
    ],
    ['for a secret that is not ours', { 'kms:EncryptionContext:SecretARN': secret('billing/db') }, false],
  ])('a server decrypts %s: %s', (_, changes, expected) => {
    expect(use(role('support-bot'), 'kms:Decrypt', { ...throughSecrets, ...changes })).toBe(expected);
  });

  test.each([
    ['kms:Decrypt', false],
    ['kms:GenerateDataKey', false],
    ['kms:CreateGrant', false],
    ['kms:Encrypt', false],
    ['kms:PutKeyPolicy', true],
  ])('an administrator of the account, directly, %s: %s', (action, expected) => {
    expect(use(role('AdministratorAccess'), action, {})).toBe(expected);
  });

  const throughTopics = { 'kms:CallerAccount': account, 'kms:ViaService': `sns.${region}.amazonaws.com` };
  test.each([
    ['keyturn-prod-emergency-revoke', {}, true],
    ['keyturn-prod-watch', {}, true],
    ['keyturn-prod-retire', {}, false],
    ['keyturn-prod-rotate-sendgrid', {}, false],
    ['AdministratorAccess', {}, false],
    ['keyturn-prod-watch', { 'kms:CallerAccount': stranger }, false],
    ['keyturn-prod-watch', { 'kms:ViaService': `sqs.${region}.amazonaws.com` }, false],
  ])('%s publishes to an encrypted topic, %j: %s', (name, changes, expected) => {
    expect(use(role(name), 'kms:GenerateDataKey', { ...throughTopics, ...changes })).toBe(expected);
  });

  test.each([
    ['cloudwatch.amazonaws.com', true],
    ['events.amazonaws.com', true],
    ['s3.amazonaws.com', false],
    ['sns.amazonaws.com', false],
  ])('%s encrypts its notices: %s', (name, expected) => {
    expect(use(service(name), 'kms:GenerateDataKey', {})).toBe(expected);
  });
});

describe.each([
  ['alarms', { alarms: true, rules: false }],
  ['oncall', { alarms: true, rules: true }],
])('who publishes to the topic %s', (name, may) => {
  const topic = `arn:aws:sns:${region}:${account}:keyturn-prod-${name}`;
  const { properties } = one('AWS::SNS::TopicPolicy', ({ Topics }) => (Topics as string[]).includes(topic));
  const publishes = (caller: Caller, context: Record<string, string>) =>
    isAllowed({
      caller,
      action: 'sns:Publish',
      resource: topic,
      context: { 'aws:SecureTransport': 'true', ...context },
      resourcePolicy: properties.PolicyDocument,
    });
  const alarms = service('cloudwatch.amazonaws.com');

  test.each([
    ['alarms of this account', alarms, { 'aws:SourceAccount': account }, may.alarms],
    ['alarms of another account', alarms, { 'aws:SourceAccount': stranger }, false],
    ['alarms that name no account', alarms, {}, false],
    ['event rules', service('events.amazonaws.com'), {}, may.rules],
    ['another service', service('s3.amazonaws.com'), { 'aws:SourceAccount': account }, false],
    ['a server without rights of its own', role('support-bot'), {}, false],
    [
      'an administrator over plain HTTP',
      role('AdministratorAccess'),
      { 'aws:SecureTransport': 'false' },
      false,
    ],
  ])('%s', (_, caller, context, expected) => {
    expect(publishes(caller, context)).toBe(expected);
  });
});

describe('which services call a function', () => {
  const isTrue = (found: unknown) => found === true;
  const permissions = resources.filter(({ type }) => type === 'AWS::Lambda::Permission');
  const invokes = (functionName: string, caller: Caller, context: Record<string, string>) => {
    const allowed = permissions
      .filter(({ properties }) => String(properties.FunctionName).endsWith(`:${functionName}`))
      .map(({ properties }) => {
        const { Principal, SourceAccount, SourceArn } = properties as Record<string, string | undefined>;
        return (
          caller.service === Principal &&
          (SourceAccount === undefined || context['aws:SourceAccount'] === SourceAccount) &&
          (SourceArn === undefined || context['aws:SourceArn'] === SourceArn) &&
          (SourceAccount ?? SourceArn) !== undefined
        );
      });
    return allowed.some(isTrue);
  };
  const rule = (name: string) => ({ 'aws:SourceArn': `arn:aws:events:${region}:${account}:rule/${name}` });
  const topic = (name: string) => ({ 'aws:SourceArn': `arn:aws:sns:${region}:${account}:${name}` });
  const [events, sns, secrets] = ['events', 'sns', 'secretsmanager'].map(name =>
    service(`${name}.amazonaws.com`),
  ) as [Caller, Caller, Caller];

  test.each([
    ['keyturn-prod-rotate-sendgrid', secrets, { 'aws:SourceAccount': account }, true],
    ['keyturn-prod-rotate-sendgrid', secrets, { 'aws:SourceAccount': stranger }, false],
    ['keyturn-prod-retire', events, rule('keyturn-prod-retire-hourly'), true],
    ['keyturn-prod-retire', events, rule('keyturn-prod-eu-retire-hourly'), false],
    ['keyturn-prod-watch', events, rule('keyturn-prod-secret-reads'), true],
    ['keyturn-prod-watch', events, rule('keyturn-prod-signals'), false],
    ['keyturn-prod-emergency-revoke', events, rule('keyturn-prod-signals'), true],
    ['keyturn-prod-emergency-revoke', events, rule('keyturn-prod-unfinished-incidents'), true],
    ['keyturn-prod-emergency-revoke', events, rule('anything-else'), false],
    ['keyturn-prod-emergency-revoke', sns, topic('keyturn-prod-alarms'), true],
    ['keyturn-prod-emergency-revoke', sns, topic('keyturn-prod-oncall'), false],
  ])('%s, called by %j for %j: %s', (functionName, caller, context, expected) => {
    expect(invokes(functionName, caller, context)).toBe(expected);
  });
});

test('every alarm on a metric of ours watches one series: its dimensions are those that the metric is written with', () => {
  const written: Record<string, string[]> = {
    AuthFailures: ['environment', 'provider', 'purpose', 'server'],
    OverdueKeys: ['environment'],
    Requests: ['environment', 'provider', 'purpose', 'server'],
    RetireFailed: ['environment', 'provider', 'server'],
  };
  interface Watched {
    Namespace?: string;
    MetricName: string;
    Dimensions?: { Name: string; Value: string }[];
  }
  const watched = resources
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .flatMap(({ properties, stack }) => {
      const queries = (properties.Metrics ?? []) as { MetricStat?: { Metric: Watched } }[];
      const metrics = queries.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
      const plain = properties.MetricName ? [properties as unknown as Watched] : [];
      return [...plain, ...metrics].map(metric => ({ ...metric, stack }));
    })
    .filter(({ Namespace }) => Namespace === 'Keyturn');
  expect(new Set(watched.map(({ MetricName }) => MetricName))).toEqual(new Set(Object.keys(written)));
  for (const { MetricName, Dimensions = [], stack } of watched) {
    expect([MetricName, Dimensions.map(({ Name }) => Name).sort()]).toEqual([
      MetricName,
      written[MetricName],
    ]);
    const dimension = (name: string) => Dimensions.find(({ Name }) => Name === name)?.Value;
    expect(dimension('environment')).toBe('prod');
    // A stack of one server watches that server, and no other.
    expect(dimension('server') ?? stack).toBe(stack.replace('keyturn-prod-', ''));
  }
});
