// Metrics of use have points only for minutes in which something happened, and CloudWatch looks further back for each point that
// is missing. What the alarms' texts promise must hold all the same.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type LocalAws, minutes, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { type UsageMetric, usageDimensions, usageMetrics, usageNamespace } from '../../../core/metrics/usage';
import { alarmsOf } from '../../../lib/alarms/key-alarms';
import type { Key } from '../../../lib/config/config';
import { upperCased } from './upper-cased';

const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const key: Key = {
  address,
  spec: { team: 'support', tier: 'high', scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
  rotateEvery: 'monthly',
  schedule: { cron: '', windowHours: 2, words: '' },
  env: {},
};
const hours = { timeZone: 'UTC', days: ['mon'], from: 9, to: 10 } as const;

let aws: LocalAws;
let client: CloudWatchClient;
beforeEach(async () => {
  aws = await openLocalAws({ knobs: { metricDelaysMs: { logs: 0, putMetricData: 0, services: 0 } } });
  client = new CloudWatchClient(aws.as('server'));
  for (const { signal, metrics, comparison, threshold, breaching, periods } of alarmsOf(key, hours)) {
    if (threshold === undefined) continue;
    aws.model.cloudWatch.addMetricAlarm({
      AlarmName: signal,
      ComparisonOperator: comparison,
      Threshold: threshold,
      EvaluationPeriods: periods,
      DatapointsToAlarm: breaching,
      Metrics: upperCased(metrics) as object[],
      TreatMissingData: 'notBreaching',
    });
  }
});
afterEach(() => aws.close());

async function count(values: Partial<Record<UsageMetric, number>>): Promise<void> {
  const Dimensions = usageDimensions.map(Name => ({ Name, Value: address[Name] }));
  await client.send(
    new PutMetricDataCommand({
      Namespace: usageNamespace(address),
      MetricData: Object.entries(values).map(([metric, Value]) => ({
        MetricName: usageMetrics[metric as UsageMetric],
        Dimensions,
        Value,
        Timestamp: aws.clock.now(),
      })),
    }),
  );
}

/** Passes the time minute by minute. @returns whether the alarm was raised in any of them */
async function raisedWithin(alarm: string, passing: number): Promise<boolean> {
  let raised = false;
  for (let minute = 0; minute < passing; minute++) {
    await aws.passMs(minutes(1));
    raised ||= aws.model.cloudWatch.alarm(alarm)?.state.value === 'ALARM';
  }
  return raised;
}

const outage = { requests: 12, authFailures: 12 };

test.each([
  ['twice within a quarter of an hour', [outage, {}, outage], true],
  ['twice, one after the other', [outage, outage], true],
  ['twice, twenty minutes apart, and idle between', [outage, {}, {}, {}, outage], false],
  [
    'twice, twenty minutes apart, and well between',
    [outage, ...Array(3).fill({ requests: 40 }), outage],
    false,
  ],
  ['once, and nothing else ever', [outage], false],
  [
    'half of a few requests',
    [
      { requests: 4, authFailures: 2 },
      { requests: 3, authFailures: 2 },
    ],
    true,
  ],
  [
    'less than half of them',
    [
      { requests: 5, authFailures: 2 },
      { requests: 5, authFailures: 2 },
    ],
    false,
  ],
  ['never, by a server that has never been refused', Array(6).fill({ requests: 40 }), false],
])('whether the alarm goes off for a key that is refused %s', async (_, spells, expected) => {
  let raised = false;
  for (const spell of spells) {
    if (Object.keys(spell).length) await count(spell);
    // Five minutes, so that each spell is in a period of its own.
    raised = (await raisedWithin('auth-failures', 5)) || raised;
  }
  raised = (await raisedWithin('auth-failures', 30)) || raised;
  expect(raised).toBe(expected);
});

test.each([
  ['three minutes of five', 1, true],
  ['three minutes of seven', 3, false],
])('whether the alarm goes off for requests at night in %s', async (_, everyMinutes, expected) => {
  let raised = false;
  for (let time = 0; time < 3; time++) {
    await count({ requests: 9 });
    raised = (await raisedWithin('off-hours', everyMinutes)) || raised;
  }
  raised = (await raisedWithin('off-hours', 10)) || raised;
  expect(raised).toBe(expected);
});
