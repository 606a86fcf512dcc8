// How often and how fast one function writes secrets: AWS takes so many writes a second in an account, and others write, too.
// It stands in the place of the SDK's own retries, so that nothing is retried twice.
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { RetryStrategyV2, RetryToken } from '@smithy/types';
import { createCallRate } from '../../../connectors/http/call-rate';
import { createSlots } from '../../../connectors/http/slots';
import type { Clock } from '../../../core/provider';

/** Of the 50 that AWS takes: rotations need some, too. */
const writesPerSecond = 45;
const sendsAtMost = 8;
const restMs = 1_000;
/** How often it is asked whether a turn is to spare. */
const spareMs = 100;

export interface PacedWrites {
  client: SecretsManagerClient;
  /** To be waited for before a write is sent; what is sent again waits by itself. */
  turn(): Promise<void>;
  /** The same for what can wait: a turn that nobody else waits for. */
  spareTurn(): Promise<void>;
}

export function createPacedWrites(settings: SecretsManagerClientConfig, clock: Clock): PacedWrites {
  const rate = createCallRate(clock, writesPerSecond);
  const spare = createSlots(1);
  let waiting = 0;
  const sentBefore = (retries: number): RetryToken => ({
    getRetryCount: () => retries,
    getRetryDelay: () => 0,
  });
  const retryStrategy: RetryStrategyV2 = {
    acquireInitialRetryToken: async () => sentBefore(0),

    async refreshRetryTokenForRetry(token, { errorType, error }) {
      const sent = token.getRetryCount() + 1;
      if (errorType === 'CLIENT_ERROR' || sent === sendsAtMost) throw error;
      if (errorType === 'THROTTLING') rate.refused(restMs);
      else await clock.sleep(restMs);
      await rate.turn();
      return sentBefore(sent);
    },

    recordSuccess: () => rate.answered(),
  };
  return {
    client: new SecretsManagerClient({ ...settings, retryStrategy }),

    async turn() {
      waiting++;
      await rate.turn().finally(() => waiting--);
    },

    spareTurn: () =>
      spare.run(async () => {
        while (waiting) await clock.sleep(spareMs);
        await rate.turn();
      }),
  };
}
