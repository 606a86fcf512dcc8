// The rehearsal on a terminal: one line an event, and the tables at the end.
import { styleText } from 'node:util';
import type { StoryEvent } from '../../bin/report/lives';
import type { IncidentReport } from '../../core/incident/report/investigation';
import { stepInLine } from '../../core/text/step';
import { isBroken, rowText, titleOf } from '../lanes/lane-row';
import { otherWays, type PlayedWay, playedWays } from '../servers/played-ways';
import type { Progress } from '../world/rehearse';
import type { Counted, Summary } from './story';

const colors: Partial<Record<StoryEvent['kind'], 'red' | 'yellow' | 'green' | 'magenta' | 'cyan'>> = {
  fault: 'red',
  failed: 'yellow',
  recovered: 'green',
  alarm: 'red',
  replaced: 'magenta',
  told: 'cyan',
};

/** @param colored where the terminal can show it */
export function eventLine({ at, kind, text }: StoryEvent, colored = false): string {
  const color = colors[kind];
  const word = kind.padEnd(9);
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}  ${colored && color ? styleText(color, word, { validateStream: false }) : word}  ${text}`;
}

/** `2028-06-01   14%: 210 rotations, 12,345 requests, 310 MB` */
export function progressLine({ at, part, rotations, requests }: Progress): string {
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
  return `${at.toISOString().slice(0, 10)}  ${percent}: ${rotations} rotations, ${requests.toLocaleString('en')} requests, ${megabytes} MB`;
}

/** Grants are expected to be used by an ordinary quarter that was played whole, and not by a short scene. */
export function areGrantsJudged({ leftOut }: Summary, isOrdinary: boolean): boolean {
  return isOrdinary && !leftOut.length;
}

export function mustBeZero(summary: Summary, isOrdinary: boolean): { name: string; count: number }[] {
  return [
    { name: 'failed requests', count: summary.requests.failed },
    { name: 'lanes that failed', count: summary.realTimeLanes.filter(isBroken).length },
    { name: 'orphan keys at providers', count: summary.orphans },
    { name: 'secrets in any output', count: summary.secretsInOutput },
    { name: 'denied calls', count: summary.iam.denied },
    ...(areGrantsJudged(summary, isOrdinary)
      ? [{ name: 'unused grants', count: summary.iam.unusedGrants.length }]
      : []),
    { name: 'not understood by the rehearsal', count: summary.violations.length },
  ];
}

export function summaryTable(summary: Summary, isOrdinary: boolean): string {
  const { rotations, requests, iam } = summary;
  const unused = `${iam.unusedGrants.length} grants ${areGrantsJudged(summary, isOrdinary) ? 'unused' : isOrdinary ? 'not needed by what was played' : 'not needed by so short a scene'}`;
  return table([
    [
      'simulated',
      `${summary.simulatedDays} days in ${summary.wallSeconds.toFixed(1)} s, with at most ${summary.peakMemoryMb} MB`,
    ],
    ['keys', `${summary.keys} at ${summary.providers.length} providers`],
    [
      'rotations',
      `${rotations.succeeded} of ${rotations.started} done; ${rotations.failed} failed at first, ${rotations.recovered} of these recovered`,
    ],
    ['old keys revoked and rejected', summary.retired],
    ['requests of MCP servers', `${requests.total}, ${requests.failed} failed`],
    ...waysPlayed(requests.lanes).map(([way, { total, failed }]): [string, string] => [
      `  ${way}`,
      `${total}, ${failed} failed`,
    ]),
    ...lanesPlayed(summary),
    ['orphan keys at providers', summary.orphans],
    ['secrets in any output', summary.secretsInOutput],
    [
      'IAM',
      `${iam.checkedCalls} calls checked, ${iam.denied} denied, ${unused}, ${iam.excusedGrants} unused with a written reason`,
    ],
    ['AWS calls a rotation', summary.awsCallsPerRotation],
    ['dead window where the provider swaps keys', secondsEach(summary.rollWindowMs)],
    ['current keys dead at other providers', secondsEach(summary.currentDeadMs)],
    ['not understood by the rehearsal', summary.violations.length],
    ...summary.leftOut.map((line, n): [string, string] => [n ? '' : 'left out', line]),
  ]);
}

function lanesPlayed({ realTimeLanes: rows }: Summary): [string, string][] {
  if (!rows.length) return [['  not played', otherWays]];
  return [
    ['lanes in real time', `${rows.length}, ${rows.filter(isBroken).length} failed`],
    ...rows.map((row): [string, string] => [`  ${titleOf(row)}`, rowText(row)]),
  ];
}

/** Those that a server of this environment has. */
export function waysPlayed(lanes: Summary['requests']['lanes']): [string, Counted][] {
  return (Object.entries(playedWays) as [PlayedWay, string][])
    .map(([way, title]): [string, Counted] => [title, lanes[way]])
    .filter(([, { total }]) => total);
}

/**
 * What a scenario found, for people; `--json` has the same.
 * @param areMs all numbers are milliseconds
 */
export function findingsText(findings: Record<string, unknown>, areMs = false): string {
  const rows: [string, string | number][] = [];
  const lists: string[] = [];
  for (const [name, found] of Object.entries(findings)) {
    if (name === 'report') lists.push(reportText(found as IncidentReport));
    else if (Array.isArray(found) && found.length)
      lists.push([`${inWords(name)}:`, ...found.map(line => `  ${String(line)}`)].join('\n'));
    else if (isRecord(found))
      lists.push(`${inWords(name)}:\n${indented(findingsText(found, name.endsWith('Ms')))}`);
    else if (found !== undefined) rows.push([inWords(name), value(found, areMs || name.endsWith('Ms'))]);
  }
  return [...(rows.length ? [table(rows)] : []), ...lists].join('\n');
}

function reportText({ incidentId, key, cause, timeline, openQuestions, nextSteps }: IncidentReport): string {
  const lines = (head: string, texts: readonly string[]) => [
    `  ${head}`,
    ...texts.map(text => `    - ${text}`),
  ];
  return [
    `incident ${incidentId}, ${key}: ${cause}`,
    ...timeline.map(({ at, text }) => `    ${at.slice(0, 19).replace('T', ' ')}  ${text}`),
    ...lines('open questions', openQuestions),
    ...lines('next steps', nextSteps.map(stepInLine)),
  ].join('\n');
}

/** Where the name alone does not say from when a time counts, or reads oddly. */
const phrases: Record<string, string> = {
  detectedMs: 'noticed, after the theft',
  replacedMs: 'replaced, after the notice',
  revokedMs: 'revoked, after the notice',
  rejectedMs: 'rejected for the first time, after the notice',
  provenDeadMs: 'proven dead, after the notice',
  refusedToThiefMs: 'thief refused, after the notice',
  thiefsUses: 'uses by the thief',
  wallMs: 'in real time, without the grace',
};

/** `mendedMs`: mended after */
function inWords(name: string): string {
  const phrase = phrases[name];
  if (phrase) return phrase;
  const words = name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
  return words.replace(/ ms$/, ' after');
}

function value(found: unknown, isMs: boolean): string | number {
  if (Array.isArray(found)) return 'none';
  if (typeof found === 'boolean') return found ? 'yes' : 'no';
  return isMs ? `${(Number(found) / 1000).toFixed(2)} s` : String(found);
}

function secondsEach(ms: Record<string, number>): string {
  const each = Object.entries(ms).map(([provider, ms]) => `${provider} ${(ms / 1000).toFixed(1)} s`);
  return each.join(', ') || 'none';
}

function table(rows: [string, string | number][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
