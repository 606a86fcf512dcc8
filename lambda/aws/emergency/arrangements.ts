// What people arrange with the emergency function, so that it alone writes into the table, and on-call hears of all of it.

import { keyOrFailure } from '../../../core/ending/read-versions';
import { hasCode, KeyturnError } from '../../../core/errors';
import { parseAlarmName } from '../../../core/incident/alarm-name';
import { labelsToRelease, marksOf } from '../../../core/incident/marks';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import { forgottenVersionNotice, silenceNotice, unmarkNotice } from '../../../core/notices/arranged-notices';
import type { Notice } from '../../../core/notices/notice';
import type { Clock } from '../../../core/provider';
import type { SecretState, SecretStore } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import { drillKey, keyKey, number, type Table, text } from '../table/table';
import type { EmergencyCall } from './emergency-call';
import type { DrillOrder, ForgetVersionOrder, SilenceOrder, UnmarkOrder } from './orders';

interface ArrangementTools {
  table: Table;
  store: SecretStore;
  clock: Clock;
}

/** A drill that nobody sets off by then is over. */
const drillMs = 10 * minuteMs;

/** @returns the notice that is due, if any. @throws {KeyturnError} bad-event, where it is about another environment */
export async function arrange(
  call: EmergencyCall,
  provenAs: string | undefined,
  environment: string,
  place: ArrangementTools,
): Promise<Notice | undefined> {
  if (call.kind === 'silence') return silence(call, provenAs, environment, place);
  if (call.kind === 'unmark') return unmark(call, provenAs, environment, place);
  if (call.kind === 'forget-version') return forgetVersion(call, provenAs, environment, place);
  if (call.kind === 'announce-drill') await announceDrill(call, environment, place);
  return undefined;
}

async function silence(
  order: SilenceOrder,
  provenAs: string | undefined,
  environment: string,
  { table, store, clock }: ArrangementTools,
): Promise<Notice> {
  const { key, minutes, reason, requestedBy } = order;
  await describeOwn(key, environment, store);
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

/** Only where a label of AWS leads to the version: without that and its mark, nobody would ever end its key. */
async function unmark(
  order: UnmarkOrder,
  provenAs: string | undefined,
  environment: string,
  { store }: ArrangementTools,
): Promise<Notice> {
  const { key, versionId, requestedBy } = order;
  const state = await describeOwn(key, environment, store);
  const labels = state.versions[versionId] ?? [];
  if (!labels.includes('AWSPREVIOUS') && !labels.includes('AWSCURRENT')) {
    throw new KeyturnError(
      'bad-event',
      `the order is to keep version ${versionId} of ${shortName(key)}, which is neither AWSCURRENT nor AWSPREVIOUS; nothing was changed, and on-call is notified`,
    );
  }
  for (const mark of marksOf(labels)) await store.moveLabel(state, mark, { from: versionId });
  return unmarkNotice(key, versionId, { requestedBy, ...(provenAs && { provenAs }) });
}

/** Only one that holds no key: without its labels, nobody would ever end that. */
async function forgetVersion(
  order: ForgetVersionOrder,
  provenAs: string | undefined,
  environment: string,
  { store }: ArrangementTools,
): Promise<Notice> {
  const { key, versionId, requestedBy } = order;
  const state = await describeOwn(key, environment, store);
  const why = await whyKept(state, versionId, store);
  if (why) {
    throw new KeyturnError(
      'bad-event',
      `the order is to forget version ${versionId} of ${shortName(key)}, ${why}; nothing was changed, and on-call is notified`,
    );
  }
  for (const label of labelsToRelease(state, versionId))
    await store.moveLabel(state, label, { from: versionId });
  return forgottenVersionNotice(key, versionId, { requestedBy, ...(provenAs && { provenAs }) });
}

async function whyKept(
  state: SecretState,
  versionId: string,
  store: SecretStore,
): Promise<string | undefined> {
  const labels = state.versions[versionId];
  if (!labels) return 'which has no label';
  if (labels.includes('AWSCURRENT')) return 'which is the current one';
  const held = await keyOrFailure(() => store.readVersion(state, versionId));
  if (held instanceof KeyturnError) return undefined;
  if (!held) return 'in which nothing is stored: a rotation may still store its key there, or have lost it';
  return held?.value && 'which holds a key';
}

async function describeOwn(key: KeyAddress, environment: string, store: SecretStore): Promise<SecretState> {
  if (key.environment !== environment) {
    throw new KeyturnError(
      'bad-event',
      `the order names ${shortName(key)}, but this function belongs to ${environment}; nothing was changed, and on-call is notified`,
    );
  }
  try {
    return await store.describe(secretName(key));
  } catch (error) {
    if (!hasCode(error, 'not-found', 'not-deployed')) throw error;
    throw new KeyturnError(
      'bad-event',
      `the order names ${shortName(key)}, and there is no such key; nothing was changed, and on-call is notified`,
    );
  }
}

async function announceDrill(
  { alarmName, drillId, requestedBy }: DrillOrder,
  environment: string,
  { table, clock }: ArrangementTools,
) {
  parseAlarmName(alarmName, environment);
  const expiresAt = Math.floor((clock.now().getTime() + drillMs) / 1000);
  await table.change(drillKey(alarmName), {
    set: { drillId: text(drillId), requestedBy: text(requestedBy), expiresAt: number(expiresAt) },
  });
}
