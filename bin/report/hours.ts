// The hours in which keys may rotate, and where several of one group meet.
import { groupedBy } from '../../core/grouped-by';
import { dayMs } from '../../core/time';
import { openHours, type Schedule } from '../../lib/config/schedule';

export interface ScheduledKey {
  /** `prod/sendgrid/support-bot` */
  key: string;
  /** Absent where nothing rotates it. */
  schedule?: Pick<Schedule, 'cron' | 'windowHours'>;
}

/** One hour of one group, by its start in milliseconds since the epoch. */
export interface BusyHour {
  hour: number;
  keys: string[];
}

export interface DateRange {
  /** Midnight, UTC. */
  start: Date;
  end: Date;
}

/** The days that a schedule is shown for: every interval comes up in a quarter. */
export const daysShown = 92;

/** From the midnight before. */
export function shownFrom(now: Date): DateRange {
  const start = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  return { start, end: new Date(start.getTime() + daysShown * dayMs) };
}

/** In order of time. @param hoursOf of each schedule; many keys share one */
export function busyHours(keys: readonly ScheduledKey[], hoursOf: HoursOf): BusyHour[] {
  const byHour = groupedBy(
    keys.flatMap(({ key, schedule }) => (schedule ? hoursOf(schedule).map(hour => ({ hour, key })) : [])),
    ({ hour }) => String(hour),
  );
  return [...byHour.values()]
    .map(met => ({ hour: met[0]?.hour ?? 0, keys: met.map(({ key }) => key) }))
    .sort((a, b) => a.hour - b.hour);
}

export type HoursOf = (schedule: Pick<Schedule, 'cron' | 'windowHours'>) => readonly number[];

/** Reads each cron expression once. */
export function hoursWithin({ start, end }: DateRange): HoursOf {
  const known = new Map<string, number[]>();
  // Openings count from after a moment.
  const from = new Date(start.getTime() - 1);
  return schedule => {
    const { cron, windowHours } = schedule;
    const name = `${cron} ${windowHours}`;
    const hours = known.get(name) ?? openHours(schedule, from, end);
    known.set(name, hours);
    return hours;
  };
}

/** The most keys that can rotate in one hour. */
export function mostAtOnce(hours: readonly BusyHour[]): number {
  return hours.reduce((most, { keys }) => Math.max(most, keys.length), 0);
}

export function meetings(hours: readonly BusyHour[]): BusyHour[] {
  return hours.filter(({ keys }) => keys.length > 1);
}
