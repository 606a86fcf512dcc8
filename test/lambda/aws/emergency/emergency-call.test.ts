// Nobody can trigger a revocation who should not: what does not come from this environment's alarms topic is refused. Shapes as AWS
// sends them; what CloudWatch has to confirm is in ../cloudwatch/alarm-check.test.ts.
import { alarmName } from '../../../../core/incident/alarm-name';
import { readEmergencyCall } from '../../../../lambda/aws/emergency/emergency-call';

const topic = 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms';
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
