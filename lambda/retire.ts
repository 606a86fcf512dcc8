// Hourly: ends every superseded key that is past its overlap and no longer used, and tells how old keys are.

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type KeyAddress, shortName } from '../core/key/key-address';
import { agesOf } from '../core/metrics/ages';
import { environmentMetricLine, providerMetricLine } from '../core/metrics/metric-line';
import type { Clock } from '../core/provider';
import type { Attempts } from '../core/rotation/attempts';
import { holderOf, type SecretState } from '../core/rotation/secret-store';
import { createEvents } from './aws/notify/events';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';
import { createProviders } from './aws/secrets/providers';
import { createRetirement } from './aws/secrets/retire-if-due';
import { createSecretStore, listKeys } from './aws/secrets/secret-store';
import { createLazyAttempts } from './aws/table/lazy-attempts';

export interface RetireSummary {
  superseded: number;
  retired: string[];
  failed: string[];
}

export interface RetireClients {
  secretsManager: SecretsManagerClient;
  cloudWatch: CloudWatchClient;
  attempts: Attempts;
  clock: Clock;
}

export function createRetire(
  environment: string,
  { secretsManager, cloudWatch, attempts, clock }: RetireClients,
) {
  const retireIfDue = createRetirement({
    store: createSecretStore(secretsManager),
    providerOf: createProviders(secretsManager, clock),
    cloudWatch,
    attempts,
    clock,
  });

  return async (): Promise<RetireSummary> => {
    const { keys, undescribed } = await listKeys(secretsManager, environment);
    const now = clock.now();
    process.stdout.write(`${environmentMetricLine(environment, { ...agesOf(keys, now) }, now)}\n`);
    const superseded = keys.filter(state => holderOf(state, 'AWSPREVIOUS'));
    const summary: RetireSummary = { superseded: superseded.length, retired: [], failed: [] };
    for (const { address, error } of undescribed) noteFailure(address, error, summary);
    // One after the other for each provider, so that no provider sees a burst; providers side by side.
    const providers = [...new Set(superseded.map(state => state.address.provider))];
    const ofProvider = (name: string) => superseded.filter(({ address }) => address.provider === name);
    await Promise.all(providers.map(name => retireInTurn(ofProvider(name), summary)));
    logger.info('retired superseded keys', { ...summary });
    return summary;
  };

  async function retireInTurn(states: SecretState[], summary: RetireSummary): Promise<void> {
    for (const state of states) {
      try {
        if (await retireIfDue(state)) summary.retired.push(shortName(state.address));
      } catch (error) {
        noteFailure(state.address, error, summary);
      }
    }
  }

  /** One key's failure must not keep the others alive; the metric raises the alarm, the next hour tries again. */
  function noteFailure(address: KeyAddress, error: unknown, summary: RetireSummary): void {
    const key = shortName(address);
    summary.failed.push(key);
    process.stdout.write(`${providerMetricLine(address, { RetireFailed: 1 }, clock.now())}\n`);
    logger.error(`could not retire the superseded key of ${key}`, { error: describeError(error) });
  }
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  return createRetire(environment, {
    secretsManager: new SecretsManagerClient(clientSettings),
    cloudWatch: new CloudWatchClient(clientSettings),
    attempts: createLazyAttempts(environment, systemClock, createEvents()),
    clock: systemClock,
  });
});
