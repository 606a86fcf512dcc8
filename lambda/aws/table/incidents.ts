// core/incident/incident.ts on DynamoDB. Every change that two invocations could make at once is conditional.

import { KeyturnError } from '../../../core/errors';
import { type Breaker, closedBreaker, countContainment } from '../../../core/incident/breaker';
import {
  type Incident,
  type IncidentRecords,
  type IncidentStatus,
  type IncidentStep,
  incidentTime,
  type ResponseOrder,
  silencedAtMostMs,
  type Trigger,
} from '../../../core/incident/incident';
import type { IncidentReport } from '../../../core/incident/report/investigation';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { dayMs, hourMs, minuteMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import { faultOfIncident, readSilence, unfinishedWithinMs } from './records';
import { breakerKey, type Item, incidentKey, keyKey, number, type Table, text, textAt } from './table';

/** As long as the function may run, and a minute: a run that still holds it then has stopped. */
const leaseMs = 16 * minuteMs;
const keptMs = 400 * dayMs;
const triesAtMost = 20;

export function createIncidentRecords(
  table: Table,
  clock: Clock,
  /** Tells people of what stands in the table and cannot be: it orders nothing. */
  refuse: (why: string) => Promise<void>,
): IncidentRecords & {
  /** Those that stopped, or wait for their second look. */
  due(): Promise<Incident[]>;
  saveReport(incident: Incident, report: IncidentReport): Promise<void>;
} {
  const nowMs = () => clock.now().getTime();
  const leaseOf = (runId: string): Item => ({ leasedBy: text(runId), leaseUntil: number(nowMs() + leaseMs) });
  const isLeased = ({ leasedBy, leaseUntil }: Item, runId?: string) =>
    leaseUntil !== undefined && leasedBy?.S !== runId && Number(leaseUntil.N) > nowMs();

  async function silenceOf(item: Item | undefined, address: KeyAddress): Promise<Date | undefined> {
    const until = readSilence(item, clock.now());
    if (until !== 'never') return until;
    await refuse(
      `${shortName(address)} is silenced for longer than the ${silencedAtMostMs / hourMs} hours that an order can ask for, so the silence does not hold`,
    );
    return undefined;
  }

  return {
    async open(incident, runId) {
      const key = incidentKey(incident.incidentId, incident.address);
      const { steps: _, ...begun } = incident;
      const fresh = {
        ...key,
        incident: text(JSON.stringify(begun)),
        steps: { L: [] },
        status: text('open'),
        ...leaseOf(runId),
        expiresAt: number(Math.floor((nowMs() + keptMs) / 1000)),
      };
      if (await table.putNew(fresh)) return { as: 'new', incident };
      const item = await table.get(key);
      if (!item || item.status?.S === 'closed' || isLeased(item, runId)) return { as: 'skipped' };
      const taken =
        (await table.change(key, { set: leaseOf(runId), onlyIf: { leaseUntil: item.leaseUntil } })) ||
        // Sent again because its answer got lost, it meets its own lease.
        (await table.get(key))?.leasedBy?.S === runId;
      return taken ? { as: 'resumed', incident: incidentOf(item) } : { as: 'skipped' };
    },

    async append({ incidentId, address }, step) {
      try {
        await table.change(incidentKey(incidentId, address), {
          append: { steps: text(JSON.stringify(step)) },
        });
      } catch (error) {
        logger.error(`could not record "${step.what}" of ${incidentId}`, { error: describeError(error) });
      }
    },

    async save({ incidentId, address, status, outcome, coveredBy }) {
      await table.change(incidentKey(incidentId, address), {
        set: {
          status: text(status),
          ...(outcome && { outcome: text(outcome) }),
          ...(coveredBy && { coveredBy: text(coveredBy) }),
        },
        remove: ['leaseUntil', 'leasedBy'],
      });
      await table.change(keyKey(address), {
        remove: ['heldBy', 'heldUntil'],
        onlyIf: { heldBy: text(incidentId) },
      });
    },

    async noteVersions({ incidentId, address }, versionIds) {
      const key = incidentKey(incidentId, address);
      const set = { versions: text(JSON.stringify(versionIds)) };
      if (await table.change(key, { set, onlyIf: { versions: undefined } })) return versionIds;
      const noted = (await table.get(key))?.versions?.S;
      if (!noted) throw contended(incidentId);
      return JSON.parse(noted) as string[];
    },

    async keyFacts(address) {
      const item = await table.get(keyKey(address));
      const silencedUntil = await silenceOf(item, address);
      return {
        ...(item?.containedAt && { lastContainedAt: new Date(Number(item.containedAt.N)) }),
        ...(item?.noKeyBefore && { noKeyBefore: new Date(Number(item.noKeyBefore.N)) }),
        ...(silencedUntil && { silencedUntil }),
      };
    },

    async hold(address, incidentId) {
      const key = keyKey(address);
      for (let n = 0; n < triesAtMost; n++) {
        const item = await table.get(key);
        const holder = item?.heldBy?.S;
        if (holder && holder !== incidentId && Number(item.heldUntil?.N) > nowMs()) return holder;
        const held = { heldBy: text(incidentId), heldUntil: number(nowMs() + leaseMs) };
        if (await table.change(key, { set: held, onlyIf: { heldBy: item?.heldBy } })) return undefined;
      }
      throw contended(incidentId);
    },

    async noteContained({ address, incidentId }, { lastContainedAt, noKeyBefore }) {
      await table.change(keyKey(address), {
        set: {
          containedAt: number(lastContainedAt.getTime()),
          containedBy: text(incidentId),
          ...(noKeyBefore && { noKeyBefore: number(noKeyBefore.getTime()) }),
        },
      });
    },

    async countAutomatic({ incidentId, address, status }, evidence, at) {
      const key = breakerKey(evidence);
      const counted = { incidentId, server: address.server, hasWaited: status === 'waiting' };
      for (let n = 0; n < triesAtMost; n++) {
        const before = (await table.get(key))?.breaker;
        const breaker = before?.S ? (JSON.parse(before.S) as Breaker) : closedBreaker;
        const [answer, after] = countContainment(breaker, evidence, counted, at);
        if (answer.as === 'open') return answer;
        const set = { breaker: text(JSON.stringify(after)) };
        if (await table.change(key, { set, onlyIf: { breaker: before } })) return answer;
      }
      throw contended(incidentId);
    },

    async saveReport({ incidentId, address }, report) {
      await table.change(incidentKey(incidentId, address), { set: { report: text(JSON.stringify(report)) } });
    },

    async due() {
      const from = incidentTime(new Date(nowMs() - unfinishedWithinMs));
      const items = await table.query(text('incident'), from);
      const unfinished: Incident[] = [];
      for (const item of items.filter(item => item.status?.S !== 'closed' && !isLeased(item))) {
        const fault = faultOfIncident(item, clock.now());
        if (fault)
          await refuse(
            `the record ${item.sk?.S} of an incident was not written by Keyturn: ${fault}; it was ignored`,
          );
        else unfinished.push(incidentOf(item));
      }
      return unfinished;
    },
  };
}

/** As `open` writes it down; 0.1.0 kept a person's order beside its cause. */
type BegunIncident = Trigger & Pick<Incident, 'openedAt'> & { ordered?: ResponseOrder };

export function incidentOf(item: Item): Incident {
  const { steps, status, outcome, coveredBy } = item;
  const { ordered, ...begun } = JSON.parse(textAt(item, 'incident')) as BegunIncident;
  return {
    ...begun,
    cause: { ...begun.cause, ...ordered },
    at: new Date(begun.at),
    openedAt: new Date(begun.openedAt),
    steps: (steps?.L ?? []).flatMap(({ S }) => (S ? [JSON.parse(S) as IncidentStep] : [])),
    ...({ status: status?.S, outcome: outcome?.S, coveredBy: coveredBy?.S } as IncidentStatus),
  };
}

function contended(incidentId: string): KeyturnError {
  return new KeyturnError(
    'no-answer',
    `${incidentId} could not be recorded, because other runs write to the same item; Keyturn tries again`,
  );
}
