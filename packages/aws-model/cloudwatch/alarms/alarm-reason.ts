// Why an alarm is in its state, in the words that CloudWatch was recorded to use.

import type { MetricAlarm } from './alarm-definition';
import type { AlarmState } from './alarm-evaluation';
import type { Band } from './anomaly-band';

export interface EvaluatedPoint {
  at: Date;
  value: number | undefined;
  breaches: boolean | undefined;
  band?: Band | undefined;
}

export const initialReason = 'Unchecked: Initial alarm creation';

const comparisons = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to the threshold',
  GreaterThanThreshold: 'greater than the threshold',
  LessThanThreshold: 'less than the threshold',
  LessThanOrEqualToThreshold: 'less than or equal to the threshold',
};

const bandComparisons = {
  LessThanLowerOrGreaterThanUpperThreshold: (lower: string, upper: string) =>
    `less than the lower thresholds [${lower}] or greater than the upper thresholds [${upper}]`,
  LessThanLowerThreshold: (lower: string) => `less than the lower thresholds [${lower}]`,
  GreaterThanUpperThreshold: (_lower: string, upper: string) =>
    `greater than the upper thresholds [${upper}]`,
};

/** @param points of the evaluation range, oldest first */
export function reasonFor(alarm: MetricAlarm, state: AlarmState, points: readonly EvaluatedPoint[]): string {
  const { evaluationPeriods: periods, datapointsToAlarm, treatMissingData } = alarm;
  const real = points.filter(hasValue).slice(-periods);
  if (state === 'INSUFFICIENT_DATA')
    return `Insufficient Data: ${counted(periods, 'datapoint')} ${periods === 1 ? 'was' : 'were'} unknown.`;
  if (real.length === 0) {
    const treated = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received for ${counted(periods, 'period')} and ${counted(periods, 'missing datapoint')} ${periods === 1 ? 'was' : 'were'} treated as [${treated}].`;
  }
  // Newest first, as CloudWatch lists them.
  const shown = real.filter(({ breaches }) => state !== 'ALARM' || breaches).reverse();
  const listed = shown.map(({ value, at }) => `${decimal(value)} (${dayAndTime(at)})`).join(', ');
  const was = `${shown.length === 1 ? 'was' : 'were'}${state === 'ALARM' ? '' : ' not'} ${comparison(alarm, shown)}`;
  if (periods === 1) return `Threshold Crossed: 1 datapoint [${listed}] ${was}.`;
  const minimum =
    state === 'ALARM'
      ? ` (minimum ${counted(datapointsToAlarm, 'datapoint')} for OK -> ALARM transition)`
      : '';
  return `Threshold${alarm.band ? 's' : ''} Crossed: ${shown.length} out of the last ${periods} datapoints [${listed}] ${was}${minimum}.`;
}

export function reasonData(alarm: MetricAlarm, points: readonly EvaluatedPoint[], now: Date): string {
  const { Threshold, Statistic, Unit } = alarm.properties;
  const real = points.filter(hasValue).slice(-alarm.evaluationPeriods);
  return JSON.stringify({
    version: '1.0',
    queryDate: withOffset(now),
    startDate: withOffset(points[0]?.at ?? now),
    ...(Unit && { unit: Unit }),
    ...(Statistic && { statistic: Statistic }),
    period: alarm.periodMs / 1000,
    recentDatapoints: real.map(({ value }) => value),
    ...(Threshold !== undefined && { threshold: Threshold }),
    evaluatedDatapoints: real.map(({ at, value }) => ({ timestamp: withOffset(at), value })).reverse(),
  });
}

function hasValue(point: EvaluatedPoint): point is EvaluatedPoint & { value: number } {
  return point.value !== undefined;
}

/** `2026-02-26T10:14:11.123+0000` */
export function withOffset(instant: Date): string {
  return instant.toISOString().replace('Z', '+0000');
}

function comparison({ properties }: MetricAlarm, shown: readonly EvaluatedPoint[]): string {
  const operator = properties.ComparisonOperator;
  if (operator in comparisons) {
    return `${comparisons[operator as keyof typeof comparisons]} (${decimal(properties.Threshold ?? 0)})`;
  }
  const edges = (side: keyof Band) => shown.map(({ band }) => (band ? decimal(band[side]) : '?')).join(', ');
  return bandComparisons[operator as keyof typeof bandComparisons](edges('lower'), edges('upper'));
}

/** `26/02/26 10:13:00` */
function dayAndTime(instant: Date): string {
  return instant.toISOString().replace(/^\d\d(\d\d)-(\d\d)-(\d\d)T(.{8}).*$/, '$3/$2/$1 $4');
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
