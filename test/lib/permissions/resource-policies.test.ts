// Whom keys and topics let in, and beside each the nearest whom they do not; and which series alarms watch.
import type { Caller } from '@keyturn/iam/request';
import {
  account,
  almighty,
  isAllowed,
  one,
  region,
  resources,
  role,
  secret,
  service,
  stranger,
} from '../support/deployed-policies';

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
    ['kms:ReEncryptTo', false],
    ['kms:PutKeyPolicy', false],
    ['kms:UpdateAlias', false],
    ['kms:CreateAlias', false],
    ['kms:ScheduleKeyDeletion', false],
    ['kms:GetKeyPolicy', true],
  ])('whoever may do everything in the account, directly, %s: %s', (action, expected) => {
    const context = { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/AdministratorAccess` };
    expect(use(role('AdministratorAccess'), action, context)).toBe(expected);
  });

  test.each([
    ['keyturn-prod-rotate-sendgrid', true],
    ['keyturn-prod-emergency-revoke', true],
    ['platform-admin', true],
    ['cdk-hnb659fds-cfn-exec-role-333333333333-us-east-1', true],
    ['cdk-sales-cfn-exec-role-333333333333-us-east-1', false],
    ['keyturn-prod-eu-rotate-sendgrid', false],
    ['keyturn-prod-retire', false],
    ['keyturn-prod-token-support-bot', false],
    ['AdministratorAccess', false],
    ['support-bot', false],
  ])('%s encrypts a secret of prod through Secrets Manager: %s', (name, expected) => {
    const context = { ...throughSecrets, 'aws:PrincipalArn': `arn:aws:iam::${account}:role/${name}` };
    expect(use(role(name), 'kms:GenerateDataKey', context)).toBe(expected);
    const elsewhere = { ...context, 'kms:EncryptionContext:SecretARN': secret('billing/db') };
    expect(use(role(name), 'kms:GenerateDataKey', elsewhere)).toBe(false);
  });

  const topic = (name: string) => `arn:aws:sns:${region}:${account}:keyturn-prod-${name}`;
  const ofTopic = 'kms:EncryptionContext:aws:sns:topicArn';
  const throughTopics = {
    'kms:CallerAccount': account,
    'kms:ViaService': `sns.${region}.amazonaws.com`,
    [ofTopic]: topic('oncall'),
  };
  test.each([
    ['keyturn-prod-emergency-revoke', {}, true],
    ['keyturn-prod-watch', {}, true],
    ['keyturn-prod-retire', {}, true],
    ['keyturn-prod-rotate-sendgrid', {}, false],
    ['AdministratorAccess', {}, false],
    ['keyturn-prod-watch', { 'kms:CallerAccount': stranger }, false],
    ['keyturn-prod-watch', { 'kms:ViaService': `sqs.${region}.amazonaws.com` }, false],
    ['keyturn-prod-watch', { [ofTopic]: topic('alarms') }, false],
  ])('%s publishes to an encrypted topic, %j: %s', (name, changes, expected) => {
    expect(use(role(name), 'kms:GenerateDataKey', { ...throughTopics, ...changes })).toBe(expected);
  });

  const ours = { 'aws:SourceAccount': account };
  test.each([
    ['cloudwatch.amazonaws.com', { ...ours, [ofTopic]: topic('oncall') }, false],
    ['cloudwatch.amazonaws.com', { ...ours, [ofTopic]: topic('alarms') }, true],
    ['cloudwatch.amazonaws.com', { ...ours, [ofTopic]: topic('else') }, false],
    ['cloudwatch.amazonaws.com', { 'aws:SourceAccount': stranger, [ofTopic]: topic('alarms') }, false],
    ['cloudwatch.amazonaws.com', { [ofTopic]: topic('alarms') }, false],
    ['events.amazonaws.com', { [ofTopic]: topic('oncall') }, false],
    ['events.amazonaws.com', {}, false],
    ['s3.amazonaws.com', { ...ours, [ofTopic]: topic('oncall') }, false],
    ['sns.amazonaws.com', { ...ours, [ofTopic]: topic('oncall') }, false],
  ])('%s encrypts its notices, %j: %s', (name, context, expected) => {
    expect(use(service(name), 'kms:GenerateDataKey', context)).toBe(expected);
  });
});

describe.each([
  ['alarms', { alarms: true, rules: false, watch: false }],
  // What alarms and rules tell is made readable first, by a function.
  ['oncall', { alarms: false, rules: false, watch: true }],
  ['fallback', { alarms: true, rules: false, watch: false }],
])('who publishes to the topic %s', (name, may) => {
  const topic = `arn:aws:sns:${region}:${account}:keyturn-prod-${name}`;
  const { properties } = one('AWS::SNS::TopicPolicy', ({ Topics }) => (Topics as string[]).includes(topic));
  const publishes = (caller: Caller, context: Record<string, string>) =>
    isAllowed({
      caller,
      action: 'sns:Publish',
      resource: topic,
      context: {
        'aws:SecureTransport': 'true',
        'aws:PrincipalIsAWSService': String(caller.kind === 'service'),
        ...context,
      },
      resourcePolicy: properties.PolicyDocument,
    });
  const alarms = service('cloudwatch.amazonaws.com');
  const ours = { 'aws:SourceAccount': account };
  const alarm = (alarmName: string, at = region) => `arn:aws:cloudwatch:${at}:${account}:alarm:${alarmName}`;

  test.each([
    [
      'alarms of Keyturn',
      alarms,
      { ...ours, 'aws:SourceArn': alarm('keyturn-prod-nobody-told') },
      may.alarms,
    ],
    [
      "alarms on a key's use",
      alarms,
      { ...ours, 'aws:SourceArn': alarm('keyturn-prod-off-hours.sendgrid.bot.main') },
      name === 'alarms',
    ],
    ['alarms that somebody made', alarms, { ...ours, 'aws:SourceArn': alarm('my-own') }, false],
    [
      'alarms of another region',
      alarms,
      { ...ours, 'aws:SourceArn': alarm('keyturn-prod-nobody-told', 'eu-west-3') },
      false,
    ],
    ['alarms that name no alarm', alarms, ours, false],
    [
      'alarms of another account',
      alarms,
      { 'aws:SourceAccount': stranger, 'aws:SourceArn': alarm('keyturn-prod-nobody-told') },
      false,
    ],
    ['alarms that name no account', alarms, {}, false],
    ['event rules', service('events.amazonaws.com'), {}, may.rules],
    ['another service', service('s3.amazonaws.com'), { 'aws:SourceAccount': account }, false],
    ['a server without rights of its own', role('support-bot'), {}, false],
    ['a developer with every right of its own', almighty('developer'), {}, false],
    ['a function that tells people', role('keyturn-prod-watch'), {}, may.watch],
    [
      'an administrator over plain HTTP',
      role('AdministratorAccess'),
      { 'aws:SecureTransport': 'false' },
      false,
    ],
  ])('%s', (_, caller, context, expected) => {
    expect(publishes(caller, context)).toBe(expected);
  });

  test.each([
    'SetTopicAttributes',
    'PutDataProtectionPolicy',
    'AddPermission',
    'RemovePermission',
    'DeleteTopic',
  ])('%s is for deployers and admins', action => {
    const may = (caller: Caller) =>
      isAllowed({
        caller,
        action: `sns:${action}`,
        resource: topic,
        context: { 'aws:PrincipalIsAWSService': 'false' },
        resourcePolicy: properties.PolicyDocument,
      });
    expect(may(almighty('platform-admin'))).toBe(true);
    expect(may(almighty('developer'))).toBe(false);
  });
});

test('every alarm on a metric of ours watches one series: its dimensions are those that the metric is written with', () => {
  const written: Record<string, string[]> = {
    AuthFailures: ['environment', 'provider', 'purpose', 'server'],
    NobodyTold: ['environment'],
    OverdueKeys: ['environment'],
    Requests: ['environment', 'provider', 'purpose', 'server'],
    RetireFailed: ['environment', 'provider', 'server'],
    UnreportedUses: ['environment'],
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
    .filter(({ Namespace }) => Namespace?.startsWith('Keyturn'));
  expect(new Set(watched.map(({ MetricName }) => MetricName))).toEqual(new Set(Object.keys(written)));
  for (const { Namespace, MetricName, Dimensions = [], stack } of watched) {
    expect([MetricName, Dimensions.map(({ Name }) => Name).sort()]).toEqual([
      MetricName,
      written[MetricName],
    ]);
    const isOfServer = ['Requests', 'AuthFailures'].includes(MetricName);
    expect(Namespace).toBe(isOfServer ? `Keyturn/prod/${stack.replace('keyturn-prod-', '')}` : 'Keyturn');
    const dimension = (name: string) => Dimensions.find(({ Name }) => Name === name)?.Value;
    expect(dimension('environment')).toBe('prod');
    // A stack of one server watches that server, and no other.
    expect(dimension('server') ?? stack).toBe(stack.replace('keyturn-prod-', ''));
  }
});
