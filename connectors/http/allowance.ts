// What one piece of a connector's work may take, whatever its provider answers: a list that never ends, pages of nothing but
// noise, an answer that comes drop by drop. Others' work never waits longer for it.
import { KeyturnError } from '../../core/errors';
import type { Clock } from '../../core/provider';
import type { HttpReply } from './http-exchange';

/** A provider's answers to one piece of work, together. */
export const answersAtMost = { calls: 1_000, characters: 32 * 1024 * 1024, seconds: 90 };

export interface Allowance {
  /**
   * One call within the allowance. Waiting for a turn is not counted: that is how busy we are, not the provider.
   * @throws {KeyturnError} bad-reply (too many calls or too much text), no-answer (too long)
   */
  spend(asked: string, call: () => Promise<HttpReply>): Promise<HttpReply>;
}

export function createAllowance(title: string, clock: Clock): Allowance {
  let calls = 0;
  let characters = 0;
  let ms = 0;
  return {
    async spend(asked, call) {
      const { calls: callsAtMost, characters: charactersAtMost, seconds } = answersAtMost;
      if (calls === callsAtMost) throw exceeded('bad-reply', asked, `more than ${callsAtMost} calls`);
      if (ms >= seconds * 1000) throw exceeded('no-answer', asked, `more than ${seconds} s of answering`);
      calls++;
      const from = clock.now().getTime();
      try {
        const reply = await call();
        characters += reply.text.length;
        if (characters > charactersAtMost)
          throw exceeded('bad-reply', asked, `answers of more than ${charactersAtMost / 1024 ** 2} MiB`);
        return reply;
      } finally {
        ms += clock.now().getTime() - from;
      }
    },
  };

  function exceeded(code: 'bad-reply' | 'no-answer', asked: string, what: string): KeyturnError {
    return new KeyturnError(
      code,
      `${title} needs ${what} for one operation, the last ${asked}; check that the key's settings name its own host, and delete old keys there`,
    );
  }
}
