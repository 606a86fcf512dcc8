import {
  addUse,
  dollars,
  formula,
  keyUse,
  type MonthlyUse,
  monthlyCost,
  platformUse,
} from '../../../bin/config/cost';
import { exampleConfig } from '../../lib/support/example-config';
import { type Resource, resourcesOf, stackNames } from '../../lib/support/example-environments';

describe('monthly cost', () => {
  it('agrees with an example worked out by hand', () => {
    // One secret, two series, two standard alarms and one anomaly alarm, three tasks that read every five minutes:
    // 0.40 + 3 x 12 x 24 x 30 = 25,920 calls = 0.1296 + 0.07776 for KMS + 2 x 0.10 + 0.30 + 2 x 0.30 = 1.70736
    const use = {
      secrets: 1,
      'secret calls': 25_920,
      'KMS requests': 25_920,
      'alarm metrics': 2,
      'anomaly alarms': 1,
      'metric series': 2,
    };
    expect(monthlyCost(use)).toBeCloseTo(1.70736, 10);
    expect(dollars(monthlyCost(use))).toBe('$1.71');
  });

  it('charges every kind of thing by its own price', () => {
    const hundredthsOf = (use: MonthlyUse) => Math.round(monthlyCost(use) * 100);
    expect(hundredthsOf({ secrets: 10 })).toBe(400);
    expect(hundredthsOf({ 'secret calls': 1_000_000 })).toBe(500);
    expect(hundredthsOf({ 'KMS keys': 2 })).toBe(200);
    expect(hundredthsOf({ 'KMS requests': 1_000_000 })).toBe(300);
    expect(hundredthsOf({ 'alarm metrics': 3 })).toBe(30);
    expect(hundredthsOf({ 'anomaly alarms': 3 })).toBe(90);
    expect(hundredthsOf({ 'composite alarms': 3 })).toBe(150);
    expect(hundredthsOf({ 'metric series': 3 })).toBe(90);
    expect(hundredthsOf({ dashboards: 2 })).toBe(600);
    expect(hundredthsOf({ 'metric calls': 1_000_000 })).toBe(1000);
  });

  it('is printed as a formula, with what there is', () => {
    expect(formula()).toMatchInlineSnapshot(
      `"0.40 secrets + 0.05 secret calls/10,000 + 1.00 KMS keys + 0.03 KMS requests/10,000 + 0.10 alarm metrics + 0.30 anomaly alarms + 0.50 composite alarms + 0.30 metric series + 0.01 metric calls/1,000 + 3.00 dashboards"`,
    );
    expect(formula({ secrets: 2, 'secret calls': 25_920, 'metric series': 0 })).toBe(
      '0.40 × 2 secrets + 0.05 × 25,920 secret calls/10,000',
    );
  });

  it('counts a key as one secret that is asked about every five minutes, rotated and watched', () => {
    const [key] = exampleConfig.environments[0]!.servers[0]!.keys;
    const weekly = keyUse({ ...key!, rotateEvery: 'weekly' }, undefined);
    expect(weekly.secrets).toBe(1);
    // 365.25 days x 288 reads / 12, and 365.25 / 7 rotations of 16 calls / 12
    expect(weekly['secret calls']).toBeCloseTo(8_766 + 69.57, 1);
    expect(keyUse({ ...key!, rotateEvery: 'quarterly' }, undefined)['secret calls']).toBeLessThan(8_800);
    const hours = { timeZone: 'Europe/Berlin', days: ['mon'], from: 9, to: 17 } as const;
    expect(keyUse(key!, hours)['alarm metrics']).toBeGreaterThan(weekly['alarm metrics']!);
  });

  it('counts the secrets, keys and alarms of the templates', () => {
    for (const environment of exampleConfig.environments) {
      const keys = environment.servers.flatMap(server => server.keys);
      const uses = keys.map(key => keyUse(key, environment.businessHours));
      const use = addUse([platformUse(environment), ...uses]);
      const resources = stackNames
        .filter(name => name.startsWith(`keyturn-${environment.name}`))
        .flatMap(stack => Object.values(resourcesOf(stack)));
      const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
      const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
      const [anomaly, standard] = [alarms.filter(watchesBand), alarms.filter(alarm => !watchesBand(alarm))];
      expect({
        secrets: use.secrets,
        keys: use['KMS keys'],
        alarmMetrics: use['alarm metrics'],
        anomalyAlarms: use['anomaly alarms'],
        compositeAlarms: use['composite alarms'],
        dashboards: use.dashboards,
      }).toEqual({
        secrets: count('AWS::SecretsManager::Secret'),
        keys: count('AWS::KMS::Key'),
        alarmMetrics: standard.reduce((sum, alarm) => sum + metricsOf(alarm), 0),
        anomalyAlarms: anomaly.length,
        compositeAlarms: count('AWS::CloudWatch::CompositeAlarm'),
        dashboards: count('AWS::CloudWatch::Dashboard'),
      });
    }
  });
});

function watchesBand({ Properties }: Resource): boolean {
  return Properties.ThresholdMetricId !== undefined;
}

/** CloudWatch bills each metric that an alarm looks at, and no expression. */
function metricsOf({ Properties }: Resource): number {
  const queries = Properties.Metrics as { MetricStat?: object }[] | undefined;
  return queries ? queries.filter(({ MetricStat }) => MetricStat).length : 1;
}
