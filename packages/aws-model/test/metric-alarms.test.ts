import { addAlarm, aws, messages, put, state, TopicArn } from './support/cloudwatch';
import { days, minutes } from './support/local-aws';

describe('a metric alarm', () => {
  test('begins with INSUFFICIENT_DATA, and the actions of its first real state run', async () => {
    addAlarm({ OKActions: [TopicArn] });
    expect(aws.model.cloudWatch.alarm('auth')!.state).toMatchObject({
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
    });
    await aws.passMs(minutes(1));
    expect(state()).toBe('OK');
    expect(messages()).toMatchObject([{ OldStateValue: 'INSUFFICIENT_DATA', NewStateValue: 'OK' }]);
  });

  test('acts on transitions only, and again after it was left', async () => {
    addAlarm();
    for (let n = 0; n < 5; n++) {
      await put(9);
      await aws.passMs(minutes(1));
    }
    expect(messages()).toHaveLength(1);
    await aws.passMs(minutes(10));
    expect(state()).toBe('OK');
    await put(9);
    await aws.passMs(minutes(1));
    expect(messages()).toHaveLength(2);
  });

  test.each<[string, object, number[], string, string]>([
    [
      'M of N',
      { EvaluationPeriods: 3, DatapointsToAlarm: 2 },
      [9, 0, 9],
      'ALARM',
      'Threshold Crossed: 2 out of the last 3 datapoints [9.0 (23/11/26 00:02:00), 9.0 (23/11/26 00:00:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).',
    ],
    [
      'N of N is not reached',
      { EvaluationPeriods: 3 },
      [9, 0, 9],
      'OK',
      'Threshold Crossed: 3 out of the last 3 datapoints [9.0 (23/11/26 00:02:00), 0.0 (23/11/26 00:01:00), 9.0 (23/11/26 00:00:00)] were not greater than the threshold (5.0).',
    ],
    [
      'less or equal',
      { ComparisonOperator: 'LessThanOrEqualToThreshold' },
      [5],
      'ALARM',
      'Threshold Crossed: 1 datapoint [5.0 (23/11/26 00:00:00)] was less than or equal to the threshold (5.0).',
    ],
    [
      'nothing, treated as breaching',
      { EvaluationPeriods: 2, TreatMissingData: 'breaching' },
      [],
      'ALARM',
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    ],
  ])('%s gives its reason', async (_fact, properties, values, expected, reason) => {
    const names = { ...properties };
    for (const value of values) {
      await put(value);
      await aws.passMs(minutes(1));
    }
    addAlarm(names);
    await aws.passMs(values.length ? 0 : minutes(1));
    if (values.length) await aws.passMs(minutes(1));
    expect(state()).toBe(expected);
    expect(aws.model.cloudWatch.alarm('auth')!.state.reason).toBe(reason);
  });

  test('returns to INSUFFICIENT_DATA when its data stop', async () => {
    addAlarm({ TreatMissingData: 'missing' });
    await put(1);
    await aws.passMs(minutes(1));
    expect(state()).toBe('OK');
    await aws.passMs(minutes(10));
    expect(aws.model.cloudWatch.alarm('auth')!.state).toMatchObject({
      value: 'INSUFFICIENT_DATA',
      reason: 'Insufficient Data: 1 datapoint was unknown.',
    });
  });

  test('an hour slides by the minute', async () => {
    addAlarm({ Period: 3600 });
    await aws.passMs(minutes(30));
    await put(9);
    await aws.passMs(minutes(1));
    expect(state()).toBe('ALARM');
  });

  test('properties that are not modelled are loud', () => {
    expect(() => addAlarm({ EvaluationWindow: { WallClockWindow: { Timezone: 'UTC' } } })).toThrow(
      'not modelled',
    );
    expect(() => addAlarm({ Period: 45 })).toThrow('refuses');
    expect(() => addAlarm({ Period: 3600, EvaluationPeriods: 169 })).toThrow('refuses');
  });
});

test('alarms without new data are not looked at for ever', async () => {
  addAlarm();
  await put(9);
  const planned = jest.spyOn(aws.clock, 'schedule');
  await aws.passMs(days(365));
  expect(planned.mock.calls.filter(([, what]) => what === 'evaluation of alarms').length).toBeLessThan(10);
  expect(state()).toBe('OK');
});
