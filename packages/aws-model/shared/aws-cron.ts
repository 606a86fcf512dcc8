// AWS's cron(Minutes Hours Day-of-month Month Day-of-week Year), always UTC: translated for croner, which does the calendar.
import { Cron } from 'croner';

export interface AwsCron {
  minutes: string;
  hours: string;
  dayOfMonth: string;
  month: string;
  dayOfWeek: string;
  year: string;
  /** The first moment strictly after that one; `undefined` where there is none. */
  next(after: Date): Date | undefined;
}

/** @throws {Error} in words for the operator, where the text is no cron expression of AWS */
export function parseAwsCron(text: string): AwsCron {
  const fields = /^cron\((.+)\)$/.exec(text.trim())?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6)
    throw new Error(`"${text}" is not cron(minutes hours day-of-month month day-of-week year)`);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error(`"${text}" must have "?" in exactly one of day-of-month and day-of-week`);
  }
  const pattern = [
    '0',
    stepped(minutes, 59),
    stepped(hours, 23),
    stepped(dayOfMonth, 31),
    stepped(month, 12),
    fromSunday(dayOfWeek),
    stepped(year, 2199),
  ].join(' ');
  const cron = new Cron(pattern, { timezone: 'UTC', paused: true });
  return {
    minutes,
    hours,
    dayOfMonth,
    month,
    dayOfWeek,
    year,
    next: after => cron.nextRun(after) ?? undefined,
  };
}

/** `2/10` is 2, 12, 22, ...; croner wants the end of the range said, and no `?`. */
function stepped(field: string, max: number): string {
  if (field === '?') return '*';
  return field
    .split(',')
    .map(part => part.replace(/^(\d+)\/(\d+)$/, `$1-${max}/$2`).replace(/^\/(\d+)$/, '*/$1'))
    .join(',');
}

/** AWS counts the days of a week from SUN = 1, croner from 0. The count after `#` is not a day. */
function fromSunday(field: string): string {
  if (field === '?') return '*';
  return field.replace(
    /(#\d|\/\d+)|\d/g,
    (digit, kept: string | undefined) => kept ?? String(Number(digit) - 1),
  );
}
