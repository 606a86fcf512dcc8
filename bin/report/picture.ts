// The lifelines: one lane a secret, one bar for each key that it held, from birth to proven death. With more lanes than a person can
// compare, one row a provider tells the sum, and its lanes can be unfolded.
import { groupedBy } from '../../core/grouped-by';
import { type Axis, axisLines, axisOf, axisText } from './axis';
import { drawLane, drawLaneInShort, drawSum } from './lane';
import { type KeyLane, providerOf } from './lives';
import { count, escapeHtml } from './page-text';
import { hasSign, type NumberedEvent, titleOf } from './signs';

export interface Lifelines {
  start: Date;
  end: Date;
  lanes: readonly KeyLane[];
}

const lanesAtMost = 40;
/** Of all groups together, so that the page stays below some megabytes. */
const foldedLanesAtMost = 2_000;

/** True where each provider is one row, and its secrets are folded. */
export function isGrouped({ lanes }: Pick<Lifelines, 'lanes'>): boolean {
  return lanes.length > lanesAtMost;
}

/** An event without a key of these lanes crosses them all. */
export function picture(story: Lifelines, numbered: NumberedEvent[]): string {
  const axis = axisOf(story);
  const signed = numbered.filter(hasSign);
  const keys = new Set(story.lanes.map(({ key }) => key));
  const across = signed.filter(({ key }) => key === undefined || !keys.has(key));
  const byKey = groupedBy(signed, ({ key }) => key ?? '');
  const eventsOf = ({ key }: KeyLane) => byKey.get(key) ?? [];
  const share = Math.min(1, foldedLanesAtMost / story.lanes.length);
  const group = (provider: string, lanes: KeyLane[]) => {
    const eventful = [...lanes].sort((a, b) => eventsOf(b).length - eventsOf(a).length);
    const drawn = eventful.slice(0, Math.ceil(lanes.length * share));
    const some =
      drawn.length < lanes.length
        ? `${drawn.length.toLocaleString('en')} of ${count(lanes.length, 'secret')}, the most eventful,`
        : `${count(lanes.length, 'secret')},`;
    const rows = drawn.map(lane => drawLaneInShort(lane, eventsOf(lane), axis));
    return `<div class="group">${drawSum(provider, lanes, axis)}<details><summary>${provider}: ${some} one by one</summary>${rows.join('')}</details></div>`;
  };
  const rows = isGrouped(story)
    ? [...groupedBy(story.lanes, providerOf)].map(([provider, lanes]) => group(escapeHtml(provider), lanes))
    : story.lanes.map(lane => drawLane(lane, eventsOf(lane), axis));
  const lines = across.map(event => line(event, axis)).join('');
  return `<div class="chart"><svg class="back" role="presentation">${axisLines(axis, 28)}${lines}</svg><div class="axis"><div class="name"></div>${axisText(axis, signed)}</div>${rows.join('')}</div>`;
}

function line(event: NumberedEvent, axis: Axis): string {
  const x = axis.x(event.at);
  return `<line class="across ${event.kind}" x1="${x}" x2="${x}" y1="28" y2="100%">${titleOf(event)}</line>`;
}
