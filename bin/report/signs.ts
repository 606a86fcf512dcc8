// The signs in the picture. Each kind has a shape of its own, so that nobody needs the colors to tell them apart.
import type { KeyLane, StoryEvent } from './lives';
import { escapeHtml, time } from './page-text';

/** An event that a person would want to know, with the number by which picture and list name it. */
export interface NumberedEvent extends StoryEvent {
  number: number;
}

/** Routine is in the picture; what else happened has a number, by which picture and list name it. */
export function numberedEvents(events: readonly StoryEvent[]): NumberedEvent[] {
  const routine: StoryEvent['kind'][] = ['issued', 'rotated', 'retired', 'note'];
  return events
    .filter(({ kind }) => !routine.includes(kind))
    .map((event, index) => ({ ...event, number: index + 1 }));
}

interface Sign {
  /** Around 0,0. */
  path: string;
  means: string;
}

const square = 'M-5-5H5V5H-5Z';
const signs: Partial<Record<StoryEvent['kind'], Sign>> = {
  fault: {
    path: 'M-5.5-5.5-2.5-5.5 0-3 2.5-5.5 5.5-5.5 5.5-2.5 3 0 5.5 2.5 5.5 5.5 2.5 5.5 0 3-2.5 5.5-5.5 5.5-5.5 2.5-3 0-5.5-2.5Z',
    means: 'something goes wrong',
  },
  failed: { path: square, means: 'a rotation failed' },
  recovered: { path: 'M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z', means: 'its retry succeeded' },
  alarm: { path: 'M0-6.5 6.5 5H-6.5Z', means: 'alarm' },
  replaced: { path: 'M0-6.5 6.5 0 0 6.5-6.5 0Z', means: 'replaced ahead of schedule' },
};

export function hasSign({ kind }: StoryEvent): boolean {
  return kind in signs;
}

/** @param x percent of the width */
export function sign(event: NumberedEvent, x: string, y: number): string {
  return `<svg x="${x}" y="${y}" class="sign"><g class="${event.kind}">${titleOf(event)}${shapeOf(event.kind)}</g></svg>`;
}

/** Stands across the end of a bar. */
const cap = 'M-2-8H2V8H-2Z';

/** At the end of a key that ended out of turn. */
export function revokedSign(text: string, x: string, y: number): string {
  return `<svg x="${x}" y="${y}" class="sign"><g class="revoked"><title>${escapeHtml(text)}</title><path d="${cap}"/></g></svg>`;
}

export function titleOf({ at, text, number }: NumberedEvent): string {
  return `<title>${escapeHtml(`${number}: ${time(at)} ${text}`)}</title>`;
}

/** What the picture shows of these lanes and events, and how to read it. */
export function legend(lanes: readonly KeyLane[], events: readonly StoryEvent[]): string {
  const kinds = (Object.keys(signs) as StoryEvent['kind'][]).filter(kind =>
    events.some(event => event.kind === kind),
  );
  const inSmall = (shapes: string) =>
    `<svg class="small" viewBox="-8 -8 16 16" aria-hidden="true">${shapes}</svg>`;
  const bars = inSmall(
    '<rect class="a" x="-8" y="-6" width="12" height="6"/><rect class="b" x="-4" y="0" width="12" height="6"/>',
  );
  const shown = kinds.map(
    kind => `<li>${inSmall(`<g class="${kind}">${shapeOf(kind)}</g>`)}${signs[kind]?.means}</li>`,
  );
  const ends = new Set(lanes.flatMap(({ lives }) => lives.map(({ ended }) => ended?.how)));
  const revoked = ends.has('revoked')
    ? `<li>${inSmall(`<g class="revoked"><path d="${cap}"/></g>`)}revoked ahead of schedule, or for good</li>`
    : '';
  const unrecorded = ends.has('unrecorded')
    ? `<li>${inSmall('<rect class="a unrecorded" x="-8" y="-4" width="16" height="8"/>')}replaced; when it stopped working is not recorded</li>`
    : '';
  return `<ul class="legend"><li>${bars}keys of one secret in turn: where two overlap, both worked</li>${unrecorded}${revoked}${shown.join('')}</ul>`;
}

function shapeOf(kind: StoryEvent['kind']): string {
  return `<path d="${signs[kind]?.path}"/>`;
}
