// Hourly: ends every superseded key that is past its overlap and no longer used, starts rotations afresh that cannot go on, tells
// how old keys are, and looks whether servers report.

import { type KeyAddress, shortName } from '../core/key/key-address';
import { agesOf, isOverdue } from '../core/metrics/ages';
import { environmentMetricLine, providerMetricLine } from '../core/metrics/metric-line';
import type { KnownKey } from '../core/notices/alarms/alarm-notice';
import { holderOf, type SecretState } from '../core/rotation/secret-store';
import { isUnfinished } from '../core/rotation/stuck';
import { onlyFor, scheduled } from './aws/runtime/event';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';
import { createProviders } from './aws/secrets/providers';
import { createReminders } from './aws/secrets/reminders';
import { openRetireClients, type RetireClients } from './aws/secrets/retire-clients';
import { createRetirement } from './aws/secrets/retire-if-due';
import { createRetireQueues } from './aws/secrets/retire-queues';
import { createSecretStore, listKeys } from './aws/secrets/secret-store';
import { createUpkeep } from './aws/secrets/upkeep';
import { overdueKey } from './aws/table/counted-keys';

export interface RetireSummary {
  superseded: number;
  retired: string[];
  failed: string[];
  /** For the next run: their provider wants a rest or does not answer, or there was no time. */
  left: string[];
}

export function createRetire(environment: string, clients: RetireClients) {
  const { secretsManager, registry, tellOfUnknown, openCountedKeys, lookAtReach, lookAtReporting, clock } =
    clients;
  const unreported: KnownKey[] = [];
  const tools = {
    ...clients,
    store: createSecretStore(secretsManager, registry),
    providerOf: createProviders(secretsManager, clock),
    onUnreportedUse: (address: KeyAddress, at: Date) => noteUse(address, at),
  };
  const keepUp = createUpkeep(createRetirement(tools), tools);
  const remind = createReminders(tools);

  return async (_event: unknown, invocation: Invocation): Promise<RetireSummary> => {
    await lookAtReach();
    const noteFound = await openCountedKeys();
    const { keys, unknown } = await listKeys(secretsManager, environment, registry);
    const now = clock.now();
    process.stdout.write(`${environmentMetricLine(environment, { ...agesOf(keys, now) }, now)}\n`);
    const overdue = keys.filter(key => isOverdue(key, now));
    await noteFound('overdue', overdue.map(overdueKey));
    const isSuperseded = (state: SecretState) => holderOf(state, 'AWSPREVIOUS') !== undefined;
    const failed: KnownKey[] = [];
    const note = ({ address }: SecretState, error: unknown) => noteFailure(address, error, failed);
    const keepUpInLanes = createRetireQueues(keepUp, note, clock);
    const due = keys.filter(state => isSuperseded(state) || isUnfinished(state));
    const done = await keepUpInLanes(due, invocation.getRemainingTimeInMillis());
    await noteFound('retire-failed', failed);
    await noteFound('unreported-use', unreported.splice(0));
    const failedKeys = failed.map(({ key }) => key);
    const summary = { superseded: keys.filter(isSuperseded).length, failed: failedKeys, ...done };
    logger.info('retired superseded keys', summary);
    await tellOfUnknown(unknown);
    await lookAtReporting(keys.map(({ address }) => address));
    await remind(keys, () => invocation.getRemainingTimeInMillis());
    return summary;
  };

  /** The metric raises an alarm, and the message about it names the key. */
  function noteUse(address: KeyAddress, at: Date): void {
    process.stdout.write(`${environmentMetricLine(environment, { UnreportedUses: 1 }, clock.now())}\n`);
    unreported.push({ key: shortName(address), text: `used at ${at.toISOString()}, as its provider says` });
  }

  /** One key's failure must not keep the others alive; the metric raises the alarm, the next hour tries again. */
  function noteFailure(address: KeyAddress, error: unknown, failed: KnownKey[]): void {
    const key = shortName(address);
    failed.push({ key, text: describeError(error).message });
    process.stdout.write(`${providerMetricLine(address, { RetireFailed: 1 }, clock.now())}\n`);
    logger.error(`could not end the superseded or abandoned key of ${key}`, { error: describeError(error) });
  }
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  return onlyFor(scheduled, createRetire(environment, openRetireClients(environment, process.env)));
});
