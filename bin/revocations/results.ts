// The results of an order to revoke keys: every key if they are few, else their counts and the keys that need attention.
import type { IncidentOutcome } from '../../core/incident/incident';
import { shortName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import type { RecordedIncident } from '../aws/functions/emergency';
import { count, table } from '../terminal/table';
import { secondsBetween } from '../terminal/time-format';
import { longestList } from './blast-radius';
import { isOver } from './follow-order';

export interface RevocationResult {
  key: string;
  /** Absent while it is not over. */
  outcome?: IncidentOutcome;
  /** From the order to the first rejection of the old key: `7.2 s`. */
  seconds?: string;
  /** Of the replacement. */
  keyId?: string;
  note: string;
}

const good: (IncidentOutcome | undefined)[] = ['contained', 'ended', 'unissued', 'dry-run'];

export function needsAttention({ outcome }: RevocationResult): boolean {
  return !good.includes(outcome);
}

/** In the order of the keys. */
export function resultsOf(
  keys: Pick<Key, 'address'>[],
  incidents: RecordedIncident[],
  ordered: Date,
): RevocationResult[] {
  const found = new Map(incidents.map(incident => [shortName(incident.address), incident]));
  return keys.map(({ address }) => {
    const key = shortName(address);
    return resultOf(key, found.get(key), ordered);
  });
}

type PromotedStep = Extract<RecordedIncident['steps'][number], { what: 'promoted' }>;
type UnreplacedStep = Extract<RecordedIncident['steps'][number], { what: 'not-replaced' }>;
type FailedStep = Extract<RecordedIncident['steps'][number], { what: 'failed' }>;

function resultOf(key: string, incident: RecordedIncident | undefined, ordered: Date): RevocationResult {
  if (!incident) return { key, note: 'the emergency function has not started; see its log' };
  const { steps, outcome } = incident;
  const rejected = steps.findLast(step => step.what === 'rejected');
  const promoted = steps.findLast((step): step is PromotedStep => step.what === 'promoted');
  return {
    key,
    ...(isOver(incident) && { outcome }),
    ...(rejected && { seconds: secondsBetween(ordered, new Date(rejected.firstAt ?? rejected.at)) }),
    ...(promoted && { keyId: promoted.keyId }),
    note: noteOf(key, incident),
  };
}

function noteOf(key: string, incident: RecordedIncident): string {
  const { steps, coveredBy } = incident;
  if (coveredBy) return coveredNote(incident, coveredBy);
  const failed = steps.findLast((step): step is FailedStep => step.what === 'failed');
  if (!isOver(incident)) return failed?.text ?? '';
  const unreplaced = steps.findLast((step): step is UnreplacedStep => step.what === 'not-replaced');
  return unreplaced && incident.outcome === 'not-replaced'
    ? `dead, and nothing replaced it: ${unreplaced.make}; then \`npx keyturn adopt ${key} --replace\``
    : '';
}

function coveredNote({ status, steps }: RecordedIncident, coveredBy: string): string {
  if (status !== 'waiting') return `handled by incident ${coveredBy}`;
  if (steps.some(({ what }) => what === 'revoked')) return `revoked; incident ${coveredBy} replaces it`;
  return `waits until incident ${coveredBy} is over`;
}

export function resultsText(
  environment: string,
  incidentId: string,
  results: RevocationResult[],
  width: number,
): string {
  const bad = results.filter(needsAttention);
  const shown = results.length > longestList ? bad.slice(0, longestList) : results;
  const rows = shown.map(({ key, outcome, seconds, keyId, note }) => [
    key,
    outcome ?? 'NOT FINISHED',
    seconds ?? '-',
    keyId ?? '-',
    note,
  ]);
  const rest = results.length > longestList ? bad.length - shown.length : 0;
  return [
    rows.length ? table(['KEY', 'RESULT', 'REJECTED AFTER', 'NEW KEY', ''], rows, width) : '',
    rest ? `... and ${count(rest, 'more key')} that ${rest === 1 ? 'needs' : 'need'} attention\n` : '',
    rows.length ? '\n' : '',
    `${environment}: ${results.length - bad.length} of ${count(results.length, 'key')} done${tally(results)}\n`,
    bad.length || results.length > longestList
      ? `  \`npx keyturn incidents show ${incidentId} --env ${environment}\` shows details${bad.length ? '; Keyturn tries unfinished ones again' : ''}\n`
      : '',
  ].join('');
}

/** `; contained 998, unissued 2; the last rejected after 51.2 s`, if the keys are not listed one by one. */
function tally(results: RevocationResult[]): string {
  if (results.length <= longestList) return '';
  const counts = new Map<string, number>();
  for (const { outcome = 'NOT FINISHED' } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const last = Math.max(...results.map(({ seconds }) => Number.parseFloat(seconds ?? '0')));
  const counted = [...counts].map(([outcome, times]) => `${outcome} ${times}`).join(', ');
  return `; ${counted}${last ? `; the last rejected after ${last} s` : ''}`;
}
