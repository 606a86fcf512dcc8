// Follows an order to revoke keys until every key's incident is closed, or the longest wait is over. This folder holds what
// `keyturn revoke` says before, while and after keys end.
import { shortName } from '../../core/key/key-address';
import { oneLine } from '../../core/text/safe-text';
import { minuteMs } from '../../core/time';
import type { Table as IncidentTable } from '../../lambda/aws/table/table';
import { incidentsOf, type RecordedIncident } from '../aws/functions/emergency';
import type { CommandContext } from '../terminal/command';
import type { Terminal } from '../terminal/terminal';
import { secondsBetween } from '../terminal/time-format';
import { longestList } from './blast-radius';

const lookEveryMs = 2_000;
/** Reading a thousand incidents takes a second. */
const lookAtManyEveryMs = 5_000;
/** As long as one invocation goes on trying, and a little more. */
const followedAtMostMs = 12 * minuteMs;

/** @returns the incidents as far as they came; fewer than `expected` where the function never began */
export async function followOrder(
  table: IncidentTable,
  incidentId: string,
  expected: number,
  { terminal, clock }: CommandContext,
): Promise<RecordedIncident[]> {
  const began = clock.now();
  const areMany = expected > longestList;
  const report = areMany ? reportTally(terminal, expected) : reportEach(terminal, expected);
  for (;;) {
    const incidents = await incidentsOf(table, incidentId);
    const over = incidents.filter(isOver).length;
    const waited = clock.now().getTime() - began.getTime();
    const isLast = over >= expected || waited > followedAtMostMs || terminal.interrupted.aborted;
    report(incidents, secondsBetween(began, clock.now()), isLast);
    if (isLast) return incidents;
    await clock.sleep(areMany ? lookAtManyEveryMs : lookEveryMs);
  }
}

export function isOver({ status }: RecordedIncident): boolean {
  return status !== 'open';
}

type ReportSteps = (incidents: RecordedIncident[], after: string, isLast: boolean) => void;

/** A line for each key as it is replaced, which its servers then have time to fetch, and as it ends. */
function reportEach({ err }: Terminal, expected: number): ReportSteps {
  const reported = new Set<string>();
  const replaced = new Set<string>();
  return (incidents, after) => {
    for (const incident of incidents.filter(one => !isOver(one))) {
      const key = shortName(incident.address);
      if (replaced.has(key) || !isInGrace(incident)) continue;
      replaced.add(key);
      err(`replaced  ${key}  ${after}  (its old key ends after the grace)\n`);
    }
    for (const incident of incidents.filter(isOver)) {
      const key = shortName(incident.address);
      if (reported.has(key)) continue;
      reported.add(key);
      err(`${incident.outcome}  ${key}  ${after}  (${reported.size} of ${expected})\n`);
    }
  };
}

function isInGrace({ steps }: RecordedIncident): boolean {
  const has = (what: RecordedIncident['steps'][number]['what']) => steps.some(step => step.what === what);
  return has('promoted') && !has('revoked');
}

/** One line that is drawn anew, or a line whenever something has changed; and the first of those that failed, by name. */
function reportTally({ err, overwrite, redraws }: Terminal, expected: number): ReportSteps {
  const named = new Set<string>();
  let before = '';
  return (incidents, after, isLast) => {
    const over = incidents.filter(isOver).length;
    const failing = incidents.filter(incident => !isOver(incident) && hasFailed(incident));
    const tally = `${over} of ${expected} keys done${failing.length ? `, ${failing.length} to be tried again` : ''}`;
    const fresh = failing.filter(({ address }) => !named.has(shortName(address)));
    const names = fresh.slice(0, Math.max(0, longestList - named.size)).map(incident => {
      named.add(shortName(incident.address));
      return `not yet  ${shortName(incident.address)}  ${lastFailure(incident)}\n`;
    });
    if (names.length) overwrite(names.join(''));
    if (redraws) overwrite(`${tally}  ${after}${isLast ? '\n' : ''}`);
    else if (tally !== before) err(`${tally}  ${after}\n`);
    before = tally;
  };
}

function hasFailed(incident: RecordedIncident): boolean {
  return lastFailure(incident) !== '';
}

function lastFailure({ steps }: RecordedIncident): string {
  const failed = steps.findLast(({ what }) => what === 'failed');
  return failed?.what === 'failed' ? oneLine(failed.text) : '';
}
