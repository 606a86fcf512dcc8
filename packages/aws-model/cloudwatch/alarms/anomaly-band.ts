// Anomaly detection, approximately: CloudWatch does not publish its model. Here, the usual value of an hour of the day is the
// mean of that hour over the last two weeks and of the three hours before, and the band is so many standard deviations around
// it. As with CloudWatch, there is no band until three hours of data are there.

import { dayMs, hourMs } from '../../clock/time';
import type { Series } from '../metrics/metric-math';

export interface Band {
  lower: number;
  upper: number;
}

const trainingDays = 14;
const fewestPoints = 3;
/** A series that hardly varies would make any change an anomaly; the real band has some width as well. */
const leastRelativeDeviation = 0.1;
const leastDeviation = 1;

/** @param valuesAt the watched series at these period starts */
export function bandFor(
  hourStart: number,
  periodMs: number,
  deviations: number,
  valuesAt: (times: number[]) => Series,
): Band | undefined {
  const periods = (start: number) =>
    Array.from({ length: Math.max(1, Math.floor(hourMs / periodMs)) }, (_, n) => start + n * periodMs);
  const known = (starts: number[]) => valuesAt(starts.flatMap(periods)).filter(value => value !== undefined);
  const sameHour = known(Array.from({ length: trainingDays }, (_, day) => hourStart - (day + 1) * dayMs));
  const threeHoursAgo = known([hourStart - 3 * hourMs]);
  const values = [...sameHour, ...threeHoursAgo, ...known([hourStart - 2 * hourMs, hourStart - hourMs])];
  if (values.length < fewestPoints || sameHour.length + threeHoursAgo.length === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const width =
    deviations * Math.max(Math.sqrt(variance), Math.abs(mean) * leastRelativeDeviation, leastDeviation);
  return { lower: mean - width, upper: mean + width };
}
