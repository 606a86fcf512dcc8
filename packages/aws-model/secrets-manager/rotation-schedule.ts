// When a secret is due: windows by rate() or cron(), UTC, opening on the hour, never passing the end of a UTC day.

import { dayMs, hourMs } from '../clock/time';
import { type AwsCron, parseAwsCron } from '../shared/aws-cron';
import { AwsError } from '../wire/aws-error';

export interface RotationRules {
  AutomaticallyAfterDays?: number;
  ScheduleExpression?: string;
  Duration?: string;
}

export interface Window {
  opensAt: Date;
  /** The next rotation date that AWS shows. */
  closesAt: Date;
}

/** @throws {AwsError} InvalidParameterException, where AWS refuses the rules */
export function checkRules(rules: RotationRules): void {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression, Duration: duration } = rules;
  if (days !== undefined && expression !== undefined) {
    throw invalid('You can specify either AutomaticallyAfterDays or ScheduleExpression, not both.');
  }
  if (duration !== undefined && !/^[1-9]\d?h$/.test(duration))
    throw invalid(`Duration ${duration} is not valid; use hours, such as 3h.`);
  if (expression === undefined) return;
  if (expression.startsWith('rate(')) checkRate(expression, duration);
  else checkCron(expression, duration);
}

/** The first window that opens after `now`; rates count from the last rotation. */
export function nextWindow(
  rules: RotationRules,
  now: Date,
  lastRotatedAt: Date | undefined,
): Window | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  // Beside an expression, the number of days is only what the service worked out to show.
  if (expression === undefined)
    return days ? afterRate(rules, { count: days, unit: 'day' }, now, lastRotatedAt) : undefined;
  if (expression.startsWith('rate(')) return afterRate(rules, parseRate(expression), now, lastRotatedAt);
  const cron = parseAwsCron(expression);
  const opensAt = cron.next(now);
  return opensAt && { opensAt, closesAt: closing(opensAt, rules.Duration, isHourly(cron.hours)) };
}

interface Rate {
  count: number;
  unit: 'hour' | 'day';
}

function afterRate(rules: RotationRules, rate: Rate, now: Date, lastRotatedAt: Date = now): Window {
  const unitMs = rate.unit === 'hour' ? hourMs : dayMs;
  const due = (from: number) => Math.floor((from + rate.count * unitMs) / unitMs) * unitMs;
  // A date that has passed, after a pause of rotation, comes due in the next hour or day.
  const opensAt = new Date(
    Math.max(due(lastRotatedAt.getTime()), Math.ceil(now.getTime() / unitMs) * unitMs),
  );
  return { opensAt, closesAt: closing(opensAt, rules.Duration, rate.unit === 'hour') };
}

function closing(opensAt: Date, duration: string | undefined, hourly: boolean): Date {
  if (duration) return new Date(opensAt.getTime() + Number.parseInt(duration, 10) * hourMs);
  if (hourly) return new Date(opensAt.getTime() + hourMs);
  return new Date((Math.floor(opensAt.getTime() / dayMs) + 1) * dayMs);
}

function parseRate(expression: string): Rate {
  const match = /^rate\((\d+) (hour|day)s?\)$/.exec(expression);
  if (!match)
    throw invalid(
      `ScheduleExpression ${expression} is not valid; use rate(N hours), rate(N days) or cron(...).`,
    );
  return { count: Number(match[1]), unit: match[2] as Rate['unit'] };
}

function checkRate(expression: string, duration: string | undefined): void {
  const { count, unit } = parseRate(expression);
  if (count * (unit === 'hour' ? 1 : 24) < 4)
    throw invalid(`ScheduleExpression ${expression} is not valid; the minimum is 4 hours.`);
  const longest = unit === 'hour' ? Math.min(count, 24) : 24;
  if (hoursOf(duration) > longest)
    throw invalid(
      `Duration ${duration} is not valid; the window would pass into the next one or the next day.`,
    );
}

function checkCron(expression: string, duration: string | undefined): void {
  const cron = cronOf(expression);
  if (cron.minutes !== '0')
    throw invalid(
      `ScheduleExpression ${expression} is not valid; windows open on the hour, so minutes must be 0.`,
    );
  if (cron.year !== '*') throw invalid(`ScheduleExpression ${expression} is not valid; the year must be *.`);
  // Two days of openings show every spacing of hours; days and months only widen it.
  const openings = isHourly(cron.hours) ? 2 * 24 : 1;
  let opensAt = cron.next(new Date(0));
  for (let n = 0; opensAt && n < openings; n++) {
    const following = cron.next(opensAt);
    if (following && following.getTime() - opensAt.getTime() < 4 * hourMs) {
      throw invalid(`ScheduleExpression ${expression} is not valid; the minimum is 4 hours.`);
    }
    const nextDay = (Math.floor(opensAt.getTime() / dayMs) + 1) * dayMs;
    const limit = Math.min(following?.getTime() ?? nextDay, nextDay);
    if (opensAt.getTime() + hoursOf(duration) * hourMs > limit) {
      throw invalid(
        `Duration ${duration} is not valid; the window would pass into the next one or the next day.`,
      );
    }
    opensAt = following;
  }
}

function cronOf(expression: string): AwsCron {
  try {
    return parseAwsCron(expression);
  } catch (cause) {
    throw invalid(`ScheduleExpression ${expression} is not valid; ${(cause as Error).message}.`);
  }
}

function isHourly(hours: string): boolean {
  return !/^\d+$/.test(hours);
}

function hoursOf(duration: string | undefined): number {
  return duration ? Number.parseInt(duration, 10) : 1;
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
