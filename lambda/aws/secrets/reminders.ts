// Reminds people of keys that only they can replace, once at each stated day. Once a day the provider is asked when each ends.
import { shortName } from '../../../core/key/key-address';
import { endOf, providerEnd, reminderOf } from '../../../core/key/key-end';
import { reminderNotice } from '../../../core/notices/reminder-notice';
import { type Clock, type HandMadeProvider, isHandMade } from '../../../core/provider';
import { deadLabel, holderOf, type SecretState, type SecretStore } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import type { Problems } from '../table/problems';
import type { Providers } from './providers';

/** The run of this hour, UTC, does it: a day that is missed is made up for on the next one. */
const hourOfDay = 6;
/** What a provider that does not answer may take: the run is to end by itself, whoever hangs. */
const oneKeyMs = 2 * minuteMs;

interface ReminderTools {
  store: SecretStore;
  providerOf: Providers;
  problems: Problems;
  clock: Clock;
}

export function createReminders({ store, providerOf, problems, clock }: ReminderTools) {
  async function remind(state: SecretState, provider: HandMadeProvider): Promise<void> {
    const current = await store.read(state, 'AWSCURRENT');
    // Of a dead one, its incident has told.
    if (!current?.value || holderOf(state, deadLabel) === current.versionId) return;
    const { value } = current;
    const now = clock.now();
    const told = await provider.expiry(value).catch(error => {
      // Its policy and its own value still say when it has to go.
      logger.warn(`${provider.id} does not say when a key expires`, { error: describeError(error) });
      return undefined;
    });
    const { spec } = state;
    const end = spec.rotatedBy === 'aws' ? providerEnd(value, told) : endOf(value, told, spec);
    if (!end) return;
    const day = reminderOf(end, new Date(value.issuedAt), now);
    if (day === undefined) return;
    const notice = reminderNotice(
      state.address,
      value.keyId,
      end,
      day,
      { ...spec, steps: provider.steps },
      now,
    );
    await problems.begin({ notice, at: now });
  }

  return async (keys: readonly SecretState[], remainingMs: () => number): Promise<void> => {
    if (clock.now().getUTCHours() !== hourOfDay) return;
    for (const state of keys) {
      if (remainingMs() < oneKeyMs) {
        logger.warn('had no time to see when further keys expire; the run of the next day looks');
        return;
      }
      try {
        const provider = await providerOf(state);
        if (isHandMade(provider)) await remind(state, provider);
      } catch (error) {
        // One key keeps nobody from hearing of the others; the next day tries again.
        logger.error(`could not see when ${shortName(state.address)} expires`, {
          error: describeError(error),
        });
      }
    }
  };
}
