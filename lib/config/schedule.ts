// When a key rotates: an interval's name and a hash of the secret's name give one slot (day, hour), so adding a key
// moves no other. Secrets Manager's rules: UTC, minute 0, year *, one of the two day fields is ?, and a window that
// ends within its UTC day (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html).
import { createHash } from 'node:crypto';
import { Cron } from 'croner';
import { KeyturnError } from '../../core/errors';
import { dayMs, hourMs } from '../../core/time';
import { type BusinessHours, businessWeekHours, type WeekHour, weekdays } from './business-hours';

export const intervalNames = ['weekly', 'twice-a-month', 'monthly', 'every-2-months', 'quarterly'] as const;
export type IntervalName = (typeof intervalNames)[number];

interface Interval {
  /** Shortest and longest time between two openings of the window, whatever the slot and the year. Days. */
  minGapDays: number;
  maxGapDays: number;
  /** The days and months of one slot, or `weekday`. */
  dayFields(pick: (choices: number) => number): { days: number[]; months?: number[] } | 'weekday';
}

// Days go up to 28, which every month has.
const intervals: Record<IntervalName, Interval> = {
  weekly: { minGapDays: 7, maxGapDays: 7, dayFields: () => 'weekday' },
  'twice-a-month': {
    minGapDays: 14,
    // From the later date on to the next month, where this one has 31 days.
    maxGapDays: 17,
    dayFields: pick => {
      const first = 1 + pick(14);
      return { days: [first, first + 14] };
    },
  },
  monthly: { minGapDays: 28, maxGapDays: 31, dayFields: pick => ({ days: [1 + pick(28)] }) },
  'every-2-months': {
    minGapDays: 59,
    maxGapDays: 62,
    dayFields: pick => ({ days: [1 + pick(28)], months: everyNthMonth(2, pick(2)) }),
  },
  quarterly: {
    minGapDays: 89,
    maxGapDays: 92,
    dayFields: pick => ({ days: [1 + pick(28)], months: everyNthMonth(3, pick(3)) }),
  },
};

/** AWS picks any moment of the window. Hours. */
export const windowHours = 2;

/** When one key rotates. */
export interface Schedule {
  /** As Secrets Manager takes it: `cron(0 9 12 * ? *)`. */
  cron: string;
  windowHours: number;
  /** `monthly, on day 12, between 09:00 and 11:00 UTC`. */
  words: string;
}

export function minGapDays(interval: IntervalName): number {
  return intervals[interval].minGapDays;
}

export function maxGapDays(interval: IntervalName): number {
  return intervals[interval].maxGapDays;
}

/** The interval with the longest gap that stays within a limit. */
export function longestIntervalWithin(days: number): IntervalName | undefined {
  return intervalNames
    .filter(name => maxGapDays(name) <= days)
    .sort((a, b) => maxGapDays(b) - maxGapDays(a))[0];
}

/**
 * The slot of one key. Inside business hours, where the environment has some, so that people are there: weekly keys on
 * their days too; the others keep their date, which may fall on a weekend.
 */
export function scheduleFor(
  secretName: string,
  interval: IntervalName,
  businessHours?: BusinessHours,
): Schedule {
  const pick = slotPicker(secretName);
  const fields = intervals[interval].dayFields(pick);
  const starts = windowStarts(businessHours);
  if (fields === 'weekday') {
    const { day, hour } = oneOf(starts, pick);
    const words = `weekly, on ${day}, ${hoursInWords(hour)}`;
    return { cron: `cron(0 ${hour} ? * ${day.toUpperCase()} *)`, windowHours, words };
  }
  const hours = [...new Set(starts.map(start => start.hour))];
  const hour = oneOf(hours, pick);
  const { days, months } = fields;
  const on = `on day ${days.join(' and ')}${months ? ` of ${months.map(month => monthNames[month - 1]).join(', ')}` : ''}`;
  return {
    cron: `cron(0 ${hour} ${days.join(',')} ${months?.join(',') ?? '*'} ? *)`,
    windowHours,
    words: `${interval}, ${on}, ${hoursInWords(hour)}`,
  };
}

/** @throws {KeyturnError} bad-config, where there is nothing to choose from */
function oneOf<T>(choices: readonly T[], pick: (choices: number) => number): T {
  const chosen = choices[pick(choices.length)];
  if (chosen !== undefined) return chosen;
  throw new KeyturnError(
    'bad-config',
    `no rotation window of ${windowHours} hours fits into the business hours; make them longer`,
  );
}

/** Hours of the UTC week at which a rotation window may open. */
export function windowStarts(businessHours?: BusinessHours): WeekHour[] {
  const open = businessHours ? businessWeekHours(businessHours) : wholeWeek;
  const isOpen = new Set(open.map(({ day, hour }) => `${day} ${hour}`));
  return open.filter(({ day, hour }) =>
    Array.from({ length: windowHours }, (_, i) => hour + i).every(h => isOpen.has(`${day} ${h}`)),
  );
}

const ownCron = /^cron\((0 \d+ [\d,?]+ [\d,*]+ [A-Z?]+) \*\)$/;

/** The next openings of a rotation window. */
export function nextDates(cron: string, from: Date, count: number): Date[] {
  const fields = ownCron.exec(cron)?.[1];
  if (!fields) {
    const expected = 'cron(0 <hour> <day> <month> <weekday> *)';
    throw new KeyturnError(
      'bad-config',
      `"${cron}" is not a schedule as Keyturn writes it; expected ${expected}`,
    );
  }
  return new Cron(fields.replaceAll('?', '*'), { utcOffset: 0 }).nextRuns(count, from);
}

/** @returns `undefined` of what is not as Keyturn writes it, such as `rate(30 days)` @param duration as AWS shows it: `2h` */
export function readSchedule(
  expression: string | undefined,
  duration: string | undefined,
): Pick<Schedule, 'cron' | 'windowHours'> | undefined {
  const hours = Number(/^(\d+)h$/.exec(duration ?? '')?.[1]);
  return expression && ownCron.test(expression) && hours
    ? { cron: expression, windowHours: hours }
    : undefined;
}

/** Every hour within a time in which a rotation may happen, by its start. Milliseconds since the epoch. */
export function openHours(
  { cron, windowHours }: Pick<Schedule, 'cron' | 'windowHours'>,
  from: Date,
  to: Date,
): number[] {
  // No schedule opens more often than weekly.
  const most = Math.ceil((to.getTime() - from.getTime()) / (7 * dayMs)) + 1;
  return nextDates(cron, from, most)
    .filter(opening => opening < to)
    .flatMap(opening => Array.from({ length: windowHours }, (_, i) => opening.getTime() + i * hourMs));
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const wholeWeek: WeekHour[] = weekdays.flatMap(day =>
  Array.from({ length: 24 }, (_, hour) => ({ day, hour })),
);

function everyNthMonth(n: number, first: number): number[] {
  return Array.from({ length: 12 / n }, (_, i) => 1 + first + i * n);
}

/** Draws one number after the other from the hash of a name. */
function slotPicker(secretName: string): (choices: number) => number {
  const hash = createHash('sha256').update(secretName).digest();
  let at = 0;
  return choices => hash.readUInt32BE(4 * at++) % choices;
}

function hoursInWords(hour: number): string {
  const clock = (h: number) => `${String(h).padStart(2, '0')}:00`;
  return `between ${clock(hour)} and ${clock(hour + windowHours)} UTC`;
}
