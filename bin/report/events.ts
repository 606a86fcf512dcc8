// What happened besides routine rotations, by the numbers that stand in the picture.
import type { StoryEvent } from './lives';
import { count, escapeHtml, time } from './page-text';
import type { NumberedEvent } from './signs';

/** More of the same is in the picture. */
const rowsAtMost = 20;
const foldedAtMost = 2_000;

/** All of a few; of many the first, and the rest folded, with its sum. */
export function eventList(numbered: NumberedEvent[]): string {
  if (!numbered.length) return '<p class="lead">Nothing besides routine.</p>';
  const [first, rest] = [numbered.slice(0, rowsAtMost), numbered.slice(rowsAtMost)];
  if (!rest.length) return table(first);
  const kinds = [...new Set(rest.map(({ kind }) => kind))];
  const sum = kinds.map(
    kind => `${rest.filter(event => event.kind === kind).length.toLocaleString('en')} ${kind}`,
  );
  const left = rest.length - foldedAtMost;
  const unshown = left > 0 ? `<p>The last ${count(left, 'event')} of them are not on this page.</p>` : '';
  return `${table(first)}<details><summary>${count(rest.length, 'more event')}: ${sum.join(', ')}</summary><div class="scroll" tabindex="0" role="region" aria-label="More events">${table(rest.slice(0, foldedAtMost))}${unshown}</div></details>`;
}

function table(events: NumberedEvent[]): string {
  const heads = ['Number', 'Time (UTC)', 'Kind', 'What'].map(head => `<th scope="col">${head}</th>`);
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${events.map(eventRow).join('')}</tbody></table>`;
}

export function eventRow({ number, at, kind, text }: StoryEvent & { number?: number }): string {
  return `<tr data-row><td class="number">${number ?? ''}</td><td class="when">${time(at)}</td><td class="kind ${kind}">${kind}</td><td class="what">${escapeHtml(text)}</td></tr>`;
}
