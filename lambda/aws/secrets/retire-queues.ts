// Many superseded keys at once: one at a time at each provider, so that it sees no burst, while others wait for their proof;
// providers side by side, so that none waits for another, whatever it answers.
import { createSlots, lendingClock } from '../../../connectors/http/slots';
import { hasCode, type KeyturnError } from '../../../core/errors';
import { groupedBy } from '../../../core/grouped-by';
import { shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { hourMs, minuteMs } from '../../../core/time';
import { logger } from '../runtime/logger';
import { queueOf } from './providers';

/** What the key that was begun last may need: its proof takes minutes. */
const lastKeyMs = 5 * minuteMs;
/** Of one provider under way. If all were begun at once, none might be over when the time is. */
const underWayAtMost = 20;
/** After as many keys in a row, the others would wait in vain as well. */
const unansweredAtMost = 3;

/**
 * @param retireIfDue one key; @returns true where it was ended
 * @returns a function that takes superseded keys, and the time that is left for them
 */
export function createRetireQueues(
  retireIfDue: (state: SecretState, clock: Clock) => Promise<boolean>,
  noteFailure: (state: SecretState, error: unknown) => void,
  clock: Clock,
) {
  return async (superseded: readonly SecretState[], remainingMs: number) => {
    const done = { retired: [] as string[], left: [] as string[] };
    const now = clock.now().getTime();
    const placed = await Promise.all(superseded.map(async state => ({ state, queue: await queueOf(state) })));
    await Promise.all(
      [...groupedBy(placed, ({ queue }) => queue).values()].map(queue => {
        const states = queue.map(({ state }) => state);
        return retireInTurn(fromAnother(states, now), now + remainingMs - lastKeyMs, done);
      }),
    );
    return done;
  };

  async function retireInTurn(
    states: SecretState[],
    beginsUntil: number,
    { retired, left }: Record<'retired' | 'left', string[]>,
  ): Promise<void> {
    const [begun, turns] = [createSlots(underWayAtMost), createSlots(1)];
    const ofTurn = lendingClock(clock, turns);
    const behind: string[] = [];
    const stop = createStop();
    const retireOne = async (state: SecretState) => {
      const key = shortName(state.address);
      if (clock.now().getTime() >= beginsUntil) stop.because('no time is left');
      if (stop.why()) return behind.push(key);
      try {
        if (await retireIfDue(state, ofTurn)) retired.push(key);
        stop.answered();
      } catch (error) {
        noteFailure(state, error);
        stop.failed(error);
      }
    };
    await Promise.all(states.map(state => begun.run(() => turns.run(() => retireOne(state)))));
    left.push(...behind);
    if (behind.length) logger.warn(`left superseded keys to the next run: ${stop.why()}`, { keys: behind });
  }
}

/** Why the keys behind are left; the first reason counts. */
function createStop() {
  let why: string | undefined;
  let unanswered = 0;
  const because = (reason: string) => {
    why ??= reason;
  };
  return {
    why: () => why,
    because,
    answered() {
      unanswered = 0;
    },
    failed(error: unknown) {
      if (hasCode(error, 'rate-limited')) because(restOf(error));
      unanswered = hasCode(error, 'no-answer', 'provider-down') ? unanswered + 1 : 0;
      if (unanswered === unansweredAtMost) because('the provider does not answer');
    },
  };
}

function restOf({ retryAt }: KeyturnError): string {
  return `the provider allows no calls ${retryAt ? `before ${retryAt.toISOString()}` : 'for now'}`;
}

/** Each hour another key is the first: one that fails every time must not keep those behind it waiting for ever. */
function fromAnother(states: SecretState[], now: number): SecretState[] {
  const first = Math.floor(now / hourMs) % (states.length || 1);
  return [...states.slice(first), ...states.slice(0, first)];
}
