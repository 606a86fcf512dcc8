// The metric math of off-hours against the calendar, with the evaluator of the rehearsal, minute by minute around clock changes.

import { asSeries, evaluateMath, type Result } from '@keyturn/aws-model/cloudwatch/metrics/metric-math';
import { parseMetricMath } from '@keyturn/aws-model/cloudwatch/metrics/metric-math-parser';
import { minuteMs } from '../../../core/time';
import { closedHours, lastYear } from '../../../lib/alarms/off-hours';
import { type BusinessHours, weekdays } from '../../../lib/config/business-hours';

const office: Omit<BusinessHours, 'timeZone'> = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: 9,
  to: 17,
};

function closedAt(times: number[], hours: BusinessHours): (number | undefined)[] {
  const values: Record<string, Result> = { m1: times.map(() => 1) };
  const scope = { times, periodMs: minuteMs, values, metricIds: ['m1'], inAlarm: true };
  for (const { id, expression } of closedHours('m1', hours)) {
    values[id] = evaluateMath(parseMetricMath(expression), scope);
  }
  return [...asSeries(values.closed!, scope)];
}

function wallClock(timeZone: string): Intl.DateTimeFormat {
  const shown = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...shown });
}

/** What the clock on the wall says. */
function isOpen(time: number, clock: Intl.DateTimeFormat, { days, from, to }: BusinessHours): boolean {
  const parts = clock.formatToParts(time);
  const part = (type: string) => parts.find(found => found.type === type)!.value;
  const minute = Number(part('hour')) * 60 + Number(part('minute'));
  const day = part('weekday').toLowerCase() as (typeof weekdays)[number];
  return days.includes(day) && minute >= from * 60 - 30 && minute < to * 60 + 30;
}

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Tokyo',
  'UTC',
];
// Clocks change in Europe on 2026-10-25 and 2027-03-28, in North America on 2026-11-01 and 2027-03-14.
const weeks = ['2026-10-23', '2026-10-31', '2027-03-12', '2027-03-26', '2028-07-01', `${lastYear}-12-20`];

test.each(zones)(
  '%s: open and closed as the clock on the wall says, every quarter of an hour around changes',
  timeZone => {
    const hours = { timeZone, ...office };
    const clock = wallClock(timeZone);
    for (const week of weeks) {
      const from = Date.parse(`${week}T00:00:00Z`);
      const times = Array.from({ length: 10 * 96 }, (_, n) => from + n * 15 * minuteMs);
      const closed = closedAt(times, hours);
      const wrong = times.filter((time, n) => closed[n] !== (isOpen(time, clock, hours) ? 0 : 1));
      expect(wrong.map(time => new Date(time).toISOString())).toEqual([]);
    }
  },
);

test('the first minute after opening time follows the clock over a change', () => {
  const hours = { timeZone: 'Europe/Berlin', ...office };
  const at = (text: string) => closedAt([Date.parse(text)], hours)[0];
  // Half past eight in Berlin is 06:30 UTC in summer and 07:30 UTC in winter.
  expect([at('2026-10-23T06:29:00Z'), at('2026-10-23T06:30:00Z')]).toEqual([1, 0]);
  expect([at('2026-10-26T06:30:00Z'), at('2026-10-26T07:29:00Z'), at('2026-10-26T07:30:00Z')]).toEqual([
    1, 1, 0,
  ]);
});

test('a week that is open all the time is never closed', () => {
  const always: BusinessHours = { timeZone: 'Asia/Tokyo', days: weekdays, from: 0, to: 24 };
  const times = Array.from(
    { length: 7 * 24 },
    (_, n) => Date.parse('2027-01-01T00:00:00Z') + n * 60 * minuteMs,
  );
  expect(new Set(closedAt(times, always))).toEqual(new Set([0]));
});

test('the changes of the clock that the alarms know reach years ahead', () => {
  const twoYearsAhead = new Date().getUTCFullYear() + 2;
  expect(lastYear).toBeGreaterThanOrEqual(twoYearsAhead);
});

test.each(zones)('%s: every expression is one that CloudWatch takes', timeZone => {
  const expressions = closedHours('m1', { timeZone, ...office });
  expect(Math.max(...expressions.map(({ expression }) => expression.length))).toBeLessThanOrEqual(2048);
  // Ten expressions in an alarm, and one is what is watched.
  expect(expressions.length).toBeLessThan(10);
});
