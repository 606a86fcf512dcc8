// One lane of the picture: the keys that one secret held, each a bar that tells its story under the pointer and in the focus.
import { dayMs, hourMs, minuteMs } from '../../core/time';
import { count, escapeHtml, time } from './page-text';
import type { Axis } from './report-axis';
import { type NumberedEvent, sign } from './report-signs';
import type { KeyLane, KeyLife } from './story';

const height = 38;
const barHeight = 9;

/** @param events those of this key that have a sign */
export function drawLane(lane: KeyLane, events: NumberedEvent[], axis: Axis): string {
  const bars = lane.lives.map((life, index) => bar(life, index, events, axis));
  const signs = events.map(event => sign(event, axis.x(event.at), height / 2));
  return row(escapeHtml(lane.key), `Lives of ${escapeHtml(lane.key)}`, `${bars.join('')}${signs.join('')}`);
}

/**
 * How many keys the provider accepted, for a group of lanes.
 * @param name as HTML
 */
export function drawSum(name: string, lanes: KeyLane[], axis: Axis): string {
  const steps = 160;
  const width = 100 / steps;
  const span = axis.end.getTime() - axis.start.getTime();
  const lives = lanes.flatMap(lane => lane.lives);
  const counts = Array.from({ length: steps }, (_, step) => {
    const from = axis.start.getTime() + (step * span) / steps;
    const to = from + span / steps;
    return lives.filter(life => life.from.getTime() < to && (life.to?.getTime() ?? to) > from).length;
  });
  const most = Math.max(...counts, 1);
  const columns = counts.map((n, step) => {
    const tall = (n / most) * (height - 8);
    return `<rect class="a" x="${(step * width).toFixed(3)}%" y="${(height - tall).toFixed(1)}" width="${(width + 0.05).toFixed(3)}%" height="${tall.toFixed(1)}"/>`;
  });
  const label = `${name}: keys that it accepts, ${counts[0]} at first, ${most} at most, ${counts.at(-1)} at the end`;
  return row(
    `<strong>${name}</strong> ${count(lanes.length, 'secret')}, at most ${count(most, 'key')} accepted`,
    undefined,
    `<g role="img" aria-label="${label}">${columns.join('')}</g>`,
  );
}

function row(name: string, label: string | undefined, shapes: string): string {
  const role = label ? `role="group" aria-label="${label}"` : 'role="presentation"';
  return `<div class="lane"><div class="name">${name}</div><svg class="track" height="${height}" ${role}>${shapes}</svg></div>`;
}

function bar(life: KeyLife, index: number, events: NumberedEvent[], axis: Axis): string {
  // Every other key stands a little lower, so that the overlap of two can be seen.
  const y = height / 2 - (index % 2 ? 0 : barHeight);
  const story = escapeHtml(storyOf(life, events));
  const rect = `<rect class="${index % 2 ? 'b' : 'a'}" x="${axis.x(life.from)}" y="${y}" width="${axis.width(life.from, life.to ?? axis.end)}" height="${barHeight}" rx="2"/>`;
  const tip = `<foreignObject y="${height - 4}" width="100%" height="1"><p class="tip">${story}</p></foreignObject>`;
  return `<g class="life" tabindex="0" role="img" aria-label="${story}">${rect}${tip}</g>`;
}

/** `k1: from 2027-01-01 01:00 to 2027-01-05 00:00, 4 days. While it lived: ...` */
function storyOf({ keyId, from, to }: KeyLife, events: NumberedEvent[]): string {
  const span = to
    ? `from ${time(from)} to ${time(to)}, when its provider no longer accepted it: ${lasting(from, to)}`
    : `from ${time(from)} to the end, still accepted`;
  const met = events.filter(({ at }) => at >= from && (!to || at <= to));
  const told = met.map(({ number, at, text }) => `${number}: ${time(at)} ${text}`);
  return `${keyId}: ${span}.${told.length ? ` While it lived: ${told.join('; ')}.` : ''}`;
}

function lasting(from: Date, to: Date): string {
  const ms = to.getTime() - from.getTime();
  if (ms >= 2 * dayMs) return count(Math.round(ms / dayMs), 'day');
  if (ms >= 2 * hourMs) return count(Math.round(ms / hourMs), 'hour');
  return count(Math.round(ms / minuteMs), 'minute');
}
