// Hourly: ends every superseded key that is past its overlap and no longer used, starts rotations afresh that cannot go on, and
// tells how old keys are.

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Certificates } from '../core/ending/certificate';
import { type KeyAddress, shortName } from '../core/key/key-address';
import { agesOf } from '../core/metrics/ages';
import { environmentMetricLine, providerMetricLine } from '../core/metrics/metric-line';
import type { Clock } from '../core/provider';
import type { Attempts } from '../core/rotation/attempts';
import { holderOf, type SecretState } from '../core/rotation/secret-store';
import { isUnfinished } from '../core/rotation/stuck';
import { createEvents } from './aws/notify/events';
import { openRegistry, type Registry } from './aws/registry/registry';
import { openTellOfUnknown, type TellOfUnknown } from './aws/registry/unknown-secrets';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { onlyFor, scheduled } from './aws/runtime/event';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';
import { createProviders } from './aws/secrets/providers';
import { createRetirement } from './aws/secrets/retire-if-due';
import { createRetireLanes } from './aws/secrets/retire-lanes';
import { createSecretStore, listKeys } from './aws/secrets/secret-store';
import { createUpkeep } from './aws/secrets/upkeep';
import { createLazyAttempts } from './aws/table/lazy-attempts';
import { createLazyCertificates } from './aws/table/lazy-certificates';

export interface RetireSummary {
  superseded: number;
  retired: string[];
  failed: string[];
  /** For the next run: their provider wants a rest or does not answer, or there was no time. */
  left: string[];
}

export interface RetireClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  tellOfUnknown: TellOfUnknown;
  cloudWatch: CloudWatchClient;
  attempts: Attempts;
  certificates: Certificates;
  clock: Clock;
}

export function createRetire(environment: string, clients: RetireClients) {
  const { secretsManager, registry, tellOfUnknown, clock } = clients;
  const tools = {
    ...clients,
    store: createSecretStore(secretsManager, registry),
    providerOf: createProviders(secretsManager, clock),
  };
  const keepUp = createUpkeep(createRetirement(tools), tools);

  return async (_event: unknown, invocation: Invocation): Promise<RetireSummary> => {
    const { keys, unknown } = await listKeys(secretsManager, environment, registry);
    const now = clock.now();
    process.stdout.write(`${environmentMetricLine(environment, { ...agesOf(keys, now) }, now)}\n`);
    const isSuperseded = (state: SecretState) => holderOf(state, 'AWSPREVIOUS') !== undefined;
    const failed: string[] = [];
    const note = ({ address }: SecretState, error: unknown) => noteFailure(address, error, failed);
    const keepUpInLanes = createRetireLanes(keepUp, note, clock);
    const due = keys.filter(state => isSuperseded(state) || isUnfinished(state));
    const done = await keepUpInLanes(due, invocation.getRemainingTimeInMillis());
    const summary = { superseded: keys.filter(isSuperseded).length, failed, ...done };
    logger.info('retired superseded keys', summary);
    await tellOfUnknown(unknown);
    return summary;
  };

  /** One key's failure must not keep the others alive; the metric raises the alarm, the next hour tries again. */
  function noteFailure(address: KeyAddress, error: unknown, failed: string[]): void {
    const key = shortName(address);
    failed.push(key);
    process.stdout.write(`${providerMetricLine(address, { RetireFailed: 1 }, clock.now())}\n`);
    logger.error(`could not end the superseded or abandoned key of ${key}`, { error: describeError(error) });
  }
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const retire = createRetire(environment, {
    secretsManager: new SecretsManagerClient(clientSettings),
    registry: openRegistry(process.env),
    tellOfUnknown: openTellOfUnknown(environment),
    cloudWatch: new CloudWatchClient(clientSettings),
    attempts: createLazyAttempts(environment, systemClock, createEvents()),
    certificates: createLazyCertificates(environment, systemClock),
    clock: systemClock,
  });
  return onlyFor(scheduled, retire);
});
