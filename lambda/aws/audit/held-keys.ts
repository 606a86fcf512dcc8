// The keys of an environment as their secrets hold them, reduced to what the rules may know.

import { createSlots } from '../../../connectors/http/slots';
import type { AuditedVersion, HeldKey } from '../../../core/audit/held-key';
import { printOf } from '../../../core/audit/same-key';
import { shortName } from '../../../core/key/key-address';
import type { SecretState, SecretStore, StoredVersion } from '../../../core/rotation/secret-store';
import { describeError } from '../runtime/logger';
import { createSecretStore, listKeys, type UnknownSecret } from '../secrets/secret-store';
import type { AuditRun } from './parts';

/** A key with what only its gatherers need: where it is stored, and prints of what its versions hold. */
export interface GatheredKey extends HeldKey {
  state: SecretState;
  /** Version -> print of its secret. */
  prints: Readonly<Record<string, string>>;
}

export interface GatheredKeys {
  keys: GatheredKey[];
  /** Those with a value that cannot be read: what it holds is not known. */
  unread: { key: string; why: string }[];
  /** Named as keys, and not proven to be Keyturn's. */
  unknown: UnknownSecret[];
}

/** Secrets Manager answers each in milliseconds, and takes thousands a second. */
const readsAtOnce = 10;

/** @param provider only its keys. @default - all */
export async function readKeys(
  { secretsManager, registry, environment, salt }: AuditRun,
  provider?: string,
): Promise<GatheredKeys> {
  const store = createSecretStore(secretsManager, registry);
  const listed = await listKeys(secretsManager, environment, registry);
  const isAsked = ({ address }: { address: SecretState['address'] }) =>
    provider === undefined || address.provider === provider;
  const read: GatheredKeys = { keys: [], unread: [], unknown: listed.unknown.filter(isAsked) };
  const slots = createSlots(readsAtOnce);
  const readOne = async (state: SecretState) => {
    try {
      read.keys.push(await readKey(store, state, salt));
    } catch (error) {
      read.unread.push({ key: shortName(state.address), why: describeError(error).message });
    }
  };
  await Promise.all(listed.keys.filter(isAsked).map(state => slots.run(() => readOne(state))));
  read.keys.sort((a, b) => a.key.localeCompare(b.key));
  return read;
}

async function readKey(store: SecretStore, state: SecretState, salt: string): Promise<GatheredKey> {
  const { address, spec, rotatedAt, rotationDueBy } = state;
  const stored = await Promise.all(
    Object.keys(state.versions).map(versionId => store.readVersion(state, versionId)),
  );
  const held = stored.flatMap(version => (version?.value ? [{ ...version, value: version.value }] : []));
  return {
    key: shortName(address),
    address,
    spec,
    state,
    ...(rotatedAt && { rotatedAt }),
    rotates: rotationDueBy !== undefined,
    labels: state.versions,
    versions: held.map(heldVersion),
    prints: Object.fromEntries(held.map(({ versionId, value }) => [versionId, printOf(value.secret, salt)])),
  };
}

function heldVersion({
  versionId,
  createdAt,
  value,
}: StoredVersion & { value: NonNullable<StoredVersion['value']> }): AuditedVersion {
  const { keyId, issuedAt, expiresAt, scopes } = value;
  return {
    versionId,
    storedAt: createdAt,
    keyId,
    issuedAt: new Date(issuedAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    ...(scopes && { scopes }),
  };
}
