// A count that is written with other dimensions than an alarm reads is seen by nobody.
import {
  environmentMetricLine,
  findingsMetricLine,
  metricLine,
  providerMetricLine,
} from '../../../core/metrics/metric-line';

const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const at = new Date('2026-11-23T03:00:00Z');

test.each([
  [
    'of one key, in the namespace of its server',
    metricLine(address, { Requests: 7 }, at),
    'Keyturn/prod/support-bot',
    { environment: 'prod', server: 'support-bot', provider: 'sendgrid', purpose: 'main' },
    { Requests: 7 },
  ],
  [
    'of the keys of one server at one provider',
    providerMetricLine(address, { RetireFailed: 1 }, at),
    'Keyturn',
    { environment: 'prod', server: 'support-bot', provider: 'sendgrid' },
    { RetireFailed: 1 },
  ],
  [
    'of an environment',
    environmentMetricLine('prod', { OldestKeyDays: 3, OverdueKeys: 0 }, at),
    'Keyturn',
    { environment: 'prod' },
    { OldestKeyDays: 3, OverdueKeys: 0 },
  ],
  [
    'of findings of one rule',
    findingsMetricLine('prod', 'unused-key', 2, at),
    'Keyturn',
    { environment: 'prod', rule: 'unused-key' },
    { AuditFindings: 2 },
  ],
])('counts %s', (_, line, namespace, dimensions, counts) => {
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.keys(counts).map(Name => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    ...dimensions,
    ...counts,
  });
});
