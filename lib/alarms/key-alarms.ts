// The alarms of one key, as data: what they compare with which threshold, and why. Few enough that a key costs at most about
// a dollar a month beyond its secret.

import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { rotates } from '../../connectors/contract/made-by';
import { writeAlarmDescription } from '../../core/incident/alarm-name';
import { responseTo, type Signal, type SignalResponse, signals } from '../../core/incident/signals';
import { shortName } from '../../core/key/key-address';
import type { Tier } from '../../core/key/key-spec';
import { type UsageMetric, usageDimensions, usageMetrics, usageNamespace } from '../../core/metrics/usage';
import { runbookSection } from '../../core/notices/notice';
import type { BusinessHours } from '../config/business-hours';
import type { Key } from '../config/config';
import { type ProviderName, providers } from '../config/providers';
import { closedHours } from './off-hours';

type AlarmSignal = { [S in Signal]: (typeof signals)[S]['source'] extends 'alarm' ? S : never }[Signal];
type Query = CfnAlarm.MetricDataQueryProperty;

/** What CloudWatch compares: metrics by id, the expression or band that is watched, and the threshold. */
export interface AlarmRule {
  metrics: Query[];
  comparison: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'GreaterThanUpperThreshold';
  threshold?: number;
  /** Id of the band, instead of a threshold. */
  band?: string;
  /** This many of the last so many periods. */
  breaching: number;
  periods: number;
  /** For people: completes "It means that ...". */
  means: string;
}

interface KeyAlarm {
  /** Tiers that are worth its price. */
  tiers: readonly Tier[];
  /** Where the thresholds come from. */
  why: string;
  /** @returns `undefined` where the environment gives it nothing to go by */
  rule(key: Key, businessHours: BusinessHours | undefined): AlarmRule | undefined;
}

const everyTier: readonly Tier[] = ['high', 'normal', 'low'];

/** Refused requests within five minutes. */
const refusedAtMost: Record<Tier, number> = { high: 10, normal: 20, low: 50 };
/** From so many requests within five minutes on, half of them refused is enough: a quiet server has no more. */
const ratioFrom = 3;
/** Requests in any hour; `requestsPerHour` in config/keys.ts says better. */
const ceilingPerHour: Record<Tier, number> = { high: 2_000, normal: 10_000, low: 50_000 };
/** Requests a minute outside business hours, in three minutes of five: fewer are a person who works late. */
const offHoursPerMinute: Partial<Record<Tier, number>> = { high: 5, normal: 20 };
const bandWidth = 4;

export const keyAlarms: Record<AlarmSignal, KeyAlarm> = {
  'auth-failures': {
    tiers: everyTier,
    why: 'A working key is never refused for long: one bad spell is a deployment, two within a quarter of an hour are not.',
    rule: ({ spec: { tier }, address }) => ({
      metrics: [
        usage('refused', 'authFailures', address, 300),
        usage('made', 'requests', address, 300),
        // Filled: refusals are counted only where there are some, and CloudWatch looks further back for each point that is missing.
        watched(
          `IF(FILL(refused,0)>=${refusedAtMost[tier]} OR (FILL(made,0)>=${ratioFrom} AND 2*FILL(refused,0)>=FILL(made,0)), 1, 0)`,
          'refused often',
        ),
      ],
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: 1,
      breaching: 2,
      periods: 3,
      means: `the provider refused ${refusedAtMost[tier]} or more requests, or half of them, within five minutes, and twice so within a quarter of an hour`,
    }),
  },
  'volume-band': {
    // An anomaly alarm is billed as three metrics.
    tiers: ['high'],
    why: 'The band learns two weeks; four deviations for a quarter of an hour are rare in traffic that people make.',
    rule: ({ address }) => ({
      metrics: [
        { ...usage('made', 'requests', address, 300), returnData: true },
        {
          id: 'band',
          expression: `ANOMALY_DETECTION_BAND(made, ${bandWidth})`,
          label: 'usual',
          returnData: true,
        },
      ],
      comparison: 'GreaterThanUpperThreshold',
      band: 'band',
      breaching: 3,
      periods: 3,
      means: `for a quarter of an hour there were more requests than the band that CloudWatch has learned, ${bandWidth} deviations wide`,
    }),
  },
  'volume-ceiling': {
    tiers: everyTier,
    why: 'The band follows slow growth and knows nothing in its first days; a number does not move.',
    rule: ({ address, spec: { tier }, requestsPerHour = ceilingPerHour[tier] }) => ({
      metrics: [
        usage('made', 'requests', address, 3600),
        // An hour without any would be left out, and the busy one before it looked at again.
        watched('FILL(made, 0)', 'requests within an hour'),
      ],
      comparison: 'GreaterThanThreshold',
      threshold: requestsPerHour,
      breaching: 1,
      periods: 1,
      means: `there were more than ${requestsPerHour.toLocaleString('en')} requests within an hour`,
    }),
  },
  'off-hours': {
    tiers: ['high', 'normal'],
    why: 'Minute by minute, so that the first request of the day does not stand in a period that began at night.',
    rule({ address, spec: { tier } }, businessHours) {
      const perMinute = offHoursPerMinute[tier];
      if (!businessHours || !perMinute) return undefined;
      const { timeZone, days, from, to } = businessHours;
      return {
        metrics: [
          usage('made', 'requests', address, 60),
          ...closedHours('made', businessHours).map(expression => ({ ...expression, returnData: false })),
          watched('IF(closed, FILL(made,0), 0)', 'requests outside business hours'),
        ],
        comparison: 'GreaterThanOrEqualToThreshold',
        threshold: perMinute,
        breaching: 3,
        periods: 5,
        means: `it made ${perMinute} or more requests a minute, in three minutes of five, outside ${days.join(', ')}, ${from}:00 to ${to}:00 in ${timeZone} (half an hour is allowed on both sides)`,
      };
    },
  },
};

export interface DefinedAlarm extends AlarmRule {
  signal: AlarmSignal;
  description: string;
}

/** @param runbook where the team keeps it @default - the one that is shipped */
export function alarmsOf(
  key: Key,
  businessHours: BusinessHours | undefined,
  runbook?: string,
): DefinedAlarm[] {
  return (Object.entries(keyAlarms) as [AlarmSignal, KeyAlarm][]).flatMap(([signal, { tiers, rule }]) => {
    const defined = tiers.includes(key.spec.tier) ? rule(key, businessHours) : undefined;
    return defined
      ? [{ ...defined, signal, description: describe(key, signal, { means: defined.means, runbook }) }]
      : [];
  });
}

const next: Record<SignalResponse, string> = {
  tell: 'Keyturn changes nothing; you are told and decide.',
  'replace-if-rejected': 'Keyturn asks the provider, and replaces the key if it is dead.',
  'replace-first': 'Keyturn issues a new key, makes it current, then revokes this one and tells you.',
  'revoke-first': 'Keyturn revokes the key at once, then issues a new one and tells you.',
};

function describe(
  { address, spec }: Key,
  signal: AlarmSignal,
  { means, runbook }: { means: string; runbook: string | undefined },
): string {
  const forPeople = [
    `${shortName(address)} (server ${address.server}, team ${spec.team}, tier ${spec.tier}): ${signals[signal].words}.`,
    `It means that ${means}.`,
    `Next: ${next[responseTo(signal, spec.tier, rotates(providers[address.provider as ProviderName], spec))]}`,
    `Runbook: ${runbookSection(signal, runbook)}`,
  ];
  return writeAlarmDescription(forPeople.join(' '), { signal, address });
}

function usage(id: string, metric: UsageMetric, address: Key['address'], period: number): Query {
  return {
    id,
    returnData: false,
    metricStat: {
      metric: {
        namespace: usageNamespace(address),
        metricName: usageMetrics[metric],
        dimensions: usageDimensions.map(name => ({ name, value: address[name] })),
      },
      period,
      stat: 'Sum',
    },
  };
}

function watched(expression: string, label: string): Query {
  return { id: 'watched', expression, label, returnData: true };
}
