import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { RuleFromTemplate } from '../../rehearsal/aws/eventbridge/eventbridge';
import { targetInput } from '../../rehearsal/aws/eventbridge/target-input';
import { hours, lambdaArn, minutes, openRig, type Rig } from './rig';

let rig: Rig;
let client: EventBridgeClient;
let received: unknown[];

beforeEach(async () => {
  rig = await openRig({ knobs: { cloudTrailDelayMs: minutes(2) } });
  client = new EventBridgeClient(rig.as('rotator'));
  received = [];
  rig.addFunction('watch', event => void received.push(event));
});
afterEach(() => rig.close());

const rotated = {
  Source: 'keyturn',
  DetailType: 'Key Rotated',
  Detail: JSON.stringify({ server: 'support-bot' }),
};
const addRule = (rule: Partial<RuleFromTemplate>) =>
  rig.model.eventBridge.addRule({ name: 'rule', targets: [{ id: 't', arn: lambdaArn('watch') }], ...rule });

describe('PutEvents', () => {
  test('reaches the targets of matching rules, as the event that they expect', async () => {
    addRule({ eventPattern: { source: ['keyturn'], detail: { server: ['support-bot'] } } });
    addRule({ name: 'other', eventPattern: { source: ['else'] } });
    const { Entries } = await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await rig.passMs(0);
    expect(received).toEqual([
      {
        version: '0',
        id: Entries![0]!.EventId,
        'detail-type': 'Key Rotated',
        source: 'keyturn',
        account: '111111111111',
        time: '2026-11-23T00:00:00Z',
        region: 'eu-west-1',
        resources: [],
        detail: { server: 'support-bot' },
      },
    ]);
  });

  test('is authorised per entry, with source and detail type as conditions', async () => {
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    expect(rig.asked).toMatchObject([
      {
        action: 'events:PutEvents',
        resource: 'arn:aws:events:eu-west-1:111111111111:event-bus/default',
        context: { 'events:source': 'keyturn', 'events:detail-type': 'Key Rotated' },
      },
    ]);
  });

  test('answers 200 and says per entry what is wrong: callers must look', async () => {
    const bad = [
      { ...rotated, Detail: 'no json' },
      { ...rotated, Source: 'aws.secretsmanager' },
      { Source: 'keyturn', Detail: '{}' },
    ];
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({ Entries: [...bad, rotated] }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'InvalidArgument',
      undefined,
    ]);
  });

  test('to another bus is not modelled', async () => {
    const elsewhere = new PutEventsCommand({ Entries: [{ ...rotated, EventBusName: 'default-2' }] });
    await expect(client.send(elsewhere)).rejects.toMatchObject({ name: 'NotModelled' });
    expect(rig.model.violations).toHaveLength(1);
  });
});

describe('schedules', () => {
  test.each([
    ['rate(1 hour)', ['2026-11-23T01:00:00Z', '2026-11-23T02:00:00Z', '2026-11-23T03:00:00Z']],
    ['cron(30 0/2 * * ? *)', ['2026-11-23T00:30:00Z', '2026-11-23T02:30:00Z']],
  ])('%s fires at its times', async (scheduleExpression, times) => {
    addRule({ scheduleExpression });
    await rig.passMs(hours(3));
    expect(received).toMatchObject(
      times.map(time => ({ source: 'aws.events', 'detail-type': 'Scheduled Event', time, detail: {} })),
    );
  });

  test('a disabled rule does not fire', async () => {
    addRule({ scheduleExpression: 'rate(1 hour)', state: 'DISABLED' });
    await rig.passMs(hours(3));
    expect(received).toEqual([]);
  });
});

describe('delivery', () => {
  const deadLetters = () => rig.model.queues.messages('dlq');
  beforeEach(() => {
    rig.model.queues.add({ name: 'dlq' });
  });
  const withDlq = (arn: string, extra = {}) => ({
    targets: [{ id: 't', arn, deadLetterArn: 'arn:aws:sqs:eu-west-1:111111111111:dlq', ...extra }],
    eventPattern: { source: ['keyturn'] },
  });

  test('a missing permission is not retried: the event goes to the dead letters at once, with the reason', async () => {
    rig.rules.decide = ({ action, caller }) =>
      action === 'lambda:InvokeFunction' && caller.service === 'events.amazonaws.com'
        ? { allowed: false, message: 'no' }
        : { allowed: true };
    addRule(withDlq(lambdaArn('watch')));
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await rig.passMs(0);
    expect(received).toEqual([]);
    expect(JSON.parse(deadLetters()[0]!.body)).toMatchObject({ source: 'keyturn' });
    expect(deadLetters()[0]!.attributes).toMatchObject({
      ERROR_CODE: { StringValue: 'AccessDeniedException' },
      RULE_ARN: { StringValue: 'arn:aws:events:eu-west-1:111111111111:rule/rule' },
      TARGET_ARN: { StringValue: lambdaArn('watch') },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
  });

  test('a missing function, too', async () => {
    addRule(withDlq(lambdaArn('gone')));
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await rig.passMs(0);
    expect(deadLetters()[0]!.attributes.ERROR_CODE!.StringValue).toBe('ResourceNotFoundException');
  });

  test('a failing function is retried by Lambda, not by the rule', async () => {
    let runs = 0;
    rig.addFunction('watch', () => {
      runs++;
      throw new Error('broken');
    });
    addRule(withDlq(lambdaArn('watch')));
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await rig.passMs(hours(1));
    expect(runs).toBe(3);
    expect(deadLetters()).toEqual([]);
  });

  test('the principal is events.amazonaws.com for the rule', async () => {
    addRule({ eventPattern: { source: ['keyturn'] } });
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await rig.passMs(0);
    expect(rig.asked.at(-1)).toMatchObject({
      caller: { kind: 'service', service: 'events.amazonaws.com' },
      action: 'lambda:InvokeFunction',
      context: {
        'aws:SourceArn': 'arn:aws:events:eu-west-1:111111111111:rule/rule',
        'aws:SourceAccount': '111111111111',
      },
    });
  });
});

describe('CloudTrail', () => {
  const SecretId = 'keyturn/dev/sendgrid/bot/main';
  const calls = { 'detail-type': ['AWS API Call via CloudTrail'] };
  let secrets: SecretsManagerClient;
  beforeEach(async () => {
    secrets = new SecretsManagerClient(rig.as('server'));
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'FAKESECRET-1' }));
  });
  const read = () => secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }));
  const write = () => secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'FAKESECRET-2' }));
  const names = () => received.map(event => (event as { detail: { eventName: string } }).detail.eventName);

  test.each<[string, boolean | undefined, RuleFromTemplate['state'], string[]]>([
    ['without a trail, nothing flows', undefined, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', []],
    [
      'a trail of writes gives writes only',
      false,
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      ['PutSecretValue'],
    ],
    ['a plain rule gets no reads', true, 'ENABLED', ['PutSecretValue']],
    [
      'a rule for all management events gets reads',
      true,
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      ['GetSecretValue', 'PutSecretValue'],
    ],
  ])('%s', async (_fact, readEvents, state, expected) => {
    if (readEvents !== undefined) rig.model.cloudTrail.addTrail({ readEvents });
    addRule({ eventPattern: calls, state: state! });
    await read();
    await write();
    await rig.passMs(minutes(2));
    expect(names()).toEqual(expected);
  });

  test('an event comes late, and says who read what from where, without the value', async () => {
    rig.model.cloudTrail.addTrail({ readEvents: true });
    addRule({ eventPattern: calls, state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' });
    await read();
    await rig.passMs(minutes(2) - 1);
    expect(received).toEqual([]);
    await rig.passMs(1);
    expect(received).toMatchObject([
      {
        source: 'aws.secretsmanager',
        time: '2026-11-23T00:00:00Z',
        detail: {
          userIdentity: {
            type: 'AssumedRole',
            arn: 'arn:aws:sts::111111111111:assumed-role/server/server',
            sessionContext: {
              sessionIssuer: {
                type: 'Role',
                arn: 'arn:aws:iam::111111111111:role/server',
                userName: 'server',
              },
            },
          },
          eventSource: 'secretsmanager.amazonaws.com',
          eventName: 'GetSecretValue',
          sourceIPAddress: '203.0.113.7',
          requestParameters: { secretId: SecretId, versionStage: 'AWSCURRENT' },
          responseElements: null,
          readOnly: true,
          managementEvent: true,
        },
      },
    ]);
    await write();
    await rig.passMs(minutes(2));
    expect(JSON.stringify(received)).not.toContain('FAKESECRET');
  });

  test('a refused call says AccessDenied, where the SDK sees AccessDeniedException', async () => {
    rig.model.cloudTrail.addTrail({ readEvents: true });
    addRule({
      eventPattern: { detail: { errorCode: [{ exists: true }] } },
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    });
    rig.rules.decide = ({ action }) =>
      action === 'secretsmanager:GetSecretValue' ? { allowed: false, message: 'not you' } : { allowed: true };
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await rig.passMs(minutes(2));
    expect(received).toMatchObject([{ detail: { errorCode: 'AccessDenied', errorMessage: 'not you' } }]);
  });
});

describe("a target's input", () => {
  const event = {
    version: '0' as const,
    id: 'id',
    'detail-type': 'Key Rotated',
    source: 'keyturn',
    account: '1',
    time: '2026-11-23T00:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:one'],
    detail: { server: 'say "hi"', count: 2, nested: { x: true } },
  };
  const rule = { arn: 'arn:rule', name: 'rule' };
  test.each([
    ['is the event', {}, event],
    ['is a constant', { input: '{"a":1}' }, { a: 1 }],
    ['is a part of the event', { inputPath: '$.detail.nested' }, { x: true }],
    [
      'is a template; values are quoted as JSON',
      {
        inputTransformer: {
          inputPathsMap: { s: '$.detail.server', n: '$.detail.count' },
          inputTemplate: '{"server":<s>,"n":<n>}',
        },
      },
      { server: 'say "hi"', n: 2 },
    ],
    [
      'is a template; values within text are escaped',
      {
        inputTransformer: {
          inputPathsMap: { s: '$.detail.server' },
          inputTemplate: '{"text":"server <s> of <aws.events.rule-name>"}',
        },
      },
      { text: 'server say "hi" of rule' },
    ],
    [
      'is a template with items of lists',
      { inputTransformer: { inputPathsMap: { r: '$.resources[0]' }, inputTemplate: '"<r>"' } },
      'arn:one',
    ],
  ])('%s', (_fact, target, expected) => {
    expect(JSON.parse(targetInput(target, event, rule))).toEqual(expected);
  });
});
