// When people are there, in UTC: rotation schedules know neither time zones nor daylight saving.

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export interface BusinessHours {
  /** IANA name: `Europe/Berlin`. */
  timeZone: string;
  days: readonly Weekday[];
  /** Full hours of the local day: `from: 9, to: 17` ends at 17:00. */
  from: number;
  to: number;
}

/** One hour of the UTC week. */
export interface WeekHour {
  day: Weekday;
  hour: number;
}

const weekMinutes = 7 * 24 * 60;

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Every UTC hour of which each minute lies inside business hours all year round, before and after the clocks change. */
export function businessWeekHours({ timeZone, days, from, to }: BusinessHours): WeekHour[] {
  const offsets = yearlyOffsets(timeZone);
  const open = (utcMinute: number, offset: number): boolean => {
    const local = (utcMinute + offset + weekMinutes) % weekMinutes;
    const minute = local % (24 * 60);
    const isOpenDay = days.some(day => weekdays.indexOf(day) === Math.floor(local / (24 * 60)));
    return isOpenDay && minute >= from * 60 && minute < to * 60;
  };
  return weekdays.flatMap((day, d) =>
    Array.from({ length: 24 }, (_, hour) => ({ day, hour })).filter(({ hour }) => {
      const start = (d * 24 + hour) * 60;
      return offsets.every(offset => open(start, offset) && open(start + 59, offset));
    }),
  );
}

/** The zone's distances from UTC, in minutes, over a year that never changes: slots must not move from synth to synth. */
function yearlyOffsets(timeZone: string): number[] {
  const offsetAt = offsetReader(timeZone);
  const offsets = Array.from({ length: 12 }, (_, month) => offsetAt(Date.UTC(2026, month, 15)));
  return [...new Set(offsets)];
}

/** Reads a zone's distance from UTC, in minutes, at a time in milliseconds since the epoch. */
export function offsetReader(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return ms => {
    const name = format.formatToParts(ms).find(part => part.type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
  };
}
