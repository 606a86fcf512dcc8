// AWS list prices, us-east-1 in US dollars, before free tiers; other regions differ by some per cent.

export const prices = {
  /** Each month. */
  secret: 0.4,
  secretCall: 0.05 / 10_000,
  /** Each month; a second and a third time after its first and second yearly rotation. */
  kmsKey: 1,
  kmsRequest: 0.03 / 10_000,
  /** Each metric that a standard alarm looks at, each month. */
  alarmMetric: 0.1,
  anomalyAlarm: 0.3,
  compositeAlarm: 0.5,
  /** Each combination of dimensions, each month in which it has data throughout. */
  metricSeries: 0.3,
  /** PutMetricData. */
  metricCall: 0.01 / 1_000,
  /** Each month; three of an account are free. */
  dashboard: 3,
  /** Each management event that a second trail of the account logs in the same region, and each further one; the first copy is free. */
  furtherEventCopy: 2 / 100_000,
} as const;

export const pricesAsOf = '2026-09-29';
export const priceSources = [
  'https://aws.amazon.com/secrets-manager/pricing/',
  'https://aws.amazon.com/kms/pricing/',
  'https://aws.amazon.com/cloudwatch/pricing/',
  'https://aws.amazon.com/cloudtrail/pricing/',
];
