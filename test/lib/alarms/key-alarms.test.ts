import { readMetricAlarm } from '@keyturn/aws-model/cloudwatch/alarms/alarm-definition';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { keyUse, monthlyCost } from '../../../bin/config/cost';
import { alarmName, descriptionConfirms } from '../../../core/incident/alarm-name';
import { signalNames, signals } from '../../../core/incident/signals';
import type { Tier } from '../../../core/key/key-spec';
import { alarmsOf, keyAlarms } from '../../../lib/alarms/key-alarms';
import type { Key } from '../../../lib/config/config';
import { upperCased } from './upper-cased';

const hours = {
  timeZone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: 9,
  to: 17,
} as const;
const tiers: Tier[] = ['high', 'normal', 'low'];

function keyOf(tier: Tier, more: Partial<Key> = {}): Key {
  return {
    address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' },
    spec: { team: 'support', tier, scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
    rotateEvery: 'monthly',
    schedule: { cron: '', windowHours: 2, words: '' },
    env: {},
    ...more,
  };
}

test('there is an alarm for every signal that alarms give', () => {
  const given = signalNames.filter(name => signals[name].source === 'alarm');
  expect(Object.keys(keyAlarms).sort()).toEqual(given.sort());
});

test('the higher the tier, the more alarms a key has', () => {
  const names = tiers.map(tier => [tier, alarmsOf(keyOf(tier), hours).map(({ signal }) => signal)]);
  expect(Object.fromEntries(names)).toEqual({
    high: ['auth-failures', 'volume-band', 'volume-ceiling', 'off-hours'],
    normal: ['auth-failures', 'volume-ceiling', 'off-hours'],
    low: ['auth-failures', 'volume-ceiling'],
  });
});

test.each([
  ['auth-failures', ['AuthFailures', 'Requests']],
  ['volume-band', ['Requests']],
  ['volume-ceiling', ['Requests']],
  ['off-hours', ['Requests']],
])('%s reads %j of the key', (signal, expected) => {
  const alarm = alarmsOf(keyOf('high'), hours).find(one => one.signal === signal);
  const queries = alarm?.metrics as { metricStat?: { metric: CfnAlarm.MetricProperty } }[];
  const read = queries.flatMap(({ metricStat }) => metricStat?.metric ?? []);
  expect(read.map(({ metricName }) => metricName)).toEqual(expected);
  for (const { dimensions } of read) {
    expect(dimensions).toEqual([
      { name: 'environment', value: 'prod' },
      { name: 'server', value: 'support-bot' },
      { name: 'provider', value: 'sendgrid' },
      { name: 'purpose', value: 'main' },
    ]);
  }
});

test.each([
  ['auth-failures', 300, { high: '1 in 2 of 3', normal: '1 in 2 of 3', low: '1 in 2 of 3' }],
  ['volume-band', 300, { high: 'band in 3 of 3' }],
  ['volume-ceiling', 3600, { high: '2000 in 1 of 1', normal: '10000 in 1 of 1', low: '50000 in 1 of 1' }],
  ['off-hours', 60, { high: '5 in 3 of 5', normal: '20 in 3 of 5' }],
])('%s sums %i seconds, and speaks from %j periods on', (signal, seconds, from) => {
  for (const tier of tiers) {
    const alarm = alarmsOf(keyOf(tier), hours).find(one => one.signal === signal);
    const told = alarm && `${alarm.threshold ?? alarm.band} in ${alarm.breaching} of ${alarm.periods}`;
    expect([tier, told]).toEqual([tier, (from as Partial<Record<Tier, string>>)[tier]]);
    for (const { metricStat } of (alarm?.metrics ?? []) as { metricStat?: object }[])
      if (metricStat) expect(metricStat).toMatchObject({ period: seconds, stat: 'Sum' });
  }
});

test.each<[Tier, number]>([
  ['high', 10],
  ['normal', 20],
  ['low', 50],
])('a key of tier %s is refused too often from %i requests on, or from half of three', (tier, refused) => {
  const [{ metrics } = { metrics: [] }] = alarmsOf(keyOf(tier), hours);
  expect((metrics as { id: string }[]).find(({ id }) => id === 'watched')).toMatchObject({
    expression: `IF(FILL(refused,0)>=${refused} OR (FILL(made,0)>=3 AND 2*FILL(refused,0)>=FILL(made,0)), 1, 0)`,
  });
});

test('without business hours no hour is suspicious', () => {
  expect(alarmsOf(keyOf('high'), undefined).map(({ signal }) => signal)).not.toContain('off-hours');
});

test('the configuration sets the ceiling', () => {
  const [, ceiling] = alarmsOf(keyOf('low', { requestsPerHour: 120 }), hours);
  expect(ceiling).toMatchObject({
    threshold: 120,
    means: 'there were more than 120 requests within an hour',
  });
});

describe.each(tiers)('tier %s', tier => {
  const key = keyOf(tier);
  const alarms = alarmsOf(key, hours);

  test('alarms and metrics cost at most a dollar a month', () => {
    const { secrets: _, 'secret calls': __, 'KMS requests': ___, ...watching } = keyUse(key, hours);
    expect(monthlyCost(watching)).toBeLessThanOrEqual(1.0001);
  });

  test.each(alarms.map(alarm => [alarm.signal, alarm] as const))(
    '%s says which key, what it means, what happens next and where to read on',
    (signal, { description, means }) => {
      expect(description).toContain('prod/sendgrid/support-bot (server support-bot, team support');
      expect(description).toContain(`It means that ${means}.`);
      expect(description).toMatch(/Next: \S/);
      expect(description).toContain(`docs/runbook.md#${signal}`);
      expect(description.length).toBeLessThanOrEqual(1024);
      expect(descriptionConfirms(description, { signal, address: key.address })).toBe(true);
      expect(alarmName({ signal, address: key.address }).length).toBeLessThanOrEqual(255);
    },
  );

  test.each(alarms.map(alarm => [alarm.signal, alarm] as const))(
    '%s is an alarm that CloudWatch takes',
    (signal, alarm) => {
      const template = {
        AlarmName: alarmName({ signal, address: key.address }),
        ComparisonOperator: alarm.comparison,
        EvaluationPeriods: alarm.periods,
        DatapointsToAlarm: alarm.breaching,
        Threshold: alarm.threshold,
        ThresholdMetricId: alarm.band,
        Metrics: upperCased(alarm.metrics),
      };
      expect(() => readMetricAlarm(template)).not.toThrow();
    },
  );
});
