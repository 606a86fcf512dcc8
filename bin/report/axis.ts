// Time from left to right: where a moment stands, in percent of the width, so that the picture fits every screen.
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/time';
import type { NumberedEvent } from './signs';

export interface Axis {
  start: Date;
  end: Date;
  /** `12.34%` */
  x(at: Date): string;
  /** The same in whole units, of which the width has so many. */
  unit(at: Date): number;
  units: number;
  width(from: Date, to: Date): string;
}

/** A bar that is shorter could not be seen. */
const leastPercent = 0.2;
/** Numbers that stand closer than this stand as one range. */
const numberPercent = 12;
const units = 2_000;
const ticksAtMost = 12;
const ticksOnPhone = 5;

export function axisOf({ start, end }: { start: Date; end: Date }): Axis {
  const percent = (at: Date) => percentOf(at, start, end);
  return {
    start,
    end,
    x: at => `${percent(at).toFixed(2)}%`,
    unit: at => Math.round((percent(at) / 100) * units),
    units,
    width: (from, to) => `${Math.max(percent(to) - percent(from), leastPercent).toFixed(2)}%`,
  };
}

function percentOf(at: Date, start: Date, end: Date): number {
  const span = Math.max(end.getTime() - start.getTime(), 1);
  return Math.min(100, Math.max(0, ((at.getTime() - start.getTime()) / span) * 100));
}

export function axisText(axis: Axis, events: NumberedEvent[]): string {
  return `<svg class="track" height="44" role="presentation">${numbers(events, axis).join('')}${tickNames(axis, 38)}</svg>`;
}

/** @param y of their base line */
export function tickNames(axis: Axis, y: number): string {
  const names = ticks(axis).flatMap(({ at, name, onPhone }) => {
    // What stands further right would be cut off.
    const percent = percentOf(at, axis.start, axis.end);
    if (percent > 94) return [];
    const isWide = !onPhone || percent > 85;
    return `<text class="soft${isWide ? ' wide' : ''}" x="${axis.x(at)}" dx="4" y="${y}">${name}</text>`;
  });
  return names.join('');
}

/** @param top where they begin */
export function axisLines(axis: Axis, top: number): string {
  return ticks(axis)
    .map(
      ({ at, onPhone }) =>
        `<line class="grid${onPhone ? '' : ' wide'}" x1="${axis.x(at)}" x2="${axis.x(at)}" y1="${top}" y2="100%"/>`,
    )
    .join('');
}

/** Above the lanes; what would stand on another number stands with it. */
function numbers(events: NumberedEvent[], { start, end }: Axis): string[] {
  const groups: { at: number; events: NumberedEvent[] }[] = [];
  for (const event of events) {
    const at = percentOf(event.at, start, end);
    const last = groups.at(-1);
    if (last && at - last.at < numberPercent) last.events.push(event);
    else groups.push({ at, events: [event] });
  }
  return groups.map(({ at, events }) => {
    const [first, last] = [events[0]?.number, events.at(-1)?.number];
    const anchor = at > 94 ? 'end' : at < 6 ? 'start' : 'middle';
    return `<text class="number" x="${at.toFixed(2)}%" y="16" text-anchor="${anchor}">${first === last ? first : `${first}-${last}`}</text>`;
  });
}

interface Tick {
  at: Date;
  name: string;
  /** Has room on a narrow screen, too. */
  onPhone: boolean;
}

/** Months of a long play; of a shorter one days, hours, minutes or seconds, at round times: as many as have room. */
function ticks({ start, end }: Axis): Tick[] {
  const spanMs = end.getTime() - start.getTime();
  const stepMs = steps.find(step => spanMs <= ticksAtMost * step && (step >= dayMs || spanMs <= 2 * dayMs));
  const after = stepMs ? (at: Date) => nextMultiple(at, stepMs) : nextMonth;
  const moments: Date[] = [];
  for (let at = after(start); at < end; at = after(at)) moments.push(at);
  const every = Math.ceil(moments.length / ticksAtMost);
  const shown = moments.filter((_, index) => index % every === 0);
  const everyOnPhone = Math.ceil(shown.length / ticksOnPhone);
  return shown.map((at, index) => ({
    at,
    name: at.toLocaleString('en', { ...shapeOf(stepMs), timeZone: 'UTC' }),
    onPhone: index % everyOnPhone === 0,
  }));
}

const steps = [
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * minuteMs),
  ...[1, 2, 3, 6].map(hours => hours * hourMs),
  ...[1, 2, 4].map(days => days * dayMs),
];

function shapeOf(stepMs: number | undefined): Intl.DateTimeFormatOptions {
  if (!stepMs) return { month: 'short', year: 'numeric' };
  if (stepMs >= dayMs) return { day: 'numeric', month: 'short' };
  const second = stepMs < minuteMs ? { second: '2-digit' as const } : {};
  return { hour: '2-digit', minute: '2-digit', ...second, hourCycle: 'h23' };
}

function nextMultiple(at: Date, stepMs: number): Date {
  return new Date((Math.floor(at.getTime() / stepMs) + 1) * stepMs);
}

function nextMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}
