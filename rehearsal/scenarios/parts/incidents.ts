// What the table of incidents and the mailboxes hold, for scenarios that tell of them.
import type { Incident, Trigger } from '../../../core/incident/incident';
import type { IncidentReport } from '../../../core/incident/report/investigation';
import { shortName } from '../../../core/key/key-address';
import { dayMs } from '../../../core/time';
import { incidentOf } from '../../../lambda/aws/table/incidents';
import { type Item, signalKey } from '../../../lambda/aws/table/table';
import { tableName } from '../../../lib/config/aws/names';
import type { RehearsalContext } from '../../world/rehearsal-context';

export type FoundIncident = Incident & { report?: IncidentReport };

/** In the order in which they were noticed. */
export function incidentsOf({ world, environment }: RehearsalContext): FoundIncident[] {
  const items = world.model.dynamoDb.items(tableName(environment.name)) as unknown as Item[];
  return items
    .filter(({ pk }) => pk?.S === 'incident')
    .map(item => ({
      ...incidentOf(item),
      ...(item.report?.S && { report: JSON.parse(item.report.S) as IncidentReport }),
    }))
    .sort((a, b) => a.incidentId.localeCompare(b.incidentId));
}

const lookEveryMs = 30 * dayMs;

/** Goes on to `end`. @returns all incidents until then, also those that the table has forgotten since */
export async function incidentsUntil(context: RehearsalContext, end: Date): Promise<FoundIncident[]> {
  const { clock } = context.world;
  const found = new Map<string, FoundIncident>();
  for (;;) {
    for (const incident of incidentsOf(context))
      found.set(`${incident.incidentId} ${shortName(incident.address)}`, incident);
    const now = clock.now();
    if (now >= end) return [...found.values()];
    await clock.runUntil(new Date(Math.min(end.getTime(), now.getTime() + lookEveryMs)));
  }
}

/** What the watch function wrote down of a signal. */
export function triggerOf({ world, environment }: RehearsalContext, incidentId: string): Trigger | undefined {
  const { pk, sk } = signalKey(incidentId);
  const items = world.model.dynamoDb.items(tableName(environment.name)) as unknown as Item[];
  const item = items.find(item => item.pk?.S === pk?.S && item.sk?.S === sk?.S);
  return item?.trigger?.S ? (JSON.parse(item.trigger.S) as Trigger) : undefined;
}

/** Subjects of the messages to people, by the hour they came. */
export function mailOf({ world }: RehearsalContext): { at: Date; subject: string; text: string }[] {
  return world.model.topics.inbox.map(({ at, subject = '', text }) => ({ at, subject, text }));
}
