// Metric math that is 1 outside business hours. CloudWatch's HOUR and DAY know UTC only, so the local time is worked out from
// EPOCH and the zone's changes of clock, which stand in the expression for years ahead: no two variants, no daily job.
import { type BusinessHours, offsetReader, weekdays } from '../config/business-hours';

/** Requests come early and stay late. */
const marginMinutes = 30;
/** Fixed, so that a synth tomorrow writes what a synth today writes. A test fails two years before the last of them. */
const firstYear = 2026;
export const lastYear = 2036;
const daySeconds = 86_400;
/** 1 January 1970 was a Thursday. */
const epochWeekday = 3;

export interface NamedExpression {
  id: string;
  expression: string;
}

/**
 * @param metric id of the metric whose points' times count
 * @returns expressions that build on one another; the last, `closed`, is 1 outside business hours and 0 inside
 */
export function closedHours(metric: string, { timeZone, days, from, to }: BusinessHours): NamedExpression[] {
  const open = days.map(day => `wd==${weekdays.indexOf(day)}`).join(' OR ');
  return [
    { id: 'ep', expression: `EPOCH(${metric})` },
    { id: 'lo', expression: `ep${localOffset(timeZone)}` },
    { id: 'dy', expression: `FLOOR(lo/${daySeconds})` },
    { id: 'mi', expression: `(lo-dy*${daySeconds})/60` },
    { id: 'wd', expression: `dy+${epochWeekday}-7*FLOOR((dy+${epochWeekday})/7)` },
    {
      id: 'closed',
      expression: `IF((${open}) AND mi>=${from * 60 - marginMinutes} AND mi<${to * 60 + marginMinutes}, 0, 1)`,
    },
  ];
}

/** `+3600+IF((ep>=1774746000 AND ep<1792890000) OR ..., 3600, 0)` */
function localOffset(timeZone: string): string {
  const spans = offsetSpans(timeZone);
  const base = spans[0].offset;
  const others = [...new Set(spans.map(({ offset }) => offset))].filter(offset => offset !== base);
  const terms = others.map(offset => {
    const during = spans
      .filter(span => span.offset === offset)
      .map(({ from, to }) => (to === undefined ? `ep>=${from}` : `(ep>=${from} AND ep<${to})`));
    return `+IF(${during.join(' OR ')},${signed(offset - base)},0)`;
  });
  return [base < 0 ? `-${-base}` : `+${base}`, ...terms].join('');
}

function signed(seconds: number): string {
  return seconds < 0 ? `0-${-seconds}` : String(seconds);
}

interface OffsetSpan {
  /** Seconds since the epoch. */
  from: number;
  /** Absent for the last: it is taken to go on. */
  to?: number;
  /** Distance from UTC, in seconds. */
  offset: number;
}

/** At least one, in the order of time. */
type OffsetSpans = [OffsetSpan, ...OffsetSpan[]];

const found = new Map<string, OffsetSpans>();

/** Once for each zone: an environment can have a thousand keys. */
function offsetSpans(timeZone: string): OffsetSpans {
  const spans = found.get(timeZone) ?? findOffsetSpans(timeZone);
  found.set(timeZone, spans);
  return spans;
}

/** The zone's distances from UTC, from one change of the clock to the next. */
function findOffsetSpans(timeZone: string): OffsetSpans {
  const minutesAt = offsetReader(timeZone);
  const offsetAt = (seconds: number) => minutesAt(seconds * 1000) * 60;
  const changed: OffsetSpan[] = [];
  const end = Date.UTC(lastYear + 1, 0) / 1000;
  let from = Date.UTC(firstYear, 0) / 1000;
  for (let day = from; day < end; day += daySeconds) {
    if (offsetAt(day + daySeconds) === offsetAt(day)) continue;
    const change = changeBetween(day, day + daySeconds, offsetAt);
    changed.push({ from, to: change, offset: offsetAt(day) });
    from = change;
  }
  const last = { from, offset: offsetAt(from) };
  const [first, ...others] = changed;
  return first ? [first, ...others, last] : [last];
}

/** The second at which the offset changes, by halving. */
function changeBetween(before: number, after: number, offsetAt: (seconds: number) => number): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offsetAt(before)) low = middle;
    else high = middle;
  }
  return high;
}
