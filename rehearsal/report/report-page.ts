// The page that a rehearsal leaves: what was counted, and what every page about keys shows.
import { pageOf, searchField } from '../../bin/report/document';
import { allSections, contents } from '../../bin/report/overview';
import { day, escapeHtml } from '../../bin/report/page-text';
import { isBroken, type LaneRow, seconds } from '../lanes/lane-row';
import type { Story, Summary } from './story';
import { mustBeZero, waysPlayed } from './summary-text';

/** A whole HTML document, with no outside resource. */
export function reportPage(story: Story): string {
  const { summary } = story;
  const title = `Keyturn rehearsal: ${summary.scenario}`;
  const body = `<main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${day(story.start)} to ${day(story.end)}, played in ${summary.wallSeconds.toFixed(1)} s: the synthesized templates and the real bundles, on a model of AWS.</p>
${verdict(story)}
${leftOut(summary)}<dl>${figures(story)}</dl>
${laneTable(summary)}${contents()}${searchField('#lifelines [data-row]')}
${allSections(story)}
</main>`;
  return pageOf({ title, body }).html;
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

const laneHeads = ['Way', 'Over', 'In', 'Calls', 'Rotations', 'Failed', 'New key after', 'Why'];

/** One row a lane. */
function laneTable({ realTimeLanes: rows }: Summary): string {
  if (!rows.length) return '';
  const heads = laneHeads.map(head => `<th scope="col">${head}</th>`).join('');
  return `<h2>Lanes in real time</h2>
<p class="lead">Ways to get a key that virtual time cannot play: real processes under steady calls, while their keys rotated and were contained. Calls without a response, or carried out twice, count as failed, too.</p>
<table><thead><tr>${heads}</tr></thead><tbody>${rows.map(laneRow).join('')}</tbody></table>
`;
}

function laneRow(row: LaneRow): string {
  const { way, transport, language } = row;
  const cell = (text: string, label = '') =>
    `<td class="when"${label && ` data-label="${label}"`}>${escapeHtml(text)}</td>`;
  // A space between two cells is where a line may end on a phone.
  const title = [`<td class="kind">${escapeHtml(way)}</td>`, cell(transport), cell(language)];
  if ('skipped' in row)
    return `<tr>${title.join(' ')} <td colspan="5">skipped: ${escapeHtml(row.skipped)}</td></tr>`;
  const { calls, rotations, failed, lost, duplicated, excused, excuse, firstUseMs, problems } = row;
  const expected = excuse ? [`${excused} more failed, as expected: ${excuse}`] : [];
  const cells = [
    ...title,
    cell(calls.toLocaleString('en'), 'Calls'),
    cell(`${rotations}`, 'Rotations'),
    `<td class="state ${isBroken(row) ? 'bad' : 'good'}" data-label="Failed">${failed + lost + duplicated}</td>`,
    cell(firstUseMs === undefined ? 'never' : seconds(firstUseMs), 'New key after'),
    `<td class="what">${escapeHtml([...problems, ...expected].join('; '))}</td>`,
  ];
  return `<tr>${cells.join(' ')}</tr>`;
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
    ...waysPlayed(summary.requests.lanes).map(([way, { total }]): [string, string] => [
      `of them ${way}`,
      total.toLocaleString('en'),
    ]),
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
