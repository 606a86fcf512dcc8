// The end of a superseded key: revoked at the provider, seen rejected, then its label goes. The label goes last: as long
// as AWSPREVIOUS is there, an old key may still live, and whoever comes next finds it.
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import type { Clock, Provider } from '../provider';
import { holderOf, type SecretState, type SecretStore } from '../rotation/secret-store';
import { hourMs } from '../time';
import { proveRejected } from './proof';

/** A superseded key that was used within this time still has a server behind it. */
const quietMs = hourMs;
/** How many overlaps a superseded key gets at most while it is still used. */
const overlapsAtMost = 2;

/** When the superseded key has to go. */
export interface RetirementTimes {
  /** When the key that replaced it was promoted. */
  supersededAt: Date;
  overlapHours: number;
  /** The last sign of use of the superseded key; absent where there is none, or nobody can tell. */
  lastUsedAt?: Date;
}

/** Past its overlap, and no longer used or past the hard limit. */
export function isDueForRetirement(
  { supersededAt, overlapHours, lastUsedAt }: RetirementTimes,
  now: Date,
): boolean {
  const age = now.getTime() - supersededAt.getTime();
  const overlap = overlapHours * hourMs;
  if (age < overlap) return false;
  if (age >= overlap * overlapsAtMost) return true;
  return !lastUsedAt || now.getTime() - lastUsedAt.getTime() >= quietMs;
}

/**
 * Ends the key that carries AWSPREVIOUS, if there is one. Safe to repeat.
 * @throws {KeyturnError} key-still-alive or provider-down, where the key was not seen rejected: the label then stays
 */
export async function retirePrevious(
  store: SecretStore,
  provider: Provider,
  clock: Clock,
  state: SecretState,
): Promise<void> {
  const versionId = holderOf(state, 'AWSPREVIOUS');
  if (!versionId) return;
  const previous = (await store.read(state, 'AWSPREVIOUS'))?.value;
  const current = (await store.read(state, 'AWSCURRENT'))?.value;
  // The same key can stand in both, after an adopt or a copy by hand: then there is nothing to end.
  const distinct = previous && previous.keyId !== current?.keyId;
  if (distinct && provider.endedBy !== 'label') {
    if (provider.endedBy === 'call') await provider.revoke(previous.keyId, previous);
    const verdict = await proveRejected(provider, previous, clock);
    if (verdict !== 'rejected') throw notProvenDead(state, previous.keyId, verdict === 'accepted');
  }
  await store.moveLabel(state, 'AWSPREVIOUS', { from: versionId });
}

function notProvenDead(state: SecretState, keyId: string, accepted: boolean): KeyturnError {
  const key = `the superseded key ${keyId} of ${shortName(state.address)}`;
  return accepted
    ? new KeyturnError(
        'key-still-alive',
        `${key} is still accepted after it was revoked; delete it in the provider's console and run \`keyturn status\``,
      )
    : new KeyturnError(
        'provider-down',
        `${key} was revoked, but the provider cannot be asked for proof; it is tried again every hour`,
      );
}
