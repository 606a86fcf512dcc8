// Who puts messages into queues, and who takes them out.
import type { Caller } from '@keyturn/iam/request';
import {
  account,
  almighty,
  isAllowed,
  one,
  region,
  resources,
  role,
  service,
  stranger,
} from '../support/deployed-policies';

describe.each(['emergency-revoke', 'watch', 'retire'])('the dead-letter queue of %s', name => {
  const url = `https://sqs.${region}.amazonaws.com/${account}/keyturn-prod-${name}-dlq`;
  const { properties } = one('AWS::SQS::QueuePolicy', ({ Queues }) => (Queues as string[]).includes(url));
  const may = (caller: Caller, action: string) =>
    isAllowed({
      caller,
      action: `sqs:${action}`,
      resource: `arn:aws:sqs:${region}:${account}:keyturn-prod-${name}-dlq`,
      context: { 'aws:SecureTransport': 'true', 'aws:PrincipalIsAWSService': 'false' },
      resourcePolicy: properties.PolicyDocument,
    });

  test('takes messages of its function alone', () => {
    expect(may(role(`keyturn-prod-${name}`), 'SendMessage')).toBe(true);
    for (const other of ['developer', 'platform-admin'])
      expect(may(almighty(other), 'SendMessage')).toBe(false);
  });

  test.each(['ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'SetQueueAttributes'])(
    '%s is for deployers and admins',
    action => {
      expect(may(almighty('platform-admin'), action)).toBe(true);
      expect(may(almighty('developer'), action)).toBe(false);
    },
  );
});

describe('the queue of what EventBridge could not deliver', () => {
  const url = `https://sqs.${region}.amazonaws.com/${account}/keyturn-prod-undelivered`;
  const { properties } = one('AWS::SQS::QueuePolicy', ({ Queues }) => (Queues as string[]).includes(url));
  const may = (caller: Caller, action: string, context: Record<string, string> = {}) =>
    isAllowed({
      caller,
      action: `sqs:${action}`,
      resource: `arn:aws:sqs:${region}:${account}:keyturn-prod-undelivered`,
      context: {
        'aws:SecureTransport': 'true',
        'aws:PrincipalIsAWSService': String(caller.kind === 'service'),
        ...context,
      },
      resourcePolicy: properties.PolicyDocument,
    });
  const rules = resources.filter(({ type }) => type === 'AWS::Events::Rule');
  const events = service('events.amazonaws.com');
  const from = (rule: string, owner = account) => ({
    'aws:SourceArn': `arn:aws:events:${region}:${owner}:rule/${rule}`,
    'aws:SourceAccount': owner,
  });

  test('takes what every rule could not deliver, within the hour', () => {
    expect(rules.length).toBeGreaterThan(5);
    for (const { properties: rule } of rules) {
      expect(may(events, 'SendMessage', from(String(rule.Name)))).toBe(true);
      for (const target of rule.Targets as object[])
        expect(target).toMatchObject({
          DeadLetterConfig: { Arn: `arn:aws:sqs:${region}:${account}:keyturn-prod-undelivered` },
          RetryPolicy: { MaximumEventAgeInSeconds: 3600 },
        });
    }
  });

  test('takes nothing from other rules, accounts, services and roles', () => {
    for (const context of [
      from('else'),
      from('keyturn-prod-eu-signals'),
      from('keyturn-prod-signals', stranger),
      {},
    ])
      expect(may(events, 'SendMessage', context)).toBe(false);
    expect(may(service('sns.amazonaws.com'), 'SendMessage', from('keyturn-prod-signals'))).toBe(false);
    for (const name of ['developer', 'platform-admin', 'keyturn-prod-watch'])
      expect(may(almighty(name), 'SendMessage')).toBe(false);
    expect(may(almighty('developer'), 'PurgeQueue')).toBe(false);
    expect(may(almighty('platform-admin'), 'PurgeQueue')).toBe(true);
  });
});
