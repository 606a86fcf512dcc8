// What Keyturn costs a month at AWS: counts of what is deployed and done, times list prices. docs/cost.md explains it.
import { hasIssuer } from '../../connectors/contract/connector';
import { tokenScanners } from '../../core/leaks/leak-report';
import { alarmsOf } from '../../lib/alarms/key-alarms';
import type { BusinessHours } from '../../lib/config/business-hours';
import { deliveredKeys, type Environment, type Key, providersInUse } from '../../lib/config/config';
import { tokenPlaces } from '../../lib/config/keys/delivery-places';
import { providers } from '../../lib/config/providers';
import { maxGapDays, minGapDays } from '../../lib/config/schedule';
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
  ['metric calls', prices.metricCall, 1_000],
  ['dashboards', prices.dashboard, 1],
] as const;

type PricedUnit = (typeof rows)[number][0];

/** How much of each there is in a month. */
export type MonthlyUse = Partial<Record<PricedUnit, number>>;

/** `0.40 × 3 secrets + 0.05 × 27,000 secret calls/10,000`; the whole formula, where no use is given. */
export function formula(use?: MonthlyUse): string {
  const terms = rows.map(([what, price, per]) => {
    const amount = use ? ` × ${(use[what] ?? 0).toLocaleString('en', { maximumFractionDigits: 0 })}` : '';
    return {
      what,
      text: `${(price * per).toFixed(2)}${amount} ${what}${per > 1 ? `/${per.toLocaleString('en')}` : ''}`,
    };
  });
  return terms.flatMap(({ what, text }) => (use && !use[what] ? [] : text)).join(' + ');
}

const daysPerMonth = 365.25 / 12;
const minutesPerMonth = daysPerMonth * 24 * 60;
/** client/index.ts, refreshSeconds: whether there is a new key is one DescribeSecret, which decrypts nothing. */
const questionsPerMonth = minutesPerMonth / 5;
/** client/usage/usage-sinks.ts: a report a minute; and only the metric Requests counts something in a month without trouble. */
const reportsPerMonth = minutesPerMonth;
const seriesPerKey = 1;
/** The four steps, the retiring after them, and what Secrets Manager does by itself. */
const callsPerRotation = 16;
/** Retiring lists the secrets every hour. */
const listingsPerMonth = daysPerMonth * 24;
/** Ages of keys, every hour; how many incidents there were counts something in a month with trouble only. */
const seriesPerEnvironment = 2;
/** Of one metric each. A test counts those of the templates. */
const alarmsPerEnvironment = 16;
const compositeAlarmsPerEnvironment = 3;
/** Where keys are delivered: on the function, and on its hourly run, which has a composite alarm, too. */
const alarmsForDelivering = 3;
const alarmsPerServerAndProvider = 1;

export const assumptions = [
  'one process per server, always running, that checks for a new key every five minutes and reports usage every minute',
  `${callsPerRotation} calls per rotation`,
  'no free tiers',
  'functions, events and logs below a cent',
];

/** US dollars. */
export function monthlyCost(use: MonthlyUse): number {
  return rows.reduce((sum, [what, price]) => sum + (use[what] ?? 0) * price, 0);
}

export function addUse(uses: MonthlyUse[]): MonthlyUse {
  return Object.fromEntries(
    rows.map(([what]) => [what, uses.reduce((sum, use) => sum + (use[what] ?? 0), 0)]),
  );
}

export function keyUse(key: Key, businessHours: BusinessHours | undefined): MonthlyUse {
  const gapDays = (minGapDays(key.rotateEvery) + maxGapDays(key.rotateEvery)) / 2;
  const rotationCalls = (callsPerRotation * daysPerMonth) / gapDays;
  const alarms = alarmsOf(key, businessHours);
  const compared = alarms.filter(({ band }) => !band).flatMap(({ metrics }) => metrics);
  return {
    secrets: 1 + (key.spec.replicas?.length ?? 0),
    'secret calls': questionsPerMonth + rotationCalls,
    'KMS requests': rotationCalls,
    'alarm metrics': compared.filter(({ metricStat }) => metricStat).length,
    'anomaly alarms': alarms.filter(({ band }) => band).length,
    'metric series': seriesPerKey,
  };
}

/** What an environment has besides its keys. */
export function platformUse(environment: Environment): MonthlyUse {
  const issuers = providersInUse(environment).filter(provider => hasIssuer(providers[provider]));
  const isDelivering = deliveredKeys(environment).length > 0;
  const pairs = environment.servers.flatMap(({ keys }) => [
    ...new Set(keys.map(({ address }) => address.provider)),
  ]);
  return {
    secrets: issuers.length + signingTokens(environment) + tokenPlaces(environment).length,
    'secret calls': listingsPerMonth * (isDelivering ? 2 : 1),
    'KMS keys': 1,
    'alarm metrics':
      alarmsPerEnvironment +
      (environment.leakReports ? 1 : 0) +
      (isDelivering ? alarmsForDelivering : 0) +
      alarmsPerServerAndProvider * pairs.length,
    'composite alarms': compositeAlarmsPerEnvironment + (isDelivering ? 1 : 0),
    'metric series': seriesPerEnvironment,
    dashboards: 1,
    'metric calls': environment.servers.length * reportsPerMonth,
  };
}

/** Of scanners that sign under one. */
function signingTokens({ leakReports }: Environment): number {
  return tokenScanners.filter(scanner => leakReports?.from.includes(scanner)).length;
}

/** `$2.00 per 100,000 events`: what each copy of management events costs that is not the first in its account and region. */
export const furtherCopyPrice = `${dollars(prices.furtherEventCopy * 100_000)} per 100,000 events`;

/** US dollars, to the cent. */
export function monthlyUsd(use: MonthlyUse): number {
  return Math.round(monthlyCost(use) * 100) / 100;
}

/** `$1.71` */
export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
