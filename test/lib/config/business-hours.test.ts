import { type BusinessHours, businessWeekHours, weekdays } from '../../../lib/config/business-hours';
import { nextDates, scheduleFor, windowHours, windowStarts } from '../../../lib/config/schedule';

const workdays = weekdays.slice(0, 5);
const zones: [string, number, number][] = [
  ['Europe/Berlin', 9, 17],
  ['America/New_York', 9, 17],
  ['America/St_Johns', 8, 18],
  ['Asia/Kolkata', 9, 17],
  ['Asia/Kathmandu', 9, 18],
  ['Australia/Sydney', 9, 17],
  ['Pacific/Auckland', 9, 17],
  ['Pacific/Honolulu', 8, 16],
  ['UTC', 0, 24],
];

/** What a clock on the wall shows. */
function wallClock(timeZone: string): (date: Date) => { day: string; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return date => {
    const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
    return { day: parts.weekday!.toLowerCase(), minute: Number(parts.hour) * 60 + Number(parts.minute) };
  };
}

describe.each(zones)('%s, from %i to %i', (timeZone, from, to) => {
  const hours: BusinessHours = { timeZone, days: workdays, from, to };
  const local = wallClock(timeZone);

  test('every hour lies inside business hours in each week of two years, whatever the clocks do', () => {
    const open = businessWeekHours(hours);
    expect(open.length).toBeGreaterThan(0);
    const sunday = Date.UTC(2026, 0, 4);
    const outside: Date[] = [];
    for (let week = 0; week < 104; week++) {
      for (const { day, hour } of open) {
        const start = sunday + (week * 7 + 1 + weekdays.indexOf(day)) * 86_400_000 + hour * 3_600_000;
        for (const minute of [0, 59]) {
          const moment = new Date(start + minute * 60_000);
          const wall = local(moment);
          const isOpen = wall.minute >= from * 60 && wall.minute < to * 60;
          if (!isOpen || !workdays.some(workday => workday === wall.day)) outside.push(moment);
        }
      }
    }
    expect(outside).toEqual([]);
  });

  test('a weekly rotation happens on workdays, inside business hours, to the end of its window', () => {
    for (let i = 0; i < 20; i++) {
      const { cron } = scheduleFor(`keyturn/prod/sendgrid/server-${i}/main`, 'weekly', hours);
      for (const opening of nextDates(cron, new Date('2026-01-01T00:00:00Z'), 53)) {
        const last = local(new Date(opening.getTime() + windowHours * 3_600_000 - 60_000));
        expect(workdays).toContain(local(opening).day);
        expect(local(opening).minute).toBeGreaterThanOrEqual(from * 60);
        expect(last.minute).toBeLessThan(to * 60);
      }
    }
  });

  test('a monthly rotation keeps the hours, and may fall on a weekend', () => {
    for (let i = 0; i < 20; i++) {
      const { cron } = scheduleFor(`keyturn/prod/sendgrid/server-${i}/main`, 'monthly', hours);
      for (const opening of nextDates(cron, new Date('2026-01-01T00:00:00Z'), 12)) {
        expect(local(opening).minute).toBeGreaterThanOrEqual(from * 60);
        expect(local(opening).minute).toBeLessThanOrEqual((to - windowHours) * 60);
      }
    }
  });
});

test('the hour that daylight saving takes away at either end is not used', () => {
  const hours = businessWeekHours({ timeZone: 'Europe/Berlin', days: ['mon'], from: 9, to: 17 }).map(
    ({ hour }) => hour,
  );
  // 9 to 17 is 8 to 16 UTC in winter and 7 to 15 in summer.
  expect(hours).toEqual([8, 9, 10, 11, 12, 13, 14]);
});

test('a working day that UTC cuts in two keeps its windows whole', () => {
  const starts = windowStarts({ timeZone: 'Pacific/Auckland', days: ['mon'], from: 9, to: 17 });
  // Monday 9 to 17 is Sunday 20 to Monday 4 UTC in summer, and Sunday 21 to Monday 5 in winter.
  expect(starts).toEqual([
    { day: 'mon', hour: 0 },
    { day: 'mon', hour: 1 },
    { day: 'mon', hour: 2 },
    { day: 'sun', hour: 21 },
    { day: 'sun', hour: 22 },
  ]);
});
