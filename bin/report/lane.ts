// One lane of the picture: the keys that one secret held. Alone, each is a bar that tells its story under the pointer and in the
// focus; among many, all are one shape, and a line under the name says how it stands.
import { dayMs, hourMs, minuteMs } from '../../core/time';
import type { Axis } from './axis';
import type { KeyLane, KeyLife } from './lives';
import { count, day, escapeHtml, time } from './page-text';
import { type NumberedEvent, revokedSign, sign } from './signs';

const height = 38;
const barHeight = 9;

/** @param events those of this key that have a sign */
export function drawLane(lane: KeyLane, events: NumberedEvent[], axis: Axis): string {
  const bars = lane.lives.map((life, index) => bar(life, index, events, axis));
  const shapes = track('group', labelOf(lane), [...bars, ...marks(lane, events, axis)]);
  return row(nameOf(lane, [...teamOf(lane), ...endOf(lane)].join(', ')), shapes);
}

/** The same in a few hundred letters of HTML. */
export function drawLaneInShort(lane: KeyLane, events: NumberedEvent[], axis: Axis): string {
  const shapes = ['a', 'b'].map((shade, odd) => {
    const bars = lane.lives.filter((_, index) => index % 2 === odd);
    const path = bars.map(life => `M${spanOf(life, axis)}v${barHeight}h-${widthOf(life, axis)}z`);
    return path.length
      ? `<path class="${shade}" transform="translate(0 ${top(odd)})" d="${path.join('')}"/>`
      : '';
  });
  const bars = `<svg viewBox="0 0 ${axis.units} ${height}" preserveAspectRatio="none" width="100%" height="${height}">${shapes.join('')}</svg>`;
  const all = track('img', labelOf(lane), [bars, ...marks(lane, events, axis)]);
  return row(nameOf(lane, aboutOf(lane)), all);
}

/** Every other key stands a little lower, so that the overlap of two can be seen. */
function top(index: number): number {
  return height / 2 - (index % 2 ? 0 : barHeight);
}

function spanOf(life: KeyLife, axis: Axis): string {
  return `${axis.unit(life.from)} 0h${widthOf(life, axis)}`;
}

function widthOf({ from, ended }: KeyLife, axis: Axis): number {
  return Math.max(axis.unit(ended?.at ?? axis.end) - axis.unit(from), 2);
}

/** Ends out of turn, and what happened. */
function marks({ lives }: KeyLane, events: NumberedEvent[], axis: Axis): string[] {
  const revoked = lives.flatMap(({ keyId, ended }, index) =>
    ended?.how === 'revoked'
      ? [revokedSign(`${time(ended.at)} ${keyId} was revoked`, axis.x(ended.at), top(index) + barHeight / 2)]
      : [],
  );
  return [...revoked, ...events.map(event => sign(event, axis.x(event.at), height / 2))];
}

/** `4 keys, current since 2027-01-03, team support` */
function aboutOf(lane: KeyLane): string {
  const { lives } = lane;
  const last = lives.findLast(({ ended }) => !ended) ?? lives.at(-1);
  const ended = last?.ended;
  const state =
    last &&
    (ended ? `the last one ${endInWords[ended.how]} ${day(ended.at)}` : `current since ${day(last.from)}`);
  const keys = state ? `${count(lives.length, 'key')}, ${state}` : 'no key so far';
  return [keys, ...teamOf(lane), ...endOf(lane)].join(', ');
}

function teamOf({ team }: KeyLane): string[] {
  return team ? [`team ${team}`] : [];
}

function endOf({ endsAt }: KeyLane): string[] {
  return endsAt ? [`ends ${day(endsAt)}`] : [];
}

/**
 * How many keys the provider accepted, for a group of lanes.
 * @param name as HTML
 */
export function drawSum(name: string, lanes: KeyLane[], axis: Axis): string {
  const steps = 160;
  const span = axis.end.getTime() - axis.start.getTime();
  const counts = keysAtATime(lanes, axis.start.getTime(), span / steps, steps);
  const most = Math.max(...counts, 1);
  const columns = counts.map((n, step) => {
    const tall = Math.round((n / most) * (height - 8));
    return `M${step} ${height - tall}h1v${tall}h-1z`;
  });
  const label = `${name}: keys that it accepts, ${counts[0]} at first, ${most} at most, ${counts.at(-1)} at the end`;
  const shape = `<svg viewBox="0 0 ${steps} ${height}" preserveAspectRatio="none" width="100%" height="${height}"><path class="a" d="${columns.join('')}"/></svg>`;
  return row(
    `<strong>${name}</strong> ${count(lanes.length, 'secret')}, at most ${count(most, 'key')} accepted`,
    track('img', label, [shape]),
    'class="lane"',
  );
}

/** In each step of the time, the keys that were accepted for a part of it. */
function keysAtATime(lanes: KeyLane[], start: number, stepMs: number, steps: number): number[] {
  const changes = Array.from({ length: steps + 1 }, () => 0);
  const add = (step: number, n: number) => {
    changes[step] = (changes[step] ?? 0) + n;
  };
  for (const { from, ended } of lanes.flatMap(({ lives }) => lives)) {
    const first = Math.max(0, Math.floor((from.getTime() - start) / stepMs));
    const last = ended ? Math.ceil((ended.at.getTime() - start) / stepMs) - 1 : steps - 1;
    if (last < 0 || first >= steps) continue;
    add(first, 1);
    add(Math.min(last, steps - 1) + 1, -1);
  }
  let n = 0;
  return changes.slice(0, steps).map(change => {
    n += change;
    return n;
  });
}

function labelOf({ key }: KeyLane): string {
  return `History of ${escapeHtml(key)}`;
}

function nameOf({ key }: KeyLane, about: string): string {
  const more = about ? `<span class="about">${escapeHtml(about)}</span>` : '';
  return `${escapeHtml(key)}${more}`;
}

function row(name: string, track: string, kind = 'class="lane" data-row'): string {
  return `<div ${kind}><div class="name">${name}</div>${track}</div>`;
}

function track(role: 'group' | 'img', label: string, shapes: string[]): string {
  return `<svg class="track" height="${height}" role="${role}" aria-label="${label}">${shapes.join('')}</svg>`;
}

function bar(life: KeyLife, index: number, events: NumberedEvent[], axis: Axis): string {
  const story = escapeHtml(storyOf(life, events));
  const how = life.ended?.how === 'unrecorded' ? ' unrecorded' : '';
  const rect = `<rect class="${index % 2 ? 'b' : 'a'}${how}" x="${axis.x(life.from)}" y="${top(index)}" width="${axis.width(life.from, life.ended?.at ?? axis.end)}" height="${barHeight}" rx="2"/>`;
  const tip = `<foreignObject y="${height - 4}" width="100%" height="1"><p class="tip">${story}</p></foreignObject>`;
  return `<g class="life" tabindex="0" role="img" aria-label="${story}">${rect}${tip}</g>`;
}

const endInWords: Record<'retired' | 'revoked' | 'unrecorded', string> = {
  retired: 'retired',
  revoked: 'revoked',
  unrecorded: 'replaced',
};

/** `k1: from 2027-01-01 01:00 to 2027-01-05 00:00, 4 days. While it lived: ...` */
function storyOf({ keyId, from, ended }: KeyLife, events: NumberedEvent[]): string {
  const met = events.filter(({ at }) => at >= from && (!ended || at <= ended.at));
  const told = met.map(({ number, at, text }) => `${number}: ${time(at)} ${text}`);
  const lived = told.length ? ` While it lived: ${told.join('; ')}.` : '';
  if (!ended) return `${keyId}: from ${time(from)} to the end, still accepted.${lived}`;
  const { at, how } = ended;
  const end =
    how === 'unrecorded'
      ? 'when another key took its place; when it stopped working is not recorded'
      : `when its provider no longer accepted it, ${how}`;
  return `${keyId}: from ${time(from)} to ${time(at)}, ${end}: ${durationText(from, at)}.${lived}`;
}

function durationText(from: Date, to: Date): string {
  const ms = to.getTime() - from.getTime();
  if (ms >= 2 * dayMs) return count(Math.round(ms / dayMs), 'day');
  if (ms >= 2 * hourMs) return count(Math.round(ms / hourMs), 'hour');
  return count(Math.round(ms / minuteMs), 'minute');
}
