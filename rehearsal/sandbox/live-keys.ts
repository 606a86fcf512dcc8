// How each key of a sandbox is now, by its labels and by what its provider accepts; what needs somebody comes first.

import type { Secret } from '@keyturn/aws-model/secrets-manager/secret';
import { parseSecretName, shortName } from '../../core/key/key-address';
import type { FoundIncident } from '../scenarios/parts/incidents';
import { keySecrets, valueAt } from '../world/counts/stored-values';
import type { RehearsalContext } from '../world/rehearsal-context';

export interface LiveKey {
  name: string;
  state: string;
  mood: 'good' | 'busy' | 'bad';
  /** As the provider names the current key. */
  keyId?: string;
  since?: Date;
  /** The key before, while it may still be accepted. */
  older?: string;
}

const order: LiveKey['mood'][] = ['bad', 'busy', 'good'];

export function liveKeys(context: RehearsalContext, incidents: readonly FoundIncident[]): LiveKey[] {
  const open = new Set(
    incidents
      .filter(({ status }) => status === 'open' || status === 'waiting')
      .map(({ address }) => shortName(address)),
  );
  return keySecrets(context.world.model)
    .map(secret => liveKey(context, secret, open))
    .sort((a, b) => order.indexOf(a.mood) - order.indexOf(b.mood) || a.name.localeCompare(b.name));
}

function liveKey({ world }: RehearsalContext, secret: Secret, open: Set<string>): LiveKey {
  const address = parseSecretName(secret.name);
  const name = shortName(address);
  const current = valueAt(secret, 'AWSCURRENT');
  const older = valueAt(secret, 'AWSPREVIOUS')?.keyId;
  const known = {
    name,
    ...(current && { keyId: current.keyId, since: new Date(current.issuedAt) }),
    ...(older && { older }),
  };
  if (!current) return { ...known, state: 'has no key', mood: 'bad' };
  const account = world.providers.account(address.provider);
  const atProvider = account.ownerOf(current.secret);
  if (atProvider && !account.accepts(atProvider))
    return { ...known, state: 'its provider refuses it', mood: 'bad' };
  if (open.has(name)) return { ...known, state: 'an incident is open', mood: 'bad' };
  if (valueAt(secret, 'AWSPENDING') && !Object.values(secret.labels).some(isUsable))
    return { ...known, state: 'rotates now', mood: 'busy' };
  return older
    ? { ...known, state: 'fine, the older key still works', mood: 'good' }
    : { ...known, state: 'fine', mood: 'good' };
}

/** Secrets Manager leaves AWSPENDING on the version that is current. */
function isUsable(labels: readonly string[]): boolean {
  return labels.includes('AWSCURRENT') && labels.includes('AWSPENDING');
}
