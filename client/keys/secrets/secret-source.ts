// Keys that are secrets: AWSCURRENT, or AWSPENDING if the provider has rejected AWSCURRENT.
// A provider that knows one key at a time (Auth0) ends the old one when the new one is installed, before it is promoted.
import { kindOf } from '../../../connectors/load';
import { isReplacement } from '../../../core/incident/replacement/replacement-version';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { holderOf } from '../../../core/rotation/secret-store';
import type { KeySource } from '../sources/key-source';
import type { SecretReader } from './secret-reader';

async function isEndedByReplacement({ provider }: KeyAddress): Promise<boolean> {
  return (await kindOf(provider)) === 'roll';
}

export function createSecretSource(reader: SecretReader): KeySource {
  /** By the key's short name: what its provider did not accept. */
  const rejected = new Map<string, Set<string>>();
  /** Versions that were handed out while they were AWSPENDING. */
  const offered = new Set<string>();
  const isRejected = (address: KeyAddress, versionId: string) =>
    rejected.get(shortName(address))?.has(versionId) ?? false;
  const isBetter = (address: KeyAddress, versionId: string, pending: string | undefined) =>
    pending !== undefined && pending !== versionId && !isRejected(address, pending);

  return {
    givesTokens: async () => false,
    async read(address) {
      const current = await reader.readCurrent(address);
      if (!isRejected(address, current.versionId)) return current;
      // A role that may not read AWSPENDING continues with AWSCURRENT.
      const pending = await reader.read(address, 'AWSPENDING').catch(() => undefined);
      if (!pending || isRejected(address, pending.versionId)) return current;
      offered.add(pending.versionId);
      return pending;
    },
    async statusOf(address, versionId) {
      const { versions } = await reader.describe(address);
      const labels = versions[versionId] ?? [];
      const pending = holderOf({ versions }, 'AWSPENDING');
      if (labels.includes('AWSCURRENT'))
        return isRejected(address, versionId) && isBetter(address, versionId, pending)
          ? 'expiring'
          : 'current';
      // Whether or not the provider accepts it yet: the one before it is known to be dead.
      if (labels.includes('AWSPENDING') && offered.has(versionId)) return 'current';
      const current = holderOf({ versions }, 'AWSCURRENT') ?? '';
      // After a containment the one before ends within seconds, whatever labels it still has.
      const overlaps = !isReplacement(current) && !(await isEndedByReplacement(address));
      return labels.includes('AWSPREVIOUS') && overlaps ? 'superseded' : 'expiring';
    },
    reject(address, versionId) {
      const key = shortName(address);
      rejected.set(key, (rejected.get(key) ?? new Set()).add(versionId));
    },
  };
}
