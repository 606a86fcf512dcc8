// The picture of a rehearsal: one lane a key, one bar for each key the provider held, from birth to proven death.

import { dayMs } from '../../core/time';
import type { KeyLane, Story, StoryEvent } from './story';

const width = 1180;
const left = 236;
const right = 16;
const top = 56;
const laneHeight = 38;
const barHeight = 9;

type Kind = StoryEvent['kind'];

/** What is drawn on a lane, or across all of them where it is about no single key. */
const marks: Partial<Record<Kind, string>> = {
  fault: 'something goes wrong',
  failed: 'a rotation failed',
  recovered: 'its retry went through',
  alarm: 'alarm',
  replaced: 'replaced out of turn',
};

/** An event that a person would want to know, with the number by which picture and list name it. */
export interface NumberedEvent extends StoryEvent {
  number: number;
}

export function picture(story: Pick<Story, 'start' | 'end' | 'lanes'>, numbered: NumberedEvent[]): string {
  const span = story.end.getTime() - story.start.getTime();
  const scale = (width - left - right) / span;
  const x = (at: Date) =>
    left + (Math.min(at.getTime(), story.end.getTime()) - story.start.getTime()) * scale;
  const bottom = top + story.lanes.length * laneHeight;
  const laneOf = (key: string | undefined) => story.lanes.findIndex(lane => lane.key === key);
  const grid = ticks(story).map(
    ({ at, name }) =>
      `<line class="grid" x1="${fixed(x(at))}" x2="${fixed(x(at))}" y1="${top - 6}" y2="${bottom}"/><text class="soft" x="${fixed(x(at) + 4)}" y="${top - 12}">${name}</text>`,
  );
  const lanes = story.lanes.map((lane, index) => drawLane(lane, top + index * laneHeight, x, story.end));
  const drawn = numbered.filter(({ kind }) => marks[kind]);
  const across = drawn
    .filter(({ key }) => laneOf(key) < 0)
    .map(event => line(event, x(event.at), top - 6, bottom));
  const onLanes = drawn
    .filter(({ key }) => laneOf(key) >= 0)
    .map(event => mark(event, x(event.at), top + laneOf(event.key) * laneHeight + laneHeight / 2));
  return `<svg viewBox="0 0 ${width} ${bottom + 8}" role="img" aria-label="Life of every key">${[...grid, ...lanes, ...across, ...onLanes, ...numbers(drawn, x)].join('')}</svg>`;
}

export function legend(events: StoryEvent[]): string {
  const inUse = (Object.keys(marks) as Kind[]).filter(kind => events.some(event => event.kind === kind));
  const bars =
    '<span><i class="bar a"></i><i class="bar b"></i>keys of one secret in turn: where two overlap, both worked</span>';
  const shown = inUse.map(kind => `<span><i class="dot ${kind}"></i>${marks[kind]}</span>`);
  return `<p class="legend">${bars}${shown.join('')}</p>`;
}

function drawLane(lane: KeyLane, y: number, x: (at: Date) => number, end: Date): string {
  const bars = lane.lives.map((life, index) => {
    const from = x(life.from);
    const length = Math.max(x(life.to ?? end) - from, 2);
    // Every other key stands a little lower, so that the overlap of two can be seen.
    const barTop = y + laneHeight / 2 - (index % 2 ? 0 : barHeight);
    const title = escapeHtml(`${life.keyId}: ${time(life.from)} to ${life.to ? time(life.to) : 'the end'}`);
    return `<rect class="${index % 2 ? 'b' : 'a'}" x="${fixed(from)}" y="${barTop}" width="${fixed(length)}" height="${barHeight}" rx="2"><title>${title}</title></rect>`;
  });
  const middle = y + laneHeight / 2 + 4;
  return `<line class="grid" x1="0" x2="${width - right}" y1="${y}" y2="${y}"/><text x="0" y="${middle}">${escapeHtml(lane.key)}</text>${bars.join('')}`;
}

function line(event: NumberedEvent, x: number, y1: number, y2: number): string {
  return `<line class="${event.kind}" x1="${fixed(x)}" x2="${fixed(x)}" y1="${y1}" y2="${y2}" stroke-dasharray="4 4">${titleOf(event)}</line>`;
}

function mark(event: NumberedEvent, x: number, y: number): string {
  return `<circle class="${event.kind}" cx="${fixed(x)}" cy="${fixed(y)}" r="5">${titleOf(event)}</circle>`;
}

/** Above the lanes; what would stand on another number stands with it. */
function numbers(events: NumberedEvent[], x: (at: Date) => number): string[] {
  const groups: { at: number; events: NumberedEvent[] }[] = [];
  for (const event of events) {
    const last = groups.at(-1);
    if (last && x(event.at) - last.at < 34) last.events.push(event);
    else groups.push({ at: x(event.at), events: [event] });
  }
  return groups.map(({ at, events }) => {
    const [first, last] = [events[0]?.number, events.at(-1)?.number];
    return `<text class="number" x="${fixed(Math.min(at, width - right - 20))}" y="16" text-anchor="middle">${first === last ? first : `${first}-${last}`}</text>`;
  });
}

function titleOf({ at, text, number }: NumberedEvent): string {
  return `<title>${escapeHtml(`${number}: ${time(at)} ${text}`)}</title>`;
}

interface Tick {
  at: Date;
  name: string;
}

/** Months of a long play, days of a short one. */
function ticks({ start, end }: Pick<Story, 'start' | 'end'>): Tick[] {
  const days = (end.getTime() - start.getTime()) / dayMs;
  const isLong = days > 40;
  const shape = isLong
    ? ({ month: 'short', year: 'numeric' } as const)
    : ({ day: 'numeric', month: 'short' } as const);
  const found: Tick[] = [];
  for (let n = 1; ; n++) {
    const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
    const at = new Date(isLong ? Date.UTC(year, month + n, 1) : Date.UTC(year, month, day + n));
    // Its name would be cut off.
    if (at.getTime() > end.getTime() - (days * dayMs) / 20) return found;
    found.push({ at, name: at.toLocaleDateString('en', { ...shape, timeZone: 'UTC' }) });
  }
}

/** `2027-01-01 09:30` */
export function time(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

function fixed(n: number): string {
  return n.toFixed(1);
}
