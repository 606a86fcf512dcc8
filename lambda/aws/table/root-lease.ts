// One at a time may mint from a root that minting uses up: two who send the same refresh token look like a thief, and the
// authorization server ends them all. Whoever holds the lease names beforehand the version in which the next root will be stored,
// so that the one after finds it even if the holder is lost, and however late Secrets Manager shows it by its label.
import { randomUUID } from 'node:crypto';
import { clocksDifferMs } from '../../../core/ending/retirement';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { secondMs } from '../../../core/time';
import { describeError, logger } from '../runtime/logger';
import { type Item, number, type Table, text } from './table';

/** Where the root to use is stored. */
export interface RootPlace {
  /** Version that the next root is to be stored under. */
  next: string;
  /** Stored for certain, by the last holder that said so. */
  certain: string | undefined;
  /** Roots that came after it, if they were stored: their holders were lost, or could not tell. Newest first. */
  perhaps: readonly string[];
}

/** What became of the next root. */
export type RootProgress = 'not-begun' | 'begun' | 'done';

export interface RootLease {
  /**
   * Waits until nobody else holds it.
   * @param remainingMs until Lambda ends this call: nobody can hold the lease for longer
   * @throws {KeyturnError} rate-limited, where there would be no time left to mint
   */
  hold<T>(
    address: KeyAddress,
    remainingMs: () => number,
    work: (place: RootPlace, noteStored: (stored: RootProgress) => void) => Promise<T>,
  ): Promise<T>;
}

/** Reads the root, asks the provider and stores the next one; each call may be tried again. */
const mintingTakesMs = 45 * secondMs;
const lookAgainMs = secondMs;

const leaseKey = (address: KeyAddress): Item => ({
  pk: text(`root-lease#${shortName(address)}`),
  sk: text('holder'),
});

export function createRootLease(table: Table, clock: Clock): RootLease {
  async function acquire(address: KeyAddress, remainingMs: () => number): Promise<RootPlace> {
    const key = leaseKey(address);
    const next = randomUUID();
    for (;;) {
      const item = (await table.get(key)) ?? {};
      const { holder, endsAt, certain } = item;
      const perhaps = [...(holder?.S ? [holder.S] : []), ...versionsIn(item)];
      const now = clock.now().getTime();
      // Clocks of hosts may differ by a little; a holder has been ended by Lambda at its own time.
      const isFree = !holder || now > Number(endsAt?.N) + clocksDifferMs;
      const taken =
        isFree &&
        (await table.change(key, {
          set: { holder: text(next), endsAt: number(now + remainingMs()), perhaps: asItem(perhaps) },
          onlyIf: { holder },
        }));
      if (taken) return { next, certain: certain?.S, perhaps };
      if (remainingMs() < mintingTakesMs + lookAgainMs) throw leaseHeld(address);
      await clock.sleep(lookAgainMs);
    }
  }

  /** What cannot be given back ends by itself. */
  async function release(
    address: KeyAddress,
    { next, perhaps }: RootPlace,
    stored: RootProgress,
  ): Promise<void> {
    try {
      const isOurs = await table.change(leaseKey(address), {
        set: {
          ...(stored === 'done' && { certain: text(next), perhaps: asItem([]) }),
          ...(stored === 'begun' && { perhaps: asItem([next, ...perhaps]) }),
        },
        remove: ['holder', 'endsAt'],
        onlyIf: { holder: text(next) },
      });
      if (!isOurs)
        logger.error('another call minted from the same root meanwhile', { key: shortName(address) });
    } catch (error) {
      logger.warn('could not give a lease back', { key: shortName(address), error: describeError(error) });
    }
  }

  return {
    async hold(address, remainingMs, work) {
      const place = await acquire(address, remainingMs);
      let stored: RootProgress = 'not-begun';
      try {
        return await work(place, now => {
          stored = now;
        });
      } finally {
        await release(address, place, stored);
      }
    },
  };
}

/** Each time a holder is lost there is one more. */
const perhapsAtMost = 8;

const asItem = (versions: readonly string[]) => ({ L: versions.slice(0, perhapsAtMost).map(text) });

function versionsIn({ perhaps }: Item): string[] {
  return (perhaps?.L ?? []).flatMap(({ S }) => S ?? []);
}

function leaseHeld(address: KeyAddress): KeyturnError {
  return new KeyturnError(
    'rate-limited',
    `another call has been minting from the root of ${shortName(address)} all this time; ask again in a minute`,
  );
}
