// What happens to a compromised key: replaced, promoted, announced, ended, proven dead. Any step may be stopped at any call
// and run again; nothing here waits for a rotation, and one that runs meanwhile can neither be harmed nor do harm.

import { type EndedKey, endSuperseded, type Proof } from '../ending/ending';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import type { Clock, Provider } from '../provider';
import type { SecretState, StoredVersion } from '../rotation/secret-store';
import type { EmergencyStore } from './emergency-store';
import { type ContainmentJob, ownVersions, type Replacement, replaceKey } from './replacement';

export interface ContainmentOrder {
  incidentId: string;
  /** ARN or name. */
  secretId: string;
  mode: 'replace-first' | 'revoke-first';
  /** How long servers have to fetch the new key before the old one ends. */
  graceMs: number;
  /** Keys stored later are not the compromised ones. */
  openedAt: Date;
  /** True where an earlier try of the same incident may have left something behind. */
  resumed: boolean;
}

export interface ContainmentTools {
  store: EmergencyStore;
  provider(state: SecretState): Provider;
  /** Must not fail: a containment does not stop because nobody could be told. */
  announce(state: SecretState, replacement: StoredVersion): Promise<void>;
  /** Must not fail. */
  note(step: ContainmentStep): Promise<void>;
  clock: Clock;
}

export type ContainmentStep =
  | { what: 'found'; versionId: string; keyId: string; issuedAt: string }
  | { what: 'promoted'; versionId: string; keyId: string }
  | { what: 'overtaken'; versionId: string; keyId: string }
  | { what: 'revoked'; versionId: string; keyId?: string }
  | { what: 'proven-dead'; versionId: string; keyId?: string; proof: Proof };

export interface Containment {
  replacement: { versionId: string; keyId: string };
  ended: EndedKey[];
  /**
   * True where a rotation's last call may still be under way and kill the replacement: it sweeps a place where keys have
   * no names, or installs over it. Containing once more some minutes later mends that, and else changes nothing.
   */
  checkAgain: boolean;
  /** True where a person has made a key current again that was there before: it was left alone. */
  rolledBack: boolean;
}

/** @throws {KeyturnError} unissued, where there is no key; others, where it has to be run again */
export async function contain(tools: ContainmentTools, order: ContainmentOrder): Promise<Containment> {
  const { store, clock } = tools;
  const state = await store.describe(order.secretId);
  const provider = tools.provider(state);
  const { incidentId, resumed, openedAt } = order;
  const job: ContainmentJob = { store, provider, clock, incidentId, resumed, openedAt, arn: state.arn };
  const before = await store.read(state, 'AWSCURRENT');
  if (!before?.value) throw unissued(state);
  if (!resumed) {
    const { versionId, value } = before;
    await tools.note({ what: 'found', versionId, keyId: value.keyId, issuedAt: value.issuedAt });
  }
  if (order.mode === 'revoke-first') await revokeHeld(tools, order, job, state);
  const ended: EndedKey[] = [];
  for (;;) {
    const replacement = await replaceKey(job);
    await settle(tools, order, job, replacement);
    const { ended: now, current } = await endSuperseded(job, tools.note);
    ended.push(...now);
    const checkAgain = provider.exclusive || provider.endedBy === 'replacement';
    if (checkAgain && current.value && (await provider.verify(current.value)) === 'rejected') continue;
    return {
      replacement: { versionId: replacement.versionId, keyId: replacement.value.keyId },
      ended,
      checkAgain,
      rolledBack: current.createdAt <= order.openedAt,
    };
  }
}

/** Tells the servers and gives them time, as far as it has not passed already. */
async function settle(
  tools: ContainmentTools,
  order: ContainmentOrder,
  job: ContainmentJob,
  replacement: Replacement,
) {
  const { versionId, value, createdAt, state } = replacement;
  const ours = ownVersions(job).includes(versionId);
  await tools.note({ what: ours ? 'promoted' : 'overtaken', versionId, keyId: value.keyId });
  if (!ours) return;
  await tools.announce(state, replacement);
  const left = createdAt.getTime() + order.graceMs - tools.clock.now().getTime();
  if (order.mode === 'replace-first' && left > 0) await tools.clock.sleep(left);
}

/** Before anything else: every key that this secret holds. Not once a replacement is current. */
async function revokeHeld(
  tools: ContainmentTools,
  order: ContainmentOrder,
  job: ContainmentJob,
  state: SecretState,
) {
  const replaced = ownVersions(job).some(versionId => state.versions[versionId]);
  if (replaced || job.provider.endedBy !== 'call') return;
  for (const versionId of Object.keys(state.versions)) {
    const held = await tools.store.readVersion(state, versionId);
    if (!held?.value || held.createdAt > order.openedAt) continue;
    await job.provider.revoke(held.value.keyId, held.value);
    await tools.note({ what: 'revoked', versionId, keyId: held.value.keyId });
  }
}

function unissued(state: SecretState): KeyturnError {
  const key = shortName(state.address);
  return new KeyturnError(
    'unissued',
    `${key} has never had a key, so there is nothing to contain; have one made with \`keyturn issue --env ${state.address.environment}\``,
  );
}
