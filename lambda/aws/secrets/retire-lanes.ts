// Many superseded keys at once: one after the other at each provider, so that it sees no burst; providers side by side, so that
// none waits for another, whatever it answers.
import { hasCode, type KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { hourMs, minuteMs } from '../../../core/time';
import { logger } from '../runtime/logger';
import { laneOf } from './providers';

/** What the key that was begun last may need: its proof takes minutes. */
const lastKeyMs = 5 * minuteMs;
/** After as many keys in a row, the others would wait in vain as well. */
const unansweredAtMost = 3;

/**
 * @param retireIfDue one key; @returns true where it was ended
 * @returns a function that takes superseded keys, and the time that is left for them
 */
export function createRetireLanes(
  retireIfDue: (state: SecretState) => Promise<boolean>,
  noteFailure: (state: SecretState, error: unknown) => void,
  clock: Clock,
) {
  return async (superseded: readonly SecretState[], remainingMs: number) => {
    const done = { retired: [] as string[], left: [] as string[] };
    const now = clock.now().getTime();
    const lanes = [...new Set(superseded.map(laneOf))];
    await Promise.all(
      lanes.map(lane => {
        const states = superseded.filter(state => laneOf(state) === lane);
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
    const leave = (from: number, why: string) => {
      const keys = states.slice(from).map(({ address }) => shortName(address));
      left.push(...keys);
      if (keys.length) logger.warn(`left superseded keys to the next run: ${why}`, { keys });
    };
    let unanswered = 0;
    for (const [index, state] of states.entries()) {
      if (clock.now().getTime() >= beginsUntil) return leave(index, 'no time is left');
      try {
        if (await retireIfDue(state)) retired.push(shortName(state.address));
        unanswered = 0;
      } catch (error) {
        noteFailure(state, error);
        if (hasCode(error, 'rate-limited')) return leave(index + 1, restOf(error));
        unanswered = hasCode(error, 'no-answer', 'provider-down') ? unanswered + 1 : 0;
        if (unanswered === unansweredAtMost) return leave(index + 1, 'the provider does not answer');
      }
    }
  }
}

function restOf({ retryAt }: KeyturnError): string {
  return `the provider wants no calls ${retryAt ? `before ${retryAt.toISOString()}` : 'for now'}`;
}

/** Each hour another key is the first: one that fails every time must not keep those behind it waiting for ever. */
function fromAnother(states: SecretState[], now: number): SecretState[] {
  const first = Math.floor(now / hourMs) % (states.length || 1);
  return [...states.slice(first), ...states.slice(0, first)];
}
