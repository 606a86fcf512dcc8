// Follows an order until every key's incident has ended, or nobody can wait any longer.
import { shortName } from '../../core/key-address';
import type { Table as IncidentTable } from '../../lambda/aws/table';
import { incidentsOf, type RecordedIncident } from './emergency';
import { secondsBetween } from './moments';
import type { Surroundings } from './surroundings';

const lookEveryMs = 2_000;
/** As long as one invocation perseveres, and a little. */
const followedAtMostMs = 12 * 60_000;

/** @returns the incidents as far as they came; fewer than `expected` where the function never began */
export async function followOrder(
  table: IncidentTable,
  incidentId: string,
  expected: number,
  { terminal, clock }: Surroundings,
): Promise<RecordedIncident[]> {
  const began = clock.now();
  const told = new Set<string>();
  for (;;) {
    const incidents = await incidentsOf(table, incidentId);
    for (const incident of incidents.filter(isOver)) {
      const key = shortName(incident.address);
      if (told.has(key)) continue;
      told.add(key);
      terminal.err(
        `${incident.outcome}  ${key}  ${secondsBetween(began, clock.now())}  (${told.size} of ${expected})\n`,
      );
    }
    const waited = clock.now().getTime() - began.getTime();
    if (told.size >= expected || waited > followedAtMostMs || terminal.interrupted.aborted) return incidents;
    await clock.sleep(lookEveryMs);
  }
}

export function isOver({ status }: RecordedIncident): boolean {
  return status !== 'open';
}
