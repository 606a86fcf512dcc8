// The picture of a rehearsal: one lane a key, one bar for each key the provider held, from birth to proven death. With more lanes than a
// person can compare, one row a provider tells the sum, and its most eventful lanes can be unfolded.
import { count, escapeHtml } from './page-text';
import { type Axis, axisLines, axisOf, axisText } from './report-axis';
import { drawLane, drawSum } from './report-lane';
import { hasSign, type NumberedEvent, titleOf } from './report-signs';
import type { KeyLane, Story } from './story';

const lanesAtMost = 40;
const lanesOfGroupAtMost = 12;

/** An event without a key of these lanes crosses them all. */
export function picture(story: Pick<Story, 'start' | 'end' | 'lanes'>, numbered: NumberedEvent[]): string {
  const axis = axisOf(story);
  const signed = numbered.filter(hasSign);
  const keys = new Set(story.lanes.map(({ key }) => key));
  const across = signed.filter(({ key }) => key === undefined || !keys.has(key));
  const byKey = groupedBy(signed, ({ key }) => key ?? '');
  const eventsOf = ({ key }: KeyLane) => byKey.get(key) ?? [];
  const draw = (lane: KeyLane) => drawLane(lane, eventsOf(lane), axis);
  const group = (provider: string, lanes: KeyLane[]) => {
    const eventful = [...lanes].sort((a, b) => eventsOf(b).length - eventsOf(a).length);
    const drawn = eventful.slice(0, lanesOfGroupAtMost);
    const some =
      drawn.length < lanes.length
        ? `${drawn.length} of ${count(lanes.length, 'secret')}`
        : count(lanes.length, 'secret');
    return `${drawSum(provider, lanes, axis)}<details><summary>${provider}: ${some}, one by one</summary>${drawn.map(draw).join('')}</details>`;
  };
  const rows =
    story.lanes.length > lanesAtMost
      ? [...groupedBy(story.lanes, providerOf)].map(([provider, lanes]) => group(escapeHtml(provider), lanes))
      : story.lanes.map(draw);
  const lines = across.map(event => line(event, axis)).join('');
  return `<div class="chart"><svg class="back" role="presentation">${axisLines(axis)}${lines}</svg><div class="axis lane"><div class="name"></div>${axisText(axis, signed)}</div>${rows.join('')}</div>`;
}

function line(event: NumberedEvent, axis: Axis): string {
  const x = axis.x(event.at);
  return `<line class="across ${event.kind}" x1="${x}" x2="${x}" y1="28" y2="100%">${titleOf(event)}</line>`;
}

/** The middle of `prod/sendgrid/support-bot`. */
function providerOf({ key }: KeyLane): string {
  return key.split('/')[1] ?? key;
}

function groupedBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group) group.push(item);
    else groups.set(nameOf(item), [item]);
  }
  return groups;
}
