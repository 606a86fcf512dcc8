// The four steps of a rotation. Staging labels are the only state: any step may be stopped at any call and run again.

import { keysOfVersion, strandedKeys, unheldKeys } from '../ending/orphans';
import { proveAccepted } from '../ending/proof';
import { retirePrevious } from '../ending/retirement';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { providerKeyName } from '../key/provider-key-name';
import type { Clock, ListedKey, Provider } from '../provider';
import { droppedLabel, holderOf, type SecretState, type SecretStore, stagedLabel } from './secret-store';

/** What Secrets Manager asks for. */
export interface Rotation {
  /** ARN or name. */
  secretId: string;
  /** ClientRequestToken: the id of the version that becomes the new key. */
  token: string;
}

export interface RotationTools {
  store: SecretStore;
  /** The key's connector, bound; it reads the issuer credential only when a call needs it. */
  provider(state: SecretState): Provider;
  /** True where Keyturn makes the keys of this provider and has to tell it of them. */
  installs: boolean;
  publishRotated(state: SecretState, versionId: string): Promise<void>;
  clock: Clock;
}

export async function createSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const { store, clock } = tools;
  const state = await describeRotating(store, secretId, token);
  if (isDone(state, token)) return;
  const provider = tools.provider(state);
  // First: two-slot providers have no room for a third key, and moving AWSCURRENT would take this key's label.
  await retirePrevious(store, provider, clock, state);
  await endDropped(store, provider, state);
  if (await sweep(tools, provider, state, token)) return;
  const { environment, server } = state.address;
  const name = providerKeyName(
    `keyturn-${environment}-${server}`,
    state.arn,
    token,
    clock.now(),
    provider.nameMaxLength,
  );
  const value = await provider.make(name, clock.now());
  // Where the answer to this gets lost the key may be stored, so it is not revoked here: the next run sees.
  if ((await store.putPending(state, token, value)) === 'taken') await provider.revoke(value.keyId, value);
}

/** The key of a rotation that a person dropped: no server has seen it, so that it needs no overlap. */
async function endDropped(store: SecretStore, provider: Provider, state: SecretState): Promise<void> {
  const versionId = holderOf(state, droppedLabel);
  if (!versionId) return;
  const dropped = (await store.read(state, droppedLabel))?.value;
  if (dropped && provider.endedBy === 'call') await provider.revoke(dropped.keyId, dropped);
  // Made, and never stored: nobody will do that any more, so that it need not be an hour old to be swept.
  if (!dropped && provider.kind === 'issue' && !provider.exclusive) {
    for (const { id } of keysOfVersion(await provider.list(), state, versionId)) await provider.revoke(id);
  }
  await store.moveLabel(state, droppedLabel, { from: versionId });
}

/**
 * Revokes what lost attempts left behind.
 * @returns true where an earlier attempt of this very rotation has stored its key
 */
async function sweep(
  { store, clock }: RotationTools,
  provider: Provider,
  state: SecretState,
  token: string,
): Promise<boolean> {
  const listed = await provider.list();
  const mine = keysOfVersion(listed, state, token);
  // A listing without a key of this rotation spares the read: AWS refuses a second value under one token anyway.
  if (mine.length || provider.exclusive || provider.kind === 'install') {
    if (await store.read(state, 'AWSPENDING')) return true;
  }
  const orphans = provider.exclusive
    ? unheldKeys(listed, state, provider, await heldIds(store, state))
    : [...mine, ...strandedKeys(listed, state, clock.now()), ...(await lateKeys(store, state, listed))];
  for (const orphan of orphans) await provider.revoke(orphan.id);
  return false;
}

/** Made in the name of the current version, which holds another key: a provider can be slower than AWS's next try. */
async function lateKeys(store: SecretStore, state: SecretState, listed: ListedKey[]): Promise<ListedKey[]> {
  const versionId = holderOf(state, 'AWSCURRENT')!;
  const made = keysOfVersion(listed, state, versionId);
  if (made.length < 2) return [];
  const current = await store.read(state, 'AWSCURRENT');
  if (current?.versionId !== versionId) return [];
  return made.filter(({ id }) => id !== current.value?.keyId);
}

async function heldIds(store: SecretStore, state: SecretState): Promise<Set<string>> {
  const stages = ['AWSCURRENT', 'AWSPREVIOUS', stagedLabel] as const;
  const held = await Promise.all(stages.map(stage => store.read(state, stage)));
  return new Set(held.flatMap(version => version?.value?.keyId ?? []));
}

export async function setSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  if (!tools.installs) return;
  const state = await describeRotating(tools.store, secretId, token);
  if (isDone(state, token)) return;
  const pending = await tools.store.read(state, 'AWSPENDING');
  if (!pending?.value) throw notYetStored(state);
  await tools.provider(state).install(pending.value);
}

/** Also called alone, on a copy of the current value, when a rotation is set up; that copy may hold no key yet. */
export async function testSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const state = await describeRotating(tools.store, secretId, token);
  if (isDone(state, token)) return;
  const pending = await tools.store.read(state, 'AWSPENDING');
  if (!pending) throw notYetStored(state);
  if (!pending.value) return;
  const provider = tools.provider(state);
  const { keyId } = pending.value;
  const verdict = await proveAccepted(provider, pending.value, tools.clock);
  if (verdict === 'accepted') return;
  const key = `the new key ${keyId} of ${shortName(state.address)}`;
  if (verdict === 'unknown') {
    throw new KeyturnError(
      'provider-down',
      `${provider.id} cannot say whether it accepts ${key}; AWS tries again`,
    );
  }
  // Gone at the provider, it would fail every retry: without the label the next rotation starts afresh.
  if (provider.kind === 'issue' && !(await provider.list()).some(key => key.id === keyId)) {
    // Where the provider keeps no list, it may only seem gone, and nobody finds it any more.
    await provider.revoke(keyId, pending.value);
    await tools.store.moveLabel(state, 'AWSPENDING', { from: token });
  }
  throw new KeyturnError(
    'key-rejected',
    `${provider.id} rejects ${key}; see that nobody deleted it there, then run \`keyturn rotate ${shortName(state.address)}\``,
  );
}

export async function finishSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const { store, clock } = tools;
  const state = await describeRotating(store, secretId, token);
  if (!isDone(state, token)) {
    // Moving AWSCURRENT takes AWSPREVIOUS from its holder: a key that still lives there would be forgotten.
    await retirePrevious(store, tools.provider(state), clock, state);
    await store.moveLabel(state, 'AWSCURRENT', { from: holderOf(state, 'AWSCURRENT'), to: token });
  }
  // Also when done before: the attempt that moved the label may have stopped on the line above.
  await tools.publishRotated(state, token);
}

async function describeRotating(store: SecretStore, secretId: string, token: string): Promise<SecretState> {
  const state = await store.describe(secretId);
  const labels = state.versions[token];
  if (labels?.includes('AWSCURRENT') || labels?.includes('AWSPENDING')) return state;
  throw new KeyturnError(
    'rotation-abandoned',
    `version ${token} of ${shortName(state.address)} is neither AWSPENDING nor AWSCURRENT, so its rotation was given up; start a new one with \`keyturn rotate ${shortName(state.address)}\``,
  );
}

function isDone(state: SecretState, token: string): boolean {
  return state.versions[token]!.includes('AWSCURRENT');
}

/** Secrets Manager is eventually consistent and fires its steps seconds apart; it tries again. */
function notYetStored(state: SecretState): KeyturnError {
  return new KeyturnError(
    'not-found',
    `AWSPENDING of ${shortName(state.address)} has no value yet; AWS tries this rotation again`,
  );
}
