// What people arrange with the emergency function, so that it alone writes into the table, and on-call hears of all of it.

import { KeyturnError } from '../../../core/errors';
import { parseAlarmName } from '../../../core/incident/alarm-name';
import { shortName } from '../../../core/key/key-address';
import type { Notice } from '../../../core/notices/notice';
import { silenceNotice } from '../../../core/notices/other-notices';
import type { Clock } from '../../../core/provider';
import { minuteMs } from '../../../core/time';
import { drillKey, keyKey, number, type Table, text } from '../table/table';
import type { EmergencyCall } from './emergency-call';
import type { DrillOrder, SilenceOrder } from './orders';

interface Place {
  table: Table;
  clock: Clock;
}

/** A drill that nobody sets off by then is over. */
const drillMs = 10 * minuteMs;

/** @returns the notice that is due, if any. @throws {KeyturnError} bad-event, where it is about another environment */
export async function arrange(
  call: EmergencyCall,
  provenAs: string | undefined,
  environment: string,
  place: Place,
): Promise<Notice | undefined> {
  if (call.kind === 'silence') return silence(call, provenAs, environment, place);
  if (call.kind === 'announce-drill') await announceDrill(call, environment, place);
  return undefined;
}

async function silence(
  order: SilenceOrder,
  provenAs: string | undefined,
  environment: string,
  { table, clock }: Place,
): Promise<Notice> {
  const { key, minutes, reason, requestedBy } = order;
  if (key.environment !== environment) {
    throw new KeyturnError(
      'bad-event',
      `the order names ${shortName(key)}, but this function belongs to ${environment}; nothing was changed, and on-call is notified`,
    );
  }
  const until = new Date(clock.now().getTime() + minutes * minuteMs);
  await table.change(keyKey(key), {
    set: {
      silencedUntil: number(until.getTime()),
      silencedBy: text(provenAs ?? requestedBy),
      silencedBecause: text(reason || 'no reason given'),
    },
  });
  const by = { requestedBy, ...(provenAs && { provenAs }) };
  return silenceNotice(key, minutes ? until : undefined, by, reason);
}

async function announceDrill(
  { alarmName, drillId, requestedBy }: DrillOrder,
  environment: string,
  { table, clock }: Place,
) {
  parseAlarmName(alarmName, environment);
  const expiresAt = Math.floor((clock.now().getTime() + drillMs) / 1000);
  await table.change(drillKey(alarmName), {
    set: { drillId: text(drillId), requestedBy: text(requestedBy), expiresAt: number(expiresAt) },
  });
}
