// The page that a rehearsal leaves: what was counted, the picture, the incidents, and what else happened.
import type { Report } from '../../core/incident/investigation';
import { stepInLine } from '../../core/text/step';
import { count, escapeHtml, time } from './page-text';
import { picture } from './report-picture';
import { legend, type NumberedEvent } from './report-signs';
import { style } from './report-style';
import type { Story, StoryEvent, Summary } from './story';
import { mustBeZero } from './summary-text';

/** More of the same is in the picture and the list. */
const reportsAtMost = 3;
const rowsAtMost = 60;

/** A whole HTML document, with no script and no outside resource. */
export function reportPage(story: Story): string {
  const { summary, events, reports } = story;
  const numbered = notable(events);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Keyturn rehearsal: ${escapeHtml(summary.scenario)}</title><style>${style}</style></head><body><main>
<h1>Keyturn rehearsal: ${escapeHtml(summary.scenario)}</h1>
<p class="lead">${day(story.start)} to ${day(story.end)}, played in ${summary.wallSeconds.toFixed(1)} s: the synthesized templates and the real bundles, on a model of AWS.</p>
${verdict(story)}
${leftOut(summary)}<dl>${figures(story)}</dl>
<h2>Every key, from birth to proven death</h2>
<p class="lead">Point at a bar, tap it, or go to it with the Tab key, to read the life of that key. Numbers are those of the list below. Times are UTC.</p>
${picture(story, numbered)}
${legend(numbered)}
${reports.length ? `<h2>${reports.length === 1 ? 'The incident' : `The incidents, ${Math.min(reports.length, reportsAtMost)} of ${reports.length}`}, as on-call read it</h2>${reports.slice(0, reportsAtMost).map(incident).join('')}` : ''}
<h2>What happened besides routine</h2>
${list(numbered)}
</main></body></html>
`;
}

function verdict({ summary, isOrdinary }: Story): string {
  const wrong = mustBeZero(summary, isOrdinary).filter(({ count }) => count > 0);
  const text = wrong.length
    ? wrong.map(({ name, count }) => `${name}: ${count}`).join('; ')
    : `${summary.requests.total.toLocaleString('en')} requests of MCP servers, none failed; no orphan key, no secret in any output, no denied call`;
  return `<p class="verdict${wrong.length ? ' bad' : ''}">${text}.</p>`;
}

/** What a scenario could not play in this environment, and why. */
function leftOut({ leftOut: lines }: Summary): string {
  const items = lines.map(line => `<li>${escapeHtml(line)}</li>`);
  return items.length ? `<h2>Left out</h2><ul>${items.join('')}</ul>\n` : '';
}

function figures({ summary, isOrdinary }: Story): string {
  const { rotations, rollWindowMs } = summary;
  const rows: [string, string | number, string?][] = [
    ...mustBeZero(summary, isOrdinary).map(({ name, count }): [string, number, string] => [
      name,
      count,
      count ? 'bad' : 'good',
    ]),
    ['keys', `${summary.keys} at ${summary.providers.length} providers`],
    ['rotations completed', `${rotations.succeeded} of ${rotations.started}`],
    ['failed, then recovered', `${rotations.recovered} of ${rotations.failed}`],
    ['old keys revoked and rejected', summary.retired],
    ['requests of MCP servers', summary.requests.total.toLocaleString('en')],
    ['of them behind keyturn run', summary.requests.lanes.run.total.toLocaleString('en')],
    ['calls checked by IAM', summary.iam.checkedCalls.toLocaleString('en')],
    ['AWS calls a rotation', summary.awsCallsPerRotation],
    ...Object.entries(rollWindowMs).map(([provider, ms]): [string, string] => [
      `${provider}: swap, dead for`,
      `${(ms / 1000).toFixed(1)} s`,
    ]),
  ];
  return rows
    .map(
      ([term, value, mood]) =>
        `<div><dt>${term}</dt><dd${mood ? ` class="${mood}"` : ''}>${value}</dd></div>`,
    )
    .join('');
}

function incident({ incidentId, key, cause, timeline, openQuestions, nextSteps }: Report): string {
  const rows = timeline.map(
    ({ at, text }) =>
      `<tr><td class="when">${at.slice(0, 19).replace('T', ' ')}</td><td class="what">${escapeHtml(text)}</td></tr>`,
  );
  const list = (head: string, lines: readonly string[]) =>
    lines.length
      ? `<h3>${head}</h3><ul>${lines.map(text => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`
      : '';
  return `<article><h3>${escapeHtml(key)}: ${escapeHtml(cause)}</h3><table>${rows.join('')}</table>${list('Open questions', openQuestions)}${list('Next steps', nextSteps.map(stepInLine))}<p class="lead">Incident ${escapeHtml(incidentId)}</p></article>`;
}

/** Routine rotations are in the picture; the list tells what a person would want to know. */
function notable(events: StoryEvent[]): NumberedEvent[] {
  const routine: StoryEvent['kind'][] = ['issued', 'rotated', 'retired', 'note'];
  return events
    .filter(({ kind }) => !routine.includes(kind))
    .map((event, index) => ({ ...event, number: index + 1 }));
}

/** All of a few; of many the first, and the rest folded, with its sum. */
function list(numbered: NumberedEvent[]): string {
  const [first, rest] = [numbered.slice(0, rowsAtMost), numbered.slice(rowsAtMost)];
  if (!rest.length) return table(first);
  const kinds = [...new Set(rest.map(({ kind }) => kind))];
  const sum = kinds.map(
    kind => `${rest.filter(event => event.kind === kind).length.toLocaleString('en')} ${kind}`,
  );
  return `${table(first)}<details><summary>${count(rest.length, 'more event')}: ${sum.join(', ')}</summary><div class="scroll" tabindex="0" role="region" aria-label="More events">${table(rest)}</div></details>`;
}

function table(events: NumberedEvent[]): string {
  const heads = ['Number', 'Time (UTC)', 'Kind', 'What'].map(head => `<th scope="col">${head}</th>`);
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${events.map(row).join('')}</tbody></table>`;
}

function row({ number, at, kind, text }: NumberedEvent): string {
  return `<tr><td class="number">${number}</td><td class="when">${time(at)}</td><td class="kind ${kind}">${kind}</td><td class="what">${escapeHtml(text)}</td></tr>`;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
