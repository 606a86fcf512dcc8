// Tells people what became of incidents, writes the reports, and only then closes them.

import { createCallRate } from '../../../connectors/http/call-rate';
import { buildReport } from '../../../core/incident/investigation';
import type { Ended, Responded, Unfinished } from '../../../core/incident/response';
import { shortName } from '../../../core/key/key-address';
import { environmentMetricLine } from '../../../core/metrics/metric-line';
import {
  breakerNotice,
  incidentNotice,
  isTold,
  orderNotice,
  unfinishedNotice,
} from '../../../core/notices/incident-notice';
import { refusedNotice } from '../../../core/notices/other-notices';
import { minuteMs } from '../../../core/time';
import { type EvidenceClients, gatherEvidence } from '../cloudwatch/evidence';
import { describeError, logger } from '../runtime/logger';
import type { createIncidentRecords } from '../table/incidents';
import { refusalKey, type Table, text } from '../table/table';
import type { Notify } from './notify';

/** Above this, people get one message for all, and look-ups are left to them. */
const toldOneByOneAtMost = 3;
const refusalQuietMs = 10 * minuteMs;
/** DynamoDB takes a thousand writes of a kilobyte a second in one partition, and incidents of some kilobytes all stand in one. */
const savesPerSecond = 200;

export function createReporter(
  environment: string,
  records: ReturnType<typeof createIncidentRecords>,
  clients: EvidenceClients & { table: Table; notify: Notify },
) {
  const { table, notify, clock } = clients;
  const saves = createCallRate(clock, savesPerSecond);
  /** Unfinished ones, by this sandbox: of one that cannot be written down, the record does not know it. */
  const told = new Set<string>();

  async function tellOf({ incident, response, tripped, isNews }: Ended): Promise<void> {
    if (tripped) await notify(breakerNotice(incident));
    if (!isNews || !isTold(incident)) return;
    const report = buildReport(incident, await gatherEvidence(clients, incident));
    await records.saveReport(incident, report);
    const notice = incidentNotice(incident, response, report);
    if (notice) await notify(notice);
  }

  async function tellOfUnfinished({ incident, error }: Unfinished): Promise<void> {
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

    async report(responded: Responded[]): Promise<void> {
      const ended = responded.filter(({ as }) => as === 'ended') as Ended[];
      const unfinished = responded.filter(({ as }) => as === 'unfinished') as Unfinished[];
      const [first, ...others] = [...ended, ...unfinished].map(({ incident }) => incident);
      const together = first !== undefined && others.length >= toldOneByOneAtMost;
      if (together) await notify(orderNotice([first, ...others]));
      for (const one of together ? [] : unfinished) await tellOfUnfinished(one);
      for (const one of together ? [] : ended) await tellOf(one);
      await Promise.all(
        ended.map(async ({ incident }) => {
          await saves.turn();
          await records.save(incident);
        }),
      );
      for (const { incident } of ended) {
        count(incident.outcome === 'contained' ? 'Contained' : 'Incidents');
        const key = shortName(incident.address);
        logger.info(`incident ${incident.incidentId} ended`, { key, outcome: incident.outcome });
      }
    },

    /** Nothing in the event is believed, so nothing of it is passed on but what CloudTrail can be searched for. */
    async reportRefusal(why: string, requestId: string): Promise<void> {
      logger.warn('refused a call that was not genuine', { why });
      count('Refused');
      const now = clock.now().getTime();
      const isFirst = await table.putNew({
        ...refusalKey(Math.floor(now / refusalQuietMs)),
        why: text(why),
        expiresAt: { N: String(Math.floor((now + 24 * refusalQuietMs) / 1000)) },
      });
      if (isFirst) await notify(refusedNotice(environment, why, `invocation ${requestId}`));
    },
  };

  function count(what: 'Incidents' | 'Contained' | 'Refused'): void {
    process.stdout.write(`${environmentMetricLine(environment, { [what]: 1 }, clock.now())}\n`);
  }
}
