import { dayMs } from '../../../core/time';
import {
  type IntervalName,
  intervalNames,
  longestIntervalWithin,
  maxGapDays,
  minGapDays,
  nextDates,
  scheduleFor,
  windowHours,
} from '../../../lib/config/schedule';
import { fc } from '../../support/fast-check';

/** Days that a schedule can fall on: [days, of months] or [weekdays], times the months it can start with. */
const slotsOfDays: Record<IntervalName, number> = {
  weekly: 7,
  'twice-a-month': 14,
  monthly: 28,
  'every-2-months': 28 * 2,
  quarterly: 28 * 3,
};

/** One schedule for every set of days that an interval can draw, by drawing until none is new. */
function everyDaySlot(interval: IntervalName): string[] {
  const found = new Map<string, string>();
  for (let i = 0; found.size < slotsOfDays[interval] && i < 20_000; i++) {
    const { cron } = scheduleFor(`keyturn/prod/sendgrid/server-${i}/main`, interval);
    found.set(cron.split(' ').slice(2).join(' '), cron);
  }
  return [...found.values()];
}

/**
 * The openings in eight years, found by asking every single day of them, with none of the library's code: two leap
 * years are among them.
 */
function openingsByBruteForce(cron: string): Date[] {
  const [, hour, days, months, weekday] = /^cron\(0 (\d+) (\S+) (\S+) (\S+) \*\)$/.exec(cron)!;
  const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
  const within = (field: string, value: number | string) =>
    ['*', '?'].includes(field) || field.split(',').includes(String(value));
  const openings: Date[] = [];
  for (let at = Date.UTC(2025, 0, 1, Number(hour)); at < Date.UTC(2033, 0, 1); at += dayMs) {
    const date = new Date(at);
    if (
      within(days!, date.getUTCDate()) &&
      within(months!, date.getUTCMonth() + 1) &&
      within(weekday!, names[date.getUTCDay()]!)
    ) {
      openings.push(date);
    }
  }
  return openings;
}

function gapsInDays(dates: Date[]): number[] {
  return dates.slice(1).map((date, i) => (date.getTime() - dates[i]!.getTime()) / dayMs);
}

describe.each(intervalNames)('%s', interval => {
  const slots = everyDaySlot(interval);

  test('every slot is drawn by some name', () => {
    expect(slots).toHaveLength(slotsOfDays[interval]);
  });

  test('no slot in eight years has a longer or shorter gap than stated, and some have exactly that', () => {
    const gaps = slots.flatMap(cron => gapsInDays(openingsByBruteForce(cron)));
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([minGapDays(interval), maxGapDays(interval)]);
  });

  test('the next dates are those that brute force finds', () => {
    for (const cron of slots) {
      const openings = openingsByBruteForce(cron);
      expect(nextDates(cron, new Date('2024-12-31T23:59:59Z'), openings.length)).toEqual(openings);
    }
  });
});

test('Secrets Manager takes every schedule', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...intervalNames), (name, interval) => {
      const { cron, windowHours: hours } = scheduleFor(name, interval);
      const [minute, hour, day, month, weekday, year] = /^cron\((.*)\)$/.exec(cron)![1]!.split(' ');
      expect([minute, year]).toEqual(['0', '*']);
      expect([day, weekday].filter(field => field === '?')).toHaveLength(1);
      expect(Number(hour) + hours).toBeLessThanOrEqual(24);
      expect(day === '?' || day!.split(',').every(d => Number(d) >= 1 && Number(d) <= 28)).toBe(true);
      expect(`${month}`).toMatch(/^(\*|\d+(,\d+)*)$/);
      expect(cron).toMatch(/^[0-9A-Za-z()#?*\-/, ]{1,256}$/);
    }),
  );
});

test('a slot depends on the name alone, so adding a key moves no other', () => {
  fc.assert(
    fc.property(fc.string(), name => {
      expect(scheduleFor(name, 'monthly')).toEqual(scheduleFor(name, 'monthly'));
    }),
  );
  // Frozen: another hash would move every rotation of every deployed key.
  expect(scheduleFor('keyturn/prod/sendgrid/support-bot/main', 'every-2-months').cron).toMatchInlineSnapshot(
    `"cron(0 5 6 1,3,5,7,9,11 ? *)"`,
  );
});

test('names spread over days and hours', () => {
  const crons = Array.from(
    { length: 5_000 },
    (_, i) => scheduleFor(`keyturn/prod/sendgrid/server-${i}/main`, 'monthly').cron,
  );
  const slots = 28 * (24 - windowHours + 1);
  const perSlot = new Map<string, number>();
  for (const cron of crons) perSlot.set(cron, (perSlot.get(cron) ?? 0) + 1);
  expect(perSlot.size).toBeGreaterThan(0.99 * slots);
  // 7.8 on average; a fair draw passes 25 less than once in a million.
  expect(Math.max(...perSlot.values())).toBeLessThan(25);
});

test('a schedule is told in words', () => {
  const words = intervalNames.map(
    interval => scheduleFor('keyturn/prod/sendgrid/support-bot/main', interval).words,
  );
  expect(words.join('\n')).toMatchInlineSnapshot(`
"weekly, on wed, between 22:00 and 24:00 UTC
twice-a-month, on day 6 and 20, between 13:00 and 15:00 UTC
monthly, on day 6, between 13:00 and 15:00 UTC
every-2-months, on day 6 of Jan, Mar, May, Jul, Sep, Nov, between 05:00 and 07:00 UTC
quarterly, on day 6 of Mar, Jun, Sep, Dec, between 05:00 and 07:00 UTC"
`);
});

test('the longest interval within a limit is what an error suggests', () => {
  expect([7, 16, 17, 31, 90, 91, 92].map(longestIntervalWithin)).toEqual([
    'weekly',
    'weekly',
    'twice-a-month',
    'monthly',
    'every-2-months',
    'every-2-months',
    'quarterly',
  ]);
  expect(longestIntervalWithin(6)).toBeUndefined();
});

test('a schedule that Keyturn did not write is refused, not misread', () => {
  expect(() => nextDates('rate(30 days)', new Date(0), 1)).toThrow(
    '"rate(30 days)" is not a schedule as Keyturn writes it',
  );
});
