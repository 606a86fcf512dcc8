// Dates and lengths of time, as people read them.
import { dayMs, hourMs, minuteMs } from '../../core/time';

/** `2026-12-12 09:00`, UTC. */
export function utc(moment: Date): string {
  return moment.toISOString().slice(0, 16).replace('T', ' ');
}

/** The same moment on a wall clock elsewhere: `Sat 10:00`. */
export function localTime(moment: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return format.format(moment).replace(',', '');
}

/** `12 d`, `5 h`, `3 min`. */
export function span(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.floor(ms / dayMs)} d`;
  if (ms >= 2 * hourMs) return `${Math.floor(ms / hourMs)} h`;
  return `${Math.max(0, Math.floor(ms / minuteMs))} min`;
}

/** `7.2 s` */
export function secondsBetween(from: Date, to: Date): string {
  return `${Math.round((to.getTime() - from.getTime()) / 100) / 10} s`;
}
