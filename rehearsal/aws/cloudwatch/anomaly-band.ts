// Anomaly detection, approximately: CloudWatch does not publish its model. Here, the usual value of an hour of the day is the
// mean of that hour over the last two weeks, and the band is so many standard deviations around it. As with CloudWatch,
// there is no band until three hours of data are there, and none in an hour that was never seen.
import type { Series } from './metric-math';

export interface Band {
  lower: number;
  upper: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const trainingDays = 14;
const fewestPoints = 3;
/** A series that hardly varies would make any change an anomaly; the real band has some width as well. */
const leastRelativeDeviation = 0.1;
const leastDeviation = 1;

/**
 * @param valuesAt the watched series at these period starts
 * @param firstAt when the metric's data begin, as far as known
 */
export function bandFor(hourStart: number, periodMs: number, deviations: number, valuesAt: (times: number[]) => Series): Band | undefined {
  const training = trainingTimes(hourStart, periodMs);
  const values = valuesAt(training).filter(value => value !== undefined);
  if (values.length < fewestPoints || !hasLearned(hourStart, valuesAt)) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const width = deviations * Math.max(Math.sqrt(variance), Math.abs(mean) * leastRelativeDeviation, leastDeviation);
  return { lower: mean - width, upper: mean + width };
}

/** The same hour on each day before, and, where the metric is younger than a day, the hours just before. */
function trainingTimes(hourStart: number, periodMs: number): number[] {
  const hours = Array.from({ length: trainingDays }, (_, day) => hourStart - (day + 1) * dayMs);
  const recent = [3, 2, 1].map(hours => hourStart - hours * hourMs);
  const perHour = Math.max(1, Math.floor(hourMs / periodMs));
  return [...hours, ...recent].flatMap(start => Array.from({ length: perHour }, (_, n) => start + n * periodMs));
}

function hasLearned(hourStart: number, valuesAt: (times: number[]) => Series): boolean {
  const before = [3, 6, 12, 24, 48, 7 * 24].map(hours => hourStart - hours * hourMs);
  return before.some(start => valuesAt(Array.from({ length: 60 }, (_, n) => start + n * 60_000)).some(value => value !== undefined));
}
