// Second looks at keys that were rejected after they were revoked, every hour those that are due: whatever ended them, and
// side by side. A key that is accepted again is revoked again, and people are told.
import { createSlots, forEachName, lendingClock } from '../../../connectors/http/slots';
import { lookAgain } from '../../../core/ending/second-look';
import { type IncidentRecords, type IncidentStep, incidentIdPattern } from '../../../core/incident/incident';
import { shortName } from '../../../core/key/key-address';
import { aliveAgainNotice, deadAfterAllNotice, notLookedAtNotice } from '../../../core/notices/other-notices';
import { dayMs, hourMs, minuteMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import type { DueLook } from '../table/certificates';
import type { EmergencyClients } from './emergency-clients';

/** Of one provider: while some wait between their probes, others ask. */
const looksAtOnce = 5;
/** Of the 15 minutes that Lambda allows. */
const beginsForMs = 10 * minuteMs;
/** People are told once of a look that stays undone, in this hour after it was due. */
const toldAfterMs = dayMs;

export async function takeSecondLooks(
  records: Pick<IncidentRecords, 'append'>,
  clients: EmergencyClients,
): Promise<void> {
  const { certificates, clock, notify } = clients;
  const slotsOf = forEachName(() => createSlots(looksAtOnce));
  const beginsUntil = clock.now().getTime() + beginsForMs;

  async function take(due: DueLook): Promise<void> {
    const { certificate } = due;
    const { address, versionId, keyId } = certificate;
    if (clock.now().getTime() >= beginsUntil) return;
    try {
      const tools = { ...clients, clock: lendingClock(clock, slotsOf(address.provider)) };
      const seen = await lookAgain(tools, clients.provider, certificate);
      logger.info('looked a second time at a key', { key: shortName(address), keyId, seen });
      if (seen === 'unknown')
        return await tellIfLate(
          due,
          `${address.provider} could not be asked, or refuses the current key, too`,
        );
      const step = { at: clock.now().toISOString(), versionId, ...(keyId && { keyId }) };
      if (seen === 'alive') {
        await notify(aliveAgainNotice(certificate));
        await note(due, { what: 'alive-again', ...step });
      } else {
        await note(due, { what: 'proven-dead', ...step });
        if (wasTold(due)) await notify(deadAfterAllNotice(certificate));
      }
      await due.settle();
    } catch (error) {
      // One key's look must keep no other from its own; the next hour takes it again.
      const said = describeError(error);
      logger.error(`no second look at the key ${keyId} of ${shortName(address)}`, { error: said });
      await tellIfLate(due, said.message);
    }
  }

  /** That it was accepted at a second look, or could not be looked at for a day. */
  function wasTold({ certificate, dueAt }: DueLook): boolean {
    const isLate = clock.now().getTime() - dueAt.getTime() >= toldAfterMs;
    return (
      isLate || certificate.looks.some(({ look, finding }) => look === 'second' && finding === 'accepted')
    );
  }

  async function tellIfLate({ certificate, dueAt }: DueLook, why: string): Promise<void> {
    const lateMs = clock.now().getTime() - dueAt.getTime();
    if (lateMs >= toldAfterMs && lateMs < toldAfterMs + hourMs) {
      await notify(notLookedAtNotice(certificate, why));
    }
  }

  /** In the incident that ended it, where one did. */
  async function note({ certificate: { address, looks } }: DueLook, step: IncidentStep): Promise<void> {
    const incidentId = looks.findLast(({ by }) => incidentIdPattern.test(by))?.by;
    if (incidentId) await records.append({ incidentId, address }, step);
  }

  const dues = await certificates.due();
  await Promise.all(dues.map(due => slotsOf(due.certificate.address.provider).run(() => take(due))));
}
