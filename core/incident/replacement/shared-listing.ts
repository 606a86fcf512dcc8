// What a provider lists before replacements are made: one listing serves all keys of a place that are replaced together.
import type { Clock, IssueProvider, ListedKey } from '../../provider';
import type { SecretState } from '../../rotation/secret-store';
import { minuteMs } from '../../time';

/** Asks the provider, or answers with what it listed for another key of the same place. */
export type SharedListing = (provider: IssueProvider, state: SecretState) => Promise<ListedBefore>;

export interface ListedBefore {
  keys: readonly ListedKey[];
  /** So that the attempts after it know of it, too. */
  noteMade(keyId: string): void;
}

/** As long as a mass containment takes to begin its keys. What others make meanwhile, an attempt does not know. */
const servesForMs = 2 * minuteMs;

export function createSharedListing(clock: Clock): SharedListing {
  const asked = new Map<string, { at: Date; keys: Promise<ListedKey[]> }>();
  return async (provider, { spec }) => {
    const place = JSON.stringify([provider.id, spec.settings]);
    const now = clock.now();
    let before = asked.get(place);
    if (!before || now.getTime() - before.at.getTime() >= servesForMs) {
      before = { at: now, keys: provider.list() };
      asked.set(place, before);
    }
    try {
      const keys = await before.keys;
      return { keys, noteMade: id => void keys.push({ id }) };
    } catch (error) {
      if (asked.get(place) === before) asked.delete(place);
      throw error;
    }
  };
}
