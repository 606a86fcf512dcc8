import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { RuleFromTemplate } from '../eventbridge/eventbridge';
import { hours, type LocalAws, lambdaArn, minutes, openLocalAws, start } from './support/local-aws';

let aws: LocalAws;
let client: EventBridgeClient;
let received: unknown[];

beforeEach(async () => {
  aws = await openLocalAws({ knobs: { cloudTrailDelayMs: minutes(2) } });
  client = new EventBridgeClient(aws.as('rotator'));
  received = [];
  aws.addFunction('watch', event => void received.push(event));
});
afterEach(() => aws.close());

const rotated = {
  Source: 'keyturn',
  DetailType: 'Key Rotated',
  Detail: JSON.stringify({ server: 'support-bot' }),
};
const addRule = (rule: Partial<RuleFromTemplate>) =>
  aws.model.eventBridge.addRule({ name: 'rule', targets: [{ id: 't', arn: lambdaArn('watch') }], ...rule });

describe('PutEvents', () => {
  test('reaches the targets of matching rules, as the event that they expect', async () => {
    addRule({ eventPattern: { source: ['keyturn'], detail: { server: ['support-bot'] } } });
    addRule({ name: 'other', eventPattern: { source: ['else'] } });
    const { Entries } = await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await aws.passMs(0);
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
    expect(aws.asked).toMatchObject([
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
    expect(aws.model.violations).toHaveLength(1);
  });
});

describe('schedules', () => {
  test.each([
    ['rate(1 hour)', ['2026-11-23T01:00:00Z', '2026-11-23T02:00:00Z', '2026-11-23T03:00:00Z']],
    ['cron(30 0/2 * * ? *)', ['2026-11-23T00:30:00Z', '2026-11-23T02:30:00Z']],
  ])('%s fires at its times', async (scheduleExpression, times) => {
    addRule({ scheduleExpression });
    await aws.passMs(hours(3));
    expect(received).toMatchObject(
      times.map(time => ({ source: 'aws.events', 'detail-type': 'Scheduled Event', time, detail: {} })),
    );
  });

  test('a disabled rule does not fire', async () => {
    addRule({ scheduleExpression: 'rate(1 hour)', state: 'DISABLED' });
    await aws.passMs(hours(3));
    expect(received).toEqual([]);
  });
});

describe('delivery', () => {
  const deadLetters = () => aws.model.queues.messages('dlq');
  beforeEach(() => {
    aws.model.queues.add({ name: 'dlq' });
  });
  const withDlq = (arn: string, extra = {}) => ({
    targets: [{ id: 't', arn, deadLetterArn: 'arn:aws:sqs:eu-west-1:111111111111:dlq', ...extra }],
    eventPattern: { source: ['keyturn'] },
  });

  test('a missing permission is not retried: the event goes to the dead letters at once, with the reason', async () => {
    aws.rules.decide = ({ action, caller }) =>
      action === 'lambda:InvokeFunction' && caller.service === 'events.amazonaws.com'
        ? { allowed: false, message: 'no' }
        : { allowed: true };
    addRule(withDlq(lambdaArn('watch')));
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await aws.passMs(0);
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
    await aws.passMs(0);
    expect(deadLetters()[0]!.attributes.ERROR_CODE!.StringValue).toBe('ResourceNotFoundException');
  });

  test('a failing function is retried by Lambda, not by the rule', async () => {
    let runs = 0;
    aws.addFunction('watch', () => {
      runs++;
      throw new Error('broken');
    });
    addRule(withDlq(lambdaArn('watch')));
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await aws.passMs(hours(1));
    expect(runs).toBe(3);
    expect(deadLetters()).toEqual([]);
  });

  test('the principal is events.amazonaws.com for the rule', async () => {
    addRule({ eventPattern: { source: ['keyturn'] } });
    await client.send(new PutEventsCommand({ Entries: [rotated] }));
    await aws.passMs(0);
    expect(aws.asked.at(-1)).toMatchObject({
      caller: { kind: 'service', service: 'events.amazonaws.com' },
      action: 'lambda:InvokeFunction',
      context: {
        'aws:SourceArn': 'arn:aws:events:eu-west-1:111111111111:rule/rule',
        'aws:SourceAccount': '111111111111',
      },
    });
  });
});

describe('an unreachable target', () => {
  test.each([
    ['is tried again with growing pauses', {}, 3],
    ['is given up after its attempts', { maximumRetryAttempts: 1 }, 0],
    ['is given up after its age', { maximumEventAgeInSeconds: 60 }, 3],
  ])('%s', async (_fact, retryPolicy, arrivals) => {
    let refusals = 3;
    const other = await openLocalAws({
      interceptDelivery: ({ targetArn }) =>
        targetArn === lambdaArn('watch') && refusals-- > 0 ? { kind: 'unavailable' } : undefined,
    });
    const times: number[] = [];
    other.addFunction('watch', () => void times.push((other.clock.now().getTime() - start.getTime()) / 1000));
    const deadLetterArn = other.model.queues.add({ name: 'dlq' });
    other.model.eventBridge.addRule({
      name: 'rule',
      eventPattern: { source: ['keyturn'] },
      targets: [{ id: 't', arn: lambdaArn('watch'), retryPolicy, deadLetterArn }],
    });
    await new EventBridgeClient(other.as('rotator')).send(new PutEventsCommand({ Entries: [rotated] }));
    await other.passMs(hours(1));
    expect(times).toEqual(arrivals ? [1 + 2 + 4] : []);
    const buried = other.model.queues
      .messages('dlq')
      .map(({ attributes }) => attributes.EXHAUSTED_RETRY_CONDITION!.StringValue);
    expect(buried).toEqual(arrivals ? [] : ['MaximumRetryAttempts']);
    await other.close();
  });
});
