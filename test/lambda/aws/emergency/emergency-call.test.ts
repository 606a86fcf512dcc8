// Nobody can trigger a revocation who should not: what does not come from this environment's alarms topic, or does not hold
// when CloudWatch is asked, is refused. Shapes as AWS sends them.
import { alarmName, writeAlarmDescription } from '../../../../core/incident/alarm-name';
import { confirmAlarm, type DescribedAlarm } from '../../../../lambda/aws/cloudwatch/alarm-check';
import { readEmergencyCall } from '../../../../lambda/aws/emergency/emergency-call';

const topic = 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms';
const home = { account: '333333333333', region: 'eu-central-1', environment: 'prod' };
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const subject = { signal: 'off-hours', address } as const;
const name = alarmName(subject);
const arn = `arn:aws:cloudwatch:eu-central-1:333333333333:alarm:${name}`;

const common = {
  AlarmName: name,
  AlarmDescription: 'anything at all',
  AWSAccountId: '333333333333',
  AlarmConfigurationUpdatedTimestamp: '2026-02-26T10:12:00.000+0000',
  NewStateValue: 'ALARM',
  NewStateReason:
    'Threshold Crossed: 1 datapoint [21.5 (26/02/26 10:13:00)] was greater than the threshold (21.0).',
  StateChangeTime: '2026-02-26T03:14:11.123+0000',
  Region: 'EU (Frankfurt)',
  AlarmArn: arn,
  OldStateValue: 'OK',
  OKActions: [],
  AlarmActions: [topic],
  InsufficientDataActions: [],
};
const metric = {
  ...common,
  Trigger: {
    MetricName: 'Requests',
    Namespace: 'Keyturn/prod/support-bot',
    StatisticType: 'Statistic',
    Statistic: 'SUM',
    Unit: null,
    Dimensions: [{ value: 'prod', name: 'environment' }],
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 21.0,
    TreatMissingData: 'notBreaching',
    EvaluateLowSampleCountPercentile: '',
  },
};
const math = {
  ...common,
  Trigger: {
    Period: 60,
    EvaluationPeriods: 5,
    DatapointsToAlarm: 2,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    Metrics: [
      { Expression: 'IF(closed, made, 0)', Id: 'watched', Label: 'x', ReturnData: true },
      {
        Id: 'made',
        MetricStat: {
          Metric: { MetricName: 'Requests', Namespace: 'Keyturn/prod/support-bot' },
          Period: 60,
          Stat: 'Sum',
        },
      },
    ],
  },
};
const anomaly = {
  ...common,
  Trigger: { ...math.Trigger, Threshold: undefined, ThresholdMetricId: 'band' },
};
const composite = {
  ...common,
  AlarmDescription: null,
  AlarmRule: `ALARM("${name}")`,
  TriggeringChildren: [{ Arn: arn, State: { Value: 'ALARM', Timestamp: '2026-02-26T03:14:10.000+0000' } }],
};

const sns = (message: unknown, topicArn = topic) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: `${topic}:1`,
      Sns: {
        Type: 'Notification',
        MessageId: '1',
        TopicArn: topicArn,
        Subject: null,
        Message: typeof message === 'string' ? message : JSON.stringify(message),
        Timestamp: '2026-02-26T03:14:12.000Z',
        MessageAttributes: {},
      },
    },
  ],
});

describe('what is read', () => {
  test.each([
    ['metric', metric],
    ['math', math],
    ['anomaly', anomaly],
    ['composite', composite],
  ])('a %s alarm over SNS', (_, message) => {
    expect(readEmergencyCall(sns(message), topic)).toEqual({
      kind: 'alarm',
      message: { name, arn, state: 'ALARM', changedAt: new Date('2026-02-26T03:14:11.123Z') },
    });
  });

  test('a signal of the watch function', () => {
    const event = {
      version: '0',
      source: 'keyturn',
      'detail-type': 'Key Signal',
      detail: { incidentId: '20260226T031411Z-0123abcd' },
    };
    expect(readEmergencyCall(event, topic)).toEqual({
      kind: 'signal',
      incidentId: '20260226T031411Z-0123abcd',
    });
  });

  const order = {
    kind: 'revoke',
    incidentId: '20260226T031411Z-0123abcd',
    keys: [address],
    response: 'replace-first',
    graceSeconds: 30,
    reason: 'leaked on GitHub',
    requestedBy: 'arn:aws:sts::333333333333:assumed-role/admin/me',
    dryRun: false,
  };

  test("a person's order", () => {
    expect(readEmergencyCall(order, topic)).toEqual(order);
  });

  test.each([
    ['a grace of ten minutes', { graceSeconds: 600 }],
    ['2,000 keys', { keys: Array.from({ length: 2000 }, () => address) }],
    ['a reason of 500 characters', { reason: 'x'.repeat(500) }],
  ])('an order with %s is read', (_, most) => {
    expect(readEmergencyCall({ ...order, ...most }, topic)).toEqual({ ...order, ...most });
  });

  test('a silence of up to 72 hours is read, and no longer one', () => {
    const silence = { kind: 'silence', key: address, reason: 'load test', requestedBy: 'me' };
    expect(readEmergencyCall({ ...silence, minutes: 72 * 60 }, topic)).toMatchObject({ kind: 'silence' });
    expect(() => readEmergencyCall({ ...silence, minutes: 72 * 60 + 1 }, topic)).toThrow(/is not one that/);
  });

  test.each([
    ['a key that is a path', { keys: [{ ...address, server: '../issuers' }] }],
    ['a key with a wildcard', { keys: [{ ...address, server: '*' }] }],
    ['an endless grace', { graceSeconds: 1e9 }],
    ['more than 2,000 keys', { keys: Array.from({ length: 2001 }, () => address) }],
  ])('an order with %s is refused', (_, wrong) => {
    expect(() => readEmergencyCall({ ...order, ...wrong }, topic)).toThrow(
      /is not one that the emergency function handles/,
    );
  });
});

describe('what is refused', () => {
  test.each([
    ['nothing', undefined],
    ['a text', 'revoke everything'],
    ['an empty object', {}],
    ['no record', { Records: [] }],
    ['two records', { Records: [...sns(metric).Records, ...sns(metric).Records] }],
    ['a queue in place of a topic', { Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(metric) }] }],
    ['a foreign topic', sns(metric, 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-oncall')],
    ['a topic of another account', sns(metric, topic.replace('333333333333', '999999999999'))],
    ['a message that is not JSON', sns('ALARM!')],
    ['a message that is a list', sns([metric])],
    ['an alarm without a time', sns({ ...metric, StateChangeTime: 'yesterday' })],
    ['a state that there is not', sns({ ...metric, NewStateValue: 'REVOKE' })],
    ['an endless name', sns({ ...metric, AlarmName: 'a'.repeat(256) })],
  ])('%s', (_, event) => {
    expect(() => readEmergencyCall(event, topic)).toThrow(/nothing was done, and on-call is notified/);
  });
});

describe('what CloudWatch has to confirm', () => {
  const message = { name, arn, state: 'ALARM', changedAt: new Date('2026-02-26T03:14:11.123Z') };
  const dimensions = { ...address };
  const described: DescribedAlarm = {
    arn,
    description: writeAlarmDescription('For people.', subject),
    alarmedAt: [new Date('2026-02-26T03:14:11.500Z')],
    metrics: [{ namespace: 'Keyturn/prod/support-bot', dimensions }],
  };

  test('a real alarm', () => {
    expect(confirmAlarm(message, described, home)).toEqual(subject);
  });

  test.each([-5_000, 5_000])('a time that differs by %i ms is the same moment', difference => {
    const alarmedAt = [new Date(message.changedAt.getTime() + difference)];
    expect(confirmAlarm(message, { ...described, alarmedAt }, home)).toEqual(subject);
    const [beyond] = alarmedAt.map(time => new Date(time.getTime() + Math.sign(difference)));
    expect(() => confirmAlarm(message, { ...described, alarmedAt: [beyond!] }, home)).toThrow(
      'CloudWatch does not say that it went to ALARM then',
    );
  });

  test('a composite of alarms of the same key', () => {
    const composed = {
      ...described,
      metrics: [],
      children: [name, alarmName({ ...subject, signal: 'auth-failures' })],
    };
    expect(confirmAlarm(message, composed, home)).toEqual(subject);
  });

  const foreignName = alarmName({ ...subject, address: { ...address, server: 'other-bot' } });
  /** Of the message alone, and of what CloudWatch is said to have answered, too. */
  const inBoth = (what: string, foreign: string): [string, object, DescribedAlarm][] => [
    [what, { arn: foreign }, described],
    [`${what}, as CloudWatch has it, too,`, { arn: foreign }, { ...described, arn: foreign }],
  ];
  test.each<[string, object, unknown]>([
    ['a message about an alarm that does not exist', {}, undefined],
    ['an alarm that was not in ALARM then', {}, { ...described, alarmedAt: [] }],
    [
      'an alarm that was in ALARM at another time',
      {},
      { ...described, alarmedAt: [new Date('2026-02-26T02:00:00Z')] },
    ],
    ...inBoth('an ARN of another account', arn.replace('333333333333', '444444444444')),
    ...inBoth('an ARN of another region', arn.replace('eu-central-1', 'us-east-1')),
    ...inBoth('an ARN that names another alarm', `${arn}x`),
    [
      'an alarm whose description names another key',
      {},
      { ...described, description: 'Keyturn: ["off-hours"]' },
    ],
    ['an alarm without a description', {}, { ...described, description: undefined }],
    [
      'an alarm on the metrics of another key',
      {},
      {
        ...described,
        metrics: [
          { namespace: 'Keyturn/prod/support-bot', dimensions: { ...dimensions, server: 'other-bot' } },
        ],
      },
    ],
    [
      'an alarm on the metrics of its key and of another one',
      {},
      {
        ...described,
        metrics: [
          ...described.metrics,
          { namespace: 'Keyturn/prod/support-bot', dimensions: { ...dimensions, purpose: 'other' } },
        ],
      },
    ],
    [
      'an alarm on metrics of another namespace',
      {},
      { ...described, metrics: [{ namespace: 'Attacker', dimensions }] },
    ],
    ['an alarm that watches nothing', {}, { ...described, metrics: [] }],
    ['a composite that watches nothing', {}, { ...described, metrics: [], children: [] }],
    [
      'a composite of alarms of another key',
      {},
      { ...described, metrics: [], children: [name, foreignName] },
    ],
  ])('%s is refused', (_, wrongMessage, wrongAlarm) => {
    expect(() =>
      confirmAlarm({ ...message, ...wrongMessage }, wrongAlarm as DescribedAlarm | undefined, home),
    ).toThrow(/nothing was done, and on-call is notified/);
  });

  test('a key of another environment is refused by its name', () => {
    const staging = alarmName({ ...subject, address: { ...address, environment: 'staging' } });
    expect(() => confirmAlarm({ ...message, name: staging }, described, home)).toThrow(
      /is not named keyturn-prod-/,
    );
  });
});
