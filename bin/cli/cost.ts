// What Keyturn costs a month at AWS: counts of what is deployed and done, times list prices. docs/cost.md explains it.
import { type Environment, providersInUse } from '../../lib/config';
import { hasIssuer, providers } from '../../lib/providers';
import { type IntervalName, maxGapDays, minGapDays } from '../../lib/schedule';
import { prices } from './prices';

const rows = [
  ['secrets', prices.secret, 1],
  ['secret calls', prices.secretCall, 10_000],
  ['KMS keys', prices.kmsKey, 1],
  ['KMS requests', prices.kmsRequest, 10_000],
  ['alarm metrics', prices.alarmMetric, 1],
  ['anomaly alarms', prices.anomalyAlarm, 1],
  ['composite alarms', prices.compositeAlarm, 1],
  ['metric series', prices.metricSeries, 1],
] as const;

/** How much of each there is in a month. */
export type MonthlyUse = Partial<Record<(typeof rows)[number][0], number>>;

/** `0.40 secrets + 0.05 secret calls/10,000 + ...` */
export const formula = rows
  .map(
    ([what, price, per]) =>
      `${(price * per).toFixed(2)} ${what}${per > 1 ? `/${per.toLocaleString('en')}` : ''}`,
  )
  .join(' + ');

const daysPerMonth = 365.25 / 12;
/** One process of a server, asking for its key every five minutes. */
const readsPerMonth = Math.round((daysPerMonth * 24 * 60) / 5);
/** The four steps, the retiring after them, and what Secrets Manager does by itself. */
const callsPerRotation = 15;
/** Retiring lists the secrets every hour. */
const listingsPerMonth = Math.round(daysPerMonth * 24);
/** lib/retire-alarms.ts; there are none per key. */
const alarmsPerEnvironment = 2;

export const assumptions = [
  `${readsPerMonth.toLocaleString('en')} reads of each key (one process, every five minutes)`,
  `${callsPerRotation} calls a rotation`,
  'free tiers not deducted',
  'functions, events and logs below a cent',
];

/** US dollars. */
export function monthlyCost(use: MonthlyUse): number {
  return rows.reduce((sum, [what, price]) => sum + (use[what] ?? 0) * price, 0);
}

export function keyUse(rotateEvery: IntervalName): MonthlyUse {
  const gapDays = (minGapDays(rotateEvery) + maxGapDays(rotateEvery)) / 2;
  const calls = readsPerMonth + (callsPerRotation * daysPerMonth) / gapDays;
  return { secrets: 1, 'secret calls': calls, 'KMS requests': calls };
}

/** What an environment has besides its keys. */
export function platformUse(environment: Environment): MonthlyUse {
  const issuers = providersInUse(environment).filter(provider => hasIssuer(providers[provider]));
  return {
    secrets: issuers.length,
    'secret calls': listingsPerMonth,
    'KMS keys': 1,
    'alarm metrics': alarmsPerEnvironment,
  };
}

/** `$1.71` */
export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
