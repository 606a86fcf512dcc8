// What a key needs every hour: its superseded key ended once that is due, and a rotation that cannot go on started afresh.
import {
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import { isUnfinished, type StuckTools, startAfresh } from '../../../core/rotation/stuck';
import { logger } from '../runtime/logger';
import type { Providers } from './providers';
import { versionDates } from './version-dates';

interface UpkeepTools extends Omit<StuckTools, 'provider' | 'clock' | 'madeAt' | 'start'> {
  secretsManager: SecretsManagerClient;
  providerOf: Providers;
}

/** @returns true where a superseded key was ended */
export function createUpkeep(
  retireIfDue: (state: SecretState, clock: Clock) => Promise<boolean>,
  { secretsManager, providerOf, ...tools }: UpkeepTools,
) {
  return async (state: SecretState, clock: Clock): Promise<boolean> => {
    const isRetired = holderOf(state, 'AWSPREVIOUS') !== undefined && (await retireIfDue(state, clock));
    if (!isUnfinished(state)) return isRetired;
    const provider = await providerOf(state);
    if (await startAfresh({ ...tools, ...rotationsOf(secretsManager), provider, clock }, state))
      logger.info('restarted a rotation that could not go on', { key: shortName(state.address) });
    return isRetired;
  };
}

/** core/rotation/stuck.ts on Secrets Manager. */
function rotationsOf(client: SecretsManagerClient): Pick<StuckTools, 'madeAt' | 'start'> {
  return {
    madeAt: ({ arn }) => versionDates(client, arn),

    async start({ arn }) {
      try {
        await client.send(new RotateSecretCommand({ SecretId: arn }));
      } catch (error) {
        // AWS has started one since, by its schedule.
        if (!(error instanceof InvalidRequestException)) throw error;
      }
    },
  };
}
