// Attempts in memory, kept as the table keeps them.
import type { ListedKey } from '../../../core/provider';
import type { Attempt, Attempts } from '../../../core/rotation/attempts';

export interface KeptAttempts extends Attempts {
  /** Ids of keys that people were told of. */
  readonly told: string[];
}

/** @param pass sees every call, and may stop it or lose its answer */
export function createKeptAttempts(
  pass: <T>(name: string, run: () => Promise<T>) => Promise<T> = (_, run) => run(),
): KeptAttempts {
  const kept = new Map<string, Attempt & { ids: string[] }>();
  const made = new Map<string, string>();
  const told: string[] = [];
  return {
    told,
    begin: (_, attempt, listed: readonly ListedKey[]) =>
      pass('begin', async () => {
        if (kept.has(attempt.name)) return false;
        kept.set(attempt.name, { ...attempt, ids: listed.map(({ id }) => id) });
        return true;
      }),
    find: (_, name) =>
      pass('find', async () => {
        const attempt = kept.get(name);
        return attempt && { ...attempt, wasListed: keyId => attempt.ids.includes(keyId) };
      }),
    claim: (_, name, keyId) =>
      pass('claim', async () => {
        if (!made.has(name)) made.set(name, keyId);
        return made.get(name) === keyId;
      }),
    async tellUnproven(_, { id }) {
      if (!told.includes(id)) told.push(id);
    },
  };
}
