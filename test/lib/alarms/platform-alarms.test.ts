// What each alarm of an environment watches, and from when on it speaks. Alarms on the use of keys: key-alarms.test.ts.
import { resources } from '../support/deployed-policies';

const alarms = resources.filter(
  ({ type, stack }) => type === 'AWS::CloudWatch::Alarm' && stack === 'keyturn-prod',
);
const composites = resources.filter(({ type }) => type === 'AWS::CloudWatch::CompositeAlarm');

interface Metric {
  Namespace: string;
  MetricName: string;
  Dimensions: { Name: string; Value: string }[];
}

/** `Sum of AWS/SNS NumberOfNotificationsFailed with TopicName keyturn-prod-oncall in 300 s` */
function seriesOf(
  { Namespace, MetricName, Dimensions }: Metric,
  statistic: unknown,
  period: unknown,
): string {
  const of = Dimensions.map(({ Name, Value }) => `${Name} ${Value}`).join(' and ');
  return `${statistic} of ${Namespace} ${MetricName} with ${of} in ${period} s`;
}

const named = (name: string) => alarms.find(({ properties }) => properties.AlarmName === name)?.properties;

describe('alarms that speak as soon as anything is counted, and are silent where nothing is', () => {
  const stopped = (name: string, seconds = 60) => [
    `keyturn-prod-${name}-stopped`,
    `Maximum of AWS/SQS ApproximateNumberOfMessagesVisible with QueueName keyturn-prod-${name}-dlq in ${seconds} s`,
  ];
  const rows = [
    stopped('audit'),
    stopped('emergency-revoke'),
    stopped('retire', 300),
    stopped('tell'),
    stopped('watch'),
    [
      'keyturn-prod-undelivered',
      'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible with QueueName keyturn-prod-undelivered in 60 s',
    ],
    [
      'keyturn-prod-deliveries-failed',
      'Sum of AWS/SNS NumberOfNotificationsFailed with TopicName keyturn-prod-oncall in 300 s',
    ],
    ['keyturn-prod-nobody-told', 'Maximum of Keyturn NobodyTold with environment prod in 3600 s'],
    ['keyturn-prod-overdue', 'Maximum of Keyturn OverdueKeys with environment prod in 3600 s'],
    ['keyturn-prod-unreported-use', 'Sum of Keyturn UnreportedUses with environment prod in 3600 s'],
  ];

  test.each(rows)('%s: %s', (name, series) => {
    const alarm = named(String(name));
    expect(alarm).toMatchObject({
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(seriesOf(alarm as unknown as Metric, alarm?.Statistic, alarm?.Period)).toBe(series);
  });

  test('there are no others, but for the halves of alarms on missing runs', () => {
    const names = alarms.map(({ properties }) => String(properties.AlarmName));
    const others = names.filter(name => !/-(without-run|has-run)$/.test(name));
    expect(others.sort()).toEqual(rows.map(([name]) => name).sort());
  });
});

describe.each([
  ['retire', 'keyturn-prod-retire-hourly', { hours: 3, period: 3600 }],
  ['take-up', 'keyturn-prod-unfinished-incidents', { hours: 3, period: 3600 }],
  ['audit', 'keyturn-prod-audit-daily', { hours: 48, period: 86_400 }],
])('that %s is started no more', (what, rule, { hours, period }) => {
  test(`no start in ${hours} hours, where none at all is one, too`, () => {
    const alarm = named(`keyturn-prod-${what}-without-run`);
    expect(alarm).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: (hours * 3600) / period,
      TreatMissingData: 'breaching',
    });
    const [filled, starts] = (alarm?.Metrics ?? []) as {
      Expression?: string;
      MetricStat?: { Metric: Metric; Stat: string; Period: number };
    }[];
    expect(filled?.Expression).toBe('FILL(starts, 0)');
    expect(
      starts?.MetricStat &&
        seriesOf(starts.MetricStat.Metric, starts.MetricStat.Stat, starts.MetricStat.Period),
    ).toBe(`Sum of AWS/Events Invocations with RuleName ${rule} in ${period} s`);
  });

  test('and there were some, on two days of the last seven', () => {
    const alarm = named(`keyturn-prod-${what}-has-run`);
    expect(alarm).toMatchObject({
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 7,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
    expect(seriesOf(alarm as unknown as Metric, alarm?.Statistic, alarm?.Period)).toBe(
      `Sum of AWS/Events Invocations with RuleName ${rule} in 86400 s`,
    );
  });

  test('is told where both halves say so, and neither speaks by itself', () => {
    const composite = composites.find(
      ({ properties }) => properties.AlarmName === `keyturn-prod-${what}-missing`,
    );
    const half = (end: string) => {
      const { arn } =
        alarms.find(({ properties }) => properties.AlarmName === `keyturn-prod-${what}-${end}`) ?? {};
      return `ALARM("${arn}")`;
    };
    expect(composite?.properties.AlarmRule).toBe(`(${half('without-run')} AND ${half('has-run')})`);
    for (const end of ['without-run', 'has-run'])
      expect(named(`keyturn-prod-${what}-${end}`)?.AlarmActions).toBeUndefined();
  });
});
