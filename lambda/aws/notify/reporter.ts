// Tells people what became of incidents, writes the reports, and only then closes them.

import { createCallRate } from '../../../connectors/http/call-rate';
import { evidenceOf, type Incident } from '../../../core/incident/incident';
import { buildReport } from '../../../core/incident/report/investigation';
import type { Conclusion, ResponseResult, UnfinishedResponse } from '../../../core/incident/response';
import { shortName } from '../../../core/key/key-address';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import {
  breakerNotice,
  incidentNotice,
  isTold,
  orderNotice,
  unfinishedNotice,
} from '../../../core/notices/incident-notice';
import { type EvidenceClients, gatherEvidence } from '../cloudwatch/evidence';
import { describeError, logger } from '../runtime/logger';
import type { createIncidentRecords } from '../table/incidents';
import { toldOneByOneAtMost } from '../table/problems';
import type { Notify } from './notify';

const notGathered = {
  problems: ['Many keys at once: `npx keyturn incidents show` and CloudTrail tell who read which.'],
};
/** DynamoDB takes a thousand writes of a kilobyte a second in one partition, and incidents of some kilobytes all stand in one. */
const savesPerSecond = 200;

/** Orders about many keys. What has different causes is never told together: one of them could be a theft. */
function largeOrders(incidents: Incident[]): [Incident, ...Incident[]][] {
  const ordered = incidents.filter(({ cause }) => cause.by === 'person');
  // Of a large one people get one message for all keys, and look-ups are left to them.
  return [...new Set(ordered.map(({ incidentId }) => incidentId))].flatMap(id => {
    const [first, ...others] = ordered.filter(({ incidentId }) => incidentId === id);
    return first && others.length >= toldOneByOneAtMost ? [[first, ...others]] : [];
  });
}

function isOfTrail({ incident }: Conclusion | UnfinishedResponse): boolean {
  return evidenceOf(incident) === 'trail';
}

export function createReporter(
  environment: string,
  records: ReturnType<typeof createIncidentRecords>,
  clients: EvidenceClients & { notify: Notify },
) {
  const { notify, clock } = clients;
  const saves = createCallRate(clock, savesPerSecond);
  /** Unfinished ones, by this sandbox: of one that cannot be written down, the record does not know it. */
  const told = new Set<string>();

  async function tellOf(
    { incident, response, tripped, isNews }: Conclusion,
    areMany: boolean,
  ): Promise<void> {
    if (tripped) await notify(breakerNotice(incident, tripped));
    if (!isNews || !isTold(incident)) return;
    const evidence = areMany ? notGathered : await gatherEvidence(clients, incident);
    const report = buildReport(incident, evidence);
    await records.saveReport(incident, report);
    const notice = incidentNotice(incident, response, report);
    if (notice) await notify(notice);
  }

  async function tellOfUnfinished({ incident, error }: UnfinishedResponse): Promise<void> {
    const { message } = describeError(error);
    const key = shortName(incident.address);
    logger.error(`incident ${incident.incidentId} is not finished`, { key, message });
    const about = `${incident.incidentId} ${key}`;
    const first = incident.steps.every(({ what }) => what !== 'failed');
    if (first && !told.has(about)) await notify(unfinishedNotice(incident, message));
    told.add(about);
  }

  return {
    tell: notify,

    async report(responded: ResponseResult[]): Promise<void> {
      const ended = responded.filter(one => one.as === 'ended');
      const unfinished = responded.filter(one => one.as === 'unfinished');
      const all = [...ended, ...unfinished];
      const orders = largeOrders(all.map(({ incident }) => incident));
      for (const order of orders) await notify(orderNotice(order));
      const alone = all.filter(({ incident }) => !orders.some(order => order.includes(incident)));
      const areMany = alone.length > toldOneByOneAtMost;
      // What CloudTrail saw comes first: nobody can make it wait behind a mass of other messages.
      const byWeight = [...alone.filter(isOfTrail), ...alone.filter(one => !isOfTrail(one))];
      for (const one of byWeight) {
        if (one.as === 'ended') await tellOf(one, areMany);
        else await tellOfUnfinished(one);
      }
      await Promise.all(
        ended.map(async ({ incident }) => {
          await saves.turn();
          await records.save(incident);
        }),
      );
      for (const { incident } of ended.filter(({ isNews }) => isNews)) {
        count(incident.outcome === 'contained' ? 'Contained' : 'Incidents');
        const key = shortName(incident.address);
        logger.info(`incident ${incident.incidentId} ended`, { key, outcome: incident.outcome });
      }
    },
  };

  function count(what: 'Incidents' | 'Contained'): void {
    process.stdout.write(`${environmentMetricLine(environment, { [what]: 1 }, clock.now())}\n`);
  }
}
