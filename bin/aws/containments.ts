// Follows an order until every key's incident has ended, or nobody can wait any longer.
import { shortName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import type { Table as IncidentTable } from '../../lambda/aws/table/table';
import { listedAtMost } from '../config/blast-radius';
import { secondsBetween } from '../terminal/moments';
import type { Surroundings } from '../terminal/surroundings';
import type { Terminal } from '../terminal/terminal';
import { incidentsOf, type RecordedIncident } from './emergency';

const lookEveryMs = 2_000;
/** Reading a thousand incidents takes a second. */
const lookAtManyEveryMs = 5_000;
/** As long as one invocation perseveres, and a little. */
const followedAtMostMs = 12 * minuteMs;

/** @returns the incidents as far as they came; fewer than `expected` where the function never began */
export async function followOrder(
  table: IncidentTable,
  incidentId: string,
  expected: number,
  { terminal, clock }: Surroundings,
): Promise<RecordedIncident[]> {
  const began = clock.now();
  const areMany = expected > listedAtMost;
  const tell = areMany ? tellTally(terminal, expected) : tellEach(terminal, expected);
  for (;;) {
    const incidents = await incidentsOf(table, incidentId);
    const over = incidents.filter(isOver).length;
    const waited = clock.now().getTime() - began.getTime();
    const isLast = over >= expected || waited > followedAtMostMs || terminal.interrupted.aborted;
    tell(incidents, secondsBetween(began, clock.now()), isLast);
    if (isLast) return incidents;
    await clock.sleep(areMany ? lookAtManyEveryMs : lookEveryMs);
  }
}

export function isOver({ status }: RecordedIncident): boolean {
  return status !== 'open';
}

type Tell = (incidents: RecordedIncident[], after: string, isLast: boolean) => void;

/** A line for each key as it ends. */
function tellEach({ err }: Terminal, expected: number): Tell {
  const told = new Set<string>();
  return (incidents, after) => {
    for (const incident of incidents.filter(isOver)) {
      const key = shortName(incident.address);
      if (told.has(key)) continue;
      told.add(key);
      err(`${incident.outcome}  ${key}  ${after}  (${told.size} of ${expected})\n`);
    }
  };
}

/** One line that is drawn anew, or a line whenever something has changed; and the first of those that have trouble by name. */
function tellTally({ err, redraws }: Terminal, expected: number): Tell {
  const named = new Set<string>();
  let before = '';
  return (incidents, after, isLast) => {
    const over = incidents.filter(isOver).length;
    const troubled = incidents.filter(incident => !isOver(incident) && hasFailed(incident));
    const tally = `${over} of ${expected} keys done${troubled.length ? `, ${troubled.length} to be tried again` : ''}`;
    const fresh = troubled.filter(({ address }) => !named.has(shortName(address)));
    const names = fresh.slice(0, Math.max(0, listedAtMost - named.size)).map(incident => {
      named.add(shortName(incident.address));
      return `not yet  ${shortName(incident.address)}  ${lastFailure(incident)}\n`;
    });
    const erase = redraws ? '\r\u001b[K' : '';
    if (names.length) err(`${erase}${names.join('')}`);
    if (redraws) err(`${erase}${tally}  ${after}${isLast ? '\n' : ''}`);
    else if (tally !== before) err(`${tally}  ${after}\n`);
    before = tally;
  };
}

function hasFailed(incident: RecordedIncident): boolean {
  return lastFailure(incident) !== '';
}

function lastFailure({ steps }: RecordedIncident): string {
  const failed = steps.findLast(({ what }) => what === 'failed');
  return failed?.what === 'failed' ? failed.text : '';
}
