import { DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { addAlarm, aws, client, Dimensions, messages, put, state, TopicArn } from './support/cloudwatch';
import { minutes } from './support/local-aws';

describe('SetAlarmState', () => {
  const set = (StateValue: 'ALARM' | 'OK') =>
    client.send(new SetAlarmStateCommand({ AlarmName: 'auth', StateValue, StateReason: 'a drill' }));

  test('acts where the state differs, and the next evaluation puts it back', async () => {
    addAlarm();
    await aws.passMs(minutes(1));
    await set('ALARM');
    await aws.passMs(0);
    expect(messages()).toMatchObject([{ NewStateReason: 'a drill', OldStateValue: 'OK' }]);
    await set('ALARM');
    await aws.passMs(0);
    expect(messages()).toHaveLength(1);
    await aws.passMs(minutes(1));
    expect(state()).toBe('OK');
  });

  test('of an unknown alarm is ResourceNotFound', async () => {
    await expect(set('OK')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test('does nothing outwards while actions are disabled', async () => {
    addAlarm({ ActionsEnabled: false });
    await set('ALARM');
    await aws.passMs(0);
    expect(messages()).toEqual([]);
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['auth'] }));
    expect(MetricAlarms).toMatchObject([
      { AlarmName: 'auth', StateValue: 'ALARM', ActionsEnabled: false, StateReason: 'a drill', Threshold: 5 },
    ]);
  });
});

describe('a composite alarm', () => {
  const addComposite = (AlarmRule: string) =>
    aws.model.cloudWatch.addCompositeAlarm({ AlarmName: 'both', AlarmRule, AlarmActions: [TopicArn] });
  const set = (AlarmName: string, StateValue: 'ALARM' | 'OK') =>
    client
      .send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'test' }))
      .then(() => aws.passMs(0));
  beforeEach(async () => {
    for (const AlarmName of ['one', 'two'])
      addAlarm({ AlarmName, AlarmActions: [], TreatMissingData: 'ignore' });
    await set('one', 'OK');
    await set('two', 'OK');
  });

  test.each([
    ['ALARM(one) OR ALARM("two")', ['one'], 'ALARM'],
    ['ALARM(one) AND ALARM(two)', ['one'], 'OK'],
    ['ALARM(one) AND ALARM(two)', ['one', 'two'], 'ALARM'],
    ['ALARM(one) AND NOT ALARM(two)', ['one', 'two'], 'OK'],
    ['(OK(one) OR FALSE) AND TRUE', ['one'], 'OK'],
    ['ALARM("arn:aws:cloudwatch:eu-west-1:111111111111:alarm:one")', ['one'], 'ALARM'],
  ])('%s with %j in ALARM is %s', async (rule, inAlarm, expected) => {
    addComposite(rule);
    for (const name of inAlarm) await set(name, 'ALARM');
    expect(state('both')).toBe(expected);
  });

  test('tells its rule and children, has no Trigger, and a second child makes no second notice', async () => {
    addComposite('ALARM(one) OR ALARM(two)');
    await set('one', 'ALARM');
    await set('two', 'ALARM');
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).not.toHaveProperty('Trigger');
    expect(messages()[0]).toMatchObject({
      AlarmName: 'both',
      AlarmRule: 'ALARM(one) OR ALARM(two)',
      TriggeringChildren: [
        { Arn: expect.stringContaining(':alarm:one'), State: { Value: 'ALARM' } },
        { State: { Value: 'OK' } },
      ],
    });
  });
});

describe('anomaly detection (an approximation: mean and deviation of the hour)', () => {
  const addBand = () =>
    aws.model.cloudWatch.addMetricAlarm({
      AlarmName: 'band',
      Metrics: [
        { Id: 'expr_1', Expression: 'ANOMALY_DETECTION_BAND(m0, 3)', ReturnData: true },
        {
          Id: 'm0',
          MetricStat: {
            Metric: { Namespace: 'Keyturn', MetricName: 'AuthFailures', Dimensions },
            Period: 300,
            Stat: 'Sum',
          },
          ReturnData: true,
        },
      ],
      ThresholdMetricId: 'expr_1',
      ComparisonOperator: 'GreaterThanUpperThreshold',
      EvaluationPeriods: 1,
      AlarmActions: [TopicArn],
    });
  const traffic = async (count: number, value: (n: number) => number) => {
    for (let n = 0; n < count; n++) {
      await put(value(n));
      await aws.passMs(minutes(5));
    }
  };

  test('without three hours of data there is no band, and a jump is no alarm', async () => {
    addBand();
    await traffic(12, () => 100);
    await traffic(2, () => 5000);
    expect(state('band')).toBe('INSUFFICIENT_DATA');
  });

  test('with them, what is usual is OK and a jump is an alarm', async () => {
    addBand();
    await traffic(60, n => 100 + (n % 5));
    expect(state('band')).toBe('OK');
    await traffic(1, () => 5000);
    expect(state('band')).toBe('ALARM');
    const message = messages().at(-1);
    expect(message.Trigger).toMatchObject({ ThresholdMetricId: 'expr_1' });
    expect(message.Trigger).not.toHaveProperty('Threshold');
    expect(message.NewStateReason).toContain('greater than the upper thresholds');
  });
});
