// A laptop may start programs before its network is up: the first reads of keys wait for it.
import { secondMs } from '../../../core/time';
import { type AwsFailure, isUnreachable } from '../aws-client';
import type { KeySource } from './key-source';

export interface WaitParts {
  /** From now on. Milliseconds. */
  forMs: number;
  /** For people. */
  say(text: string): void;
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const waitMs = { first: 250, most: 5 * secondMs };

export function waitingForNetwork(source: KeySource, { forMs, say, now, sleep }: WaitParts): KeySource {
  const latest = now() + forMs;
  let hasSaid = false;

  return {
    ...source,
    async read(address) {
      for (let wait = waitMs.first; ; wait = Math.min(wait * 2, waitMs.most)) {
        try {
          return await source.read(address);
        } catch (error) {
          const { message, cause } = error as Error;
          if (!(cause instanceof Error) || !isUnreachable(cause as AwsFailure) || now() + wait > latest)
            throw error;
          if (!hasSaid) say(`${message} (retrying for ${Math.round((latest - now()) / secondMs)} seconds)`);
          hasSaid = true;
          await sleep(wait);
        }
      }
    },
  };
}
