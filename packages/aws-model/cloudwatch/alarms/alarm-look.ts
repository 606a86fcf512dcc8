// One look at a metric alarm: fetches the points of its evaluation range and says which state they make.

import { hourMs, minuteMs } from '../../clock/time';
import type { Virtual } from '../../clock/virtual';
import type { MetricStore } from '../metrics/metric-store';
import { seriesOf } from '../metrics/queries';
import type { MetricAlarm } from './alarm-definition';
import { type AlarmState, evaluateAlarm } from './alarm-evaluation';
import type { EvaluatedPoint } from './alarm-reason';
import { type Band, bandFor } from './anomaly-band';

export interface Looked {
  value: AlarmState;
  /** Of the evaluation range, oldest first. */
  points: EvaluatedPoint[];
}

export type Look = (alarm: MetricAlarm, state: AlarmState) => Looked;

export function createLook(parts: {
  virtual: Virtual;
  store: MetricStore;
  evaluationRange(evaluationPeriods: number): number;
}): Look {
  const { virtual, store } = parts;
  const bands = new WeakMap<MetricAlarm, Map<number, Band | undefined>>();

  /** Learned once an hour. */
  function bandAt(
    alarm: MetricAlarm,
    { sourceId, deviations }: NonNullable<MetricAlarm['band']>,
    time: number,
  ): Band | undefined {
    const { read, periodMs } = alarm;
    const hour = Math.floor(time / hourMs) * hourMs;
    const known = bands.get(alarm) ?? new Map<number, Band | undefined>();
    bands.set(alarm, known);
    if (!known.has(hour)) {
      const valuesAt = (times: number[]) =>
        seriesOf(sourceId, read, store, { times, periodMs, inAlarm: true });
      known.set(hour, bandFor(hour, periodMs, deviations, valuesAt));
    }
    return known.get(hour);
  }

  return (alarm, state) => {
    const { periodMs, watched, read, evaluationPeriods } = alarm;
    const count = parts.evaluationRange(evaluationPeriods);
    // The window slides by the minute, also where periods are hours or days.
    const stepMs = Math.min(periodMs, minuteMs);
    const end = Math.floor(virtual.now().getTime() / stepMs) * stepMs;
    const times = Array.from({ length: count }, (_, n) => end - (count - n) * periodMs);
    const values = seriesOf(watched, read, store, { times, periodMs, inAlarm: true });
    const points = times.map((time, place) => {
      const value = Number.isNaN(values[place]) ? undefined : values[place];
      const band = alarm.band && bandAt(alarm, alarm.band, time);
      return { at: new Date(time), value, band, breaches: breaches(alarm, value, band) };
    });
    const value = evaluateAlarm({ ...alarm, breaching: points.map(point => point.breaches), state });
    return { value, points };
  };
}

/** Without a band there is nothing to breach: the point counts as missing. */
function breaches(
  { properties }: MetricAlarm,
  value: number | undefined,
  band: Band | undefined,
): boolean | undefined {
  if (value === undefined) return undefined;
  const { ComparisonOperator, Threshold = 0 } = properties;
  switch (ComparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= Threshold;
    case 'GreaterThanThreshold':
      return value > Threshold;
    case 'LessThanThreshold':
      return value < Threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= Threshold;
    case 'LessThanLowerThreshold':
      return band && value < band.lower;
    case 'GreaterThanUpperThreshold':
      return band && value > band.upper;
    case 'LessThanLowerOrGreaterThanUpperThreshold':
      return band && (value < band.lower || value > band.upper);
  }
}
