import { KeyturnError } from '../../core/errors';
import { dayMs, hourMs, minuteMs } from '../../core/time';

const unitMs: Record<string, number> = { s: 1_000, m: minuteMs, h: hourMs, d: dayMs };

/** Milliseconds of `90s`, `5m`, `2h`, `1d`. @throws {KeyturnError} usage */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const ms = unitMs[unit];
  if (ms) return Number(number) * ms;
  throw new KeyturnError('usage', `"${text}" is not a duration; write it like 90s, 5m, 2h or 1d`);
}
