// The four steps of a rotation. Staging labels are the only state: any step may be stopped at any call and run again.

import type { Certificates } from '../ending/certificate';
import type { KeyTools } from '../ending/ending';
import { endOrphans, keysOfVersion } from '../ending/orphans';
import { cannotTell, proveAccepted } from '../ending/proof';
import { endDropped, endPrevious } from '../ending/retirement';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import type { SecretValue } from '../key/secret-value';
import { type Clock, type ListedKey, makesKeys, type Provider, requireMaker } from '../provider';
import { minuteMs } from '../time';
import { type Attempts, makeKey } from './attempts';
import { endedLabel, holderOf, type SecretState, type SecretStore } from './secret-store';
import { dropRotation } from './stuck';

/** How long a step may run, with its waits until a provider accepts a new key, or an old one no longer: then its function is ended. */
export const stepTakesAtMostMs = 5 * minuteMs;

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
  provider(state: SecretState): Promise<Provider>;
  /** True where Keyturn makes the keys of this provider and has to tell it of them. */
  installs(): Promise<boolean>;
  publishRotated(state: SecretState, versionId: string): Promise<void>;
  attempts: Attempts;
  certificates: Certificates;
  clock: Clock;
}

export async function createSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const { store } = tools;
  const state = await describeRotating(store, secretId, token);
  if (isDone(state, token)) return;
  const keyTools = await toolsFor(tools, state);
  const provider = requireMaker(keyTools.provider, state.address);
  // First: two-slot providers have no room for a third key, and moving AWSCURRENT would take this key's label.
  await endPrevious(keyTools, state, 'rotation');
  await endDropped(keyTools, state, 'rotation');
  const listed = 'list' in provider ? await provider.list() : [];
  if (await isStored(keyTools, state, token, listed)) return;
  await endOrphans(keyTools, state, listed, token);
  const value = await makeKey({ ...keyTools, provider }, state, token, listed);
  // Where the answer to this gets lost the key may be stored, so it is not revoked here: the next run sees.
  const stored = await store.put(state, token, value, 'AWSPENDING');
  if (stored === 'taken' && 'revoke' in provider) await provider.revoke(value.keyId, value);
}

/** True where an earlier try of this very rotation has stored its key. */
async function isStored(
  { provider, store }: KeyTools,
  state: SecretState,
  token: string,
  listed: ListedKey[],
): Promise<boolean> {
  // A listing without a key of this rotation spares the read: AWS refuses a second value under one token anyway.
  if (provider.kind === 'issue' && !keysOfVersion(listed, state, token).length) return false;
  return (await store.read(state, 'AWSPENDING')) !== undefined;
}

async function toolsFor(tools: RotationTools, state: SecretState): Promise<KeyTools> {
  const { store, attempts, certificates, clock } = tools;
  return { store, attempts, certificates, clock, provider: await tools.provider(state) };
}

export async function setSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  if (!(await tools.installs())) return;
  const state = await describeRotating(tools.store, secretId, token);
  if (isDone(state, token)) return;
  const provider = await tools.provider(state);
  const pending = await pendingKey(tools.store, provider, state, token);
  if ('install' in provider) await provider.install(pending);
}

/** Also called alone, on a copy of the current value, when a rotation is set up; that copy may hold no key yet. */
export async function testSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const state = await describeRotating(tools.store, secretId, token);
  if (isDone(state, token)) return;
  const pending = await tools.store.read(state, 'AWSPENDING');
  if (!pending) throw notYetStored(state);
  if (!pending.value) return;
  const provider = await tools.provider(state);
  const verdict = await proveAccepted(provider, pending.value, tools.clock);
  if (verdict === 'accepted') return;
  if (verdict === 'unknown') throw cannotTell(provider, newKey(pending.value, state));
  const { keyId } = pending.value;
  // Gone at the provider, it would fail every retry: given up, the hourly run starts the next rotation.
  if (makesKeys(provider) && !(await provider.list()).some(key => key.id === keyId)) {
    // Where the provider keeps no list, it may only seem gone, and nobody finds it any more.
    await provider.revoke(keyId, pending.value);
    await dropRotation(tools.store, state, token);
  }
  throw rejected(provider, pending.value, state);
}

export async function finishSecret(tools: RotationTools, { secretId, token }: Rotation): Promise<void> {
  const { store, clock } = tools;
  const state = await describeRotating(store, secretId, token);
  if (!isDone(state, token)) {
    const keyTools = await toolsFor(tools, state);
    const { provider } = keyTools;
    // Proven here once more: whoever may invoke the function can ask for this step first, or for no other.
    await mustBeAccepted(provider, await pendingKey(store, provider, state, token), state, clock);
    // Moving AWSCURRENT takes AWSPREVIOUS from its holder: a key that still lives there would be forgotten.
    await endPrevious(keyTools, state, 'rotation');
    // Asked again: a containment may have given this rotation up meanwhile and revoked its key, which some providers accept for minutes.
    const latest = await describeRotating(store, secretId, token);
    const from = holderOf(state, 'AWSCURRENT');
    if (!isDone(latest, token)) await store.moveLabel(state, 'AWSCURRENT', { from, to: token });
  }
  // Also when done before: the attempt that moved the label may have stopped on the line above.
  await tools.publishRotated(state, token);
}

async function describeRotating(store: SecretStore, secretId: string, token: string): Promise<SecretState> {
  const state = await store.describe(secretId);
  const current = holderOf(state, 'AWSCURRENT');
  if (current && holderOf(state, endedLabel) === current) throw keyEnded(state);
  const labels = state.versions[token];
  if (labels?.includes('AWSCURRENT') || labels?.includes('AWSPENDING')) return state;
  throw new KeyturnError(
    'rotation-abandoned',
    `version ${token} of ${shortName(state.address)} is neither AWSPENDING nor AWSCURRENT, so its rotation was abandoned; start a new one with \`npx keyturn rotate ${shortName(state.address)}\``,
  );
}

function keyEnded({ address }: SecretState): KeyturnError {
  const key = shortName(address);
  return new KeyturnError(
    'refused',
    `${key} was ended, so no key is made for it; to use it again, take it out of the configuration, deploy, run \`npx keyturn end --forget ${key}\`, and add it again`,
  );
}

function isDone(state: SecretState, token: string): boolean {
  return state.versions[token]?.includes('AWSCURRENT') ?? false;
}

/**
 * What this rotation has stored, read by its id: a label can have moved since.
 * @throws {KeyturnError} not-found, where it holds no key; bad-secret, where that is a key of another provider
 */
async function pendingKey(
  store: SecretStore,
  provider: Provider,
  state: SecretState,
  token: string,
): Promise<SecretValue> {
  const value = (await store.readVersion(state, token))?.value;
  if (!value) throw notYetStored(state);
  if (value.provider === provider.id) return value;
  const key = shortName(state.address);
  throw new KeyturnError(
    'bad-secret',
    `AWSPENDING of ${key} holds a key of another provider than ${provider.id}; check in CloudTrail who stored it: Keyturn abandons this rotation and starts the next one by itself, within three hours`,
  );
}

/** @throws {KeyturnError} key-rejected or provider-down, where the provider does not say that it accepts it */
async function mustBeAccepted(provider: Provider, value: SecretValue, state: SecretState, clock: Clock) {
  const verdict = await proveAccepted(provider, value, clock);
  if (verdict === 'unknown') throw cannotTell(provider, newKey(value, state));
  if (verdict === 'rejected') throw rejected(provider, value, state);
}

function newKey({ keyId }: SecretValue, { address }: SecretState): string {
  return `the new key ${keyId} of ${shortName(address)}`;
}

function rejected(provider: Provider, value: SecretValue, state: SecretState): KeyturnError {
  return new KeyturnError(
    'key-rejected',
    `${provider.id} rejects ${newKey(value, state)}; check that no one deleted it there: Keyturn abandons this rotation and starts the next one by itself, within three hours`,
  );
}

/** Secrets Manager is eventually consistent and fires its steps seconds apart; it tries again. */
function notYetStored(state: SecretState): KeyturnError {
  return new KeyturnError(
    'not-found',
    `AWSPENDING of ${shortName(state.address)} has no value yet; AWS retries this rotation`,
  );
}
