// What happens to a compromised key: replaced, promoted, announced, revoked, seen rejected. Any step may be stopped at any call
// and run again; nothing here waits for a rotation, and one that runs meanwhile can neither be harmed nor do harm.

import {
  type EndedKey,
  type EndingStep,
  endVersions,
  type KeyTools,
  keyToEnd,
  revokeVersions,
} from '../ending/ending';
import { endUnstored } from '../ending/orphans';
import { find } from '../ending/proof';
import { keyOrFailure, type ReadVersion, type ReadVersions, readVersions } from '../ending/read-versions';
import { KeyturnError } from '../errors';
import { shortName } from '../key/key-address';
import { type HandMadeProvider, isHandMade } from '../provider';
import {
  deadLabel,
  holderOf,
  type SecretState,
  type StoredVersion,
  stagedLabel,
} from '../rotation/secret-store';
import { minuteMs, secondMs } from '../time';
import { isMarked, labelsToRelease, type OverVersions, releaseVersions, versionsToRelease } from './marks';
import { type LastKeysJob, readLastKeys } from './replacement/last-keys';
import {
  isCompromised,
  mustEnd,
  type Replacement,
  type ReplacementJob,
  replaceKey,
} from './replacement/replacement';
import { ownVersions } from './replacement/replacement-version';

/** One key's containment under way. */
export interface ContainmentJob extends ReplacementJob, Pick<LastKeysJob, 'wasListed'> {
  mode: 'replace-first' | 'revoke-first';
  /** How long servers have to fetch the new key before the old one ends. */
  graceMs: number;
  /** True where an earlier try of the same incident may have left something behind. */
  resumed: boolean;
  /** Must not fail: a containment does not stop because nobody could be told. */
  announce(versionId: string): Promise<void>;
  /** Must not fail. @returns when this very step of this incident was noted first */
  note(step: ContainmentStep): Promise<Date>;
}

export type ContainmentStep =
  | { what: 'found'; versionId: string; keyId: string; issuedAt: string }
  /** A rotation under way had stored no key in it when all others had ended, and may go on. */
  | { what: 'left-to-rotation'; versionId: string }
  /** A rotation under way: it can promote its key no more. */
  | { what: 'abandoned'; versionId: string }
  | { what: 'promoted'; versionId: string; keyId: string }
  | { what: 'overtaken'; versionId: string; keyId: string }
  /** Its key is dead, and stays current until a person has made another. @property make what that takes */
  | { what: 'not-replaced'; versionId: string; make: string }
  /** Servers in these regions may not have it yet, and are not waited for any longer. */
  | { what: 'replica-behind'; versionId: string; regions: readonly string[] }
  /** Before its end. */
  | { what: 'listed'; versionId: string; keyId: string }
  | EndingStep;

/** True of a step by which the key that the version holds has ended; an attempt that made another and lost it may have ended, too. */
export function isEndOf(
  step: { what: string; versionId?: string; keyId?: string },
  versionId: string,
): boolean {
  const ends = step.what === 'revoked' || step.what === 'rejected';
  return ends && step.versionId === versionId && step.keyId !== undefined;
}

export interface ContainmentResult {
  /** `none`: only a person makes such a key, and nobody has stored another yet. */
  replacement: { versionId: string; keyId: string } | 'none';
  ended: EndedKey[];
  /**
   * True where a rotation's last call may still be under way and kill the replacement: it sweeps a place where keys have
   * no names, or installs over it. Containing once more some minutes later mends that, and else changes nothing.
   */
  checkAgain: boolean;
  /** True where a person has made a key current again that was there before: it was left alone. */
  rolledBack: boolean;
  /** Takes the labels and marks from what has ended; until then every run finds it, and ends it once more. */
  release(): Promise<void>;
}

/** A provider that accepts and rejects a key in turns must not keep one run for ever: the next one goes on. */
const replacementsARun = 3;

/** @throws {KeyturnError} unissued, where there is no key; others, where it has to be run again */
export async function contain(job: ContainmentJob): Promise<ContainmentResult> {
  const { store, provider } = job;
  const state = await store.describe(job.arn);
  await noteFound(job, state);
  const ended: EndedKey[] = [];
  const over = new Map<string, boolean>();
  if (isHandMade(provider)) {
    const unheld = await endUnreplaced(job, state, over);
    ended.push(...unheld.ended);
    const unreplaced = await leaveUnreplaced(job, provider, over);
    if (unheld.failure) throw unheld.failure;
    if (unreplaced) return { ...unreplaced, ended };
  } else await revokeFirst(job, state);
  let isOvertaken = false;
  for (let n = 0; n < replacementsARun; n++) {
    const replacement = await replaceKey(job);
    await announceAndWait(job, replacement);
    const superseded = await endSuperseded(job, over);
    ended.push(...superseded.ended);
    const { current } = superseded;
    isOvertaken = !current;
    if (!current) continue;
    const checkAgain = !isHandMade(provider) && provider.kind !== 'issue' && provider.kind !== 'self-issued';
    if (checkAgain && current.value && (await find(provider, current.value)) === 'rejected') continue;
    return {
      replacement: { versionId: replacement.versionId, keyId: replacement.value.keyId },
      ended,
      checkAgain,
      // Its key lives, and its mark is gone: a person has asked for that.
      rolledBack: isCompromised(job, current.versionId),
      release: () => release(job, over),
    };
  }
  if (isOvertaken) throw await endlesslyOvertaken(job);
  throw new KeyturnError(
    'key-rejected',
    `${provider.id} accepted the new key of ${shortName(state.address)} and rejected it a moment later, ${replacementsARun} times; look at its status page. Keyturn tries again every minute, later every hour`,
  );
}

/** Whoever may move labels could keep a compromised key alive without end: it is revoked while it is current, and servers wait. */
async function endlesslyOvertaken(job: ContainmentJob): Promise<KeyturnError> {
  const { store, arn, compromised, wasEnded } = job;
  const state = await store.describe(arn);
  const marked = compromised.filter(versionId => isMarked(state, versionId));
  await revokeHeld(job, state, marked);
  const current = holderOf(state, 'AWSCURRENT');
  const revoked = current !== undefined && wasEnded(current) ? 'It is revoked. ' : '';
  return new KeyturnError(
    'no-answer',
    `a rotation, or a user who may move labels, made a key of ${shortName(state.address)} current that has to be revoked, ${replacementsARun} times; check in CloudTrail who did it. ${revoked}Keyturn tries again every minute, later every hour`,
  );
}

/**
 * What somebody stored in the place of a key, such as the text of a secret that has none, is replaced like one: they may have done so
 * to hide the compromised key.
 * @throws {KeyturnError} unissued, where no version holds a key
 */
async function noteFound({ store, note, resumed }: ContainmentJob, state: SecretState): Promise<void> {
  const current = await keyOrFailure(() => store.read(state, 'AWSCURRENT'));
  if (current instanceof KeyturnError) return;
  if (!current?.value) {
    const { read, failure } = await readVersions(store, state, versionsToRelease(state));
    if (failure || read.some(({ held }) => held?.value)) return;
    throw unissued(state);
  }
  const { versionId, value } = current;
  if (!resumed) await note({ what: 'found', versionId, keyId: value.keyId, issuedAt: value.issuedAt });
}

/** Tells the servers and gives them time, as far as it has not passed already. */
async function announceAndWait(job: ContainmentJob, { versionId, value, state }: Replacement) {
  const ours = ownVersions(job).includes(versionId);
  const promotedAt = await job.note({
    what: ours ? 'promoted' : 'overtaken',
    versionId,
    keyId: value.keyId,
  });
  if (!ours) return;
  await job.announce(versionId);
  if (job.mode === 'revoke-first') return;
  const graceEnds = promotedAt.getTime() + job.graceMs;
  if (state.spec.replicas?.length)
    await untilReplicated(job, versionId, new Date(graceEnds + replicasTakeAtMostMs));
  const left = graceEnds - job.clock.now().getTime();
  if (left > 0) await job.clock.sleep(left);
}

/** Beyond the grace. Replicas usually have it within seconds; a compromised key does not live on for long. */
const replicasTakeAtMostMs = minuteMs;
const replicasLookMs = 2 * secondMs;

async function untilReplicated(job: ContainmentJob, versionId: string, atMost: Date): Promise<void> {
  for (;;) {
    const { replicasBehind = [] } = await job.store.describe(job.arn);
    if (!replicasBehind.length) return;
    if (job.clock.now() >= atMost) {
      await job.note({ what: 'replica-behind', versionId, regions: replicasBehind });
      return;
    }
    await job.clock.sleep(replicasLookMs);
  }
}

/**
 * Where nothing can take its place, the compromised key ends at once; what a person has stored since is left alone.
 * @param over versions that were ended here, and then those that it has ended
 * @returns with the failure of a version that holds something else than a key, to be thrown once people can see the rest
 */
async function endUnreplaced(
  job: ContainmentJob,
  state: SecretState,
  over: Map<string, boolean>,
): Promise<{ ended: EndedKey[] } & Pick<ReadVersions, 'failure'>> {
  const { incidentId, note, wasListed } = job;
  const current = holderOf(state, 'AWSCURRENT');
  if (!current || !isCompromised(job, current)) return { ended: [] };
  const ending = Object.keys(state.versions).filter(
    versionId => isCompromised(job, versionId) || isMarked(state, versionId),
  );
  const { versions, failure } = await readLastKeys(job, state, ending);
  const reason = { of: 'compromised', by: incidentId, currentKeyId: undefined, wasListed, note } as const;
  const ended = await endVersions(job, state, versions, reason);
  for (const { versionId, isFilled } of versions) over.set(versionId, isFilled);
  return { ended, ...(failure && { failure }) };
}

/** @returns `undefined` where a person, or a rotation of AWS's own, has stored another key meanwhile */
async function leaveUnreplaced(
  job: ContainmentJob,
  { steps }: HandMadeProvider,
  over: OverVersions,
): Promise<Omit<ContainmentResult, 'ended'> | undefined> {
  const state = await job.store.describe(job.arn);
  const current = holderOf(state, 'AWSCURRENT');
  await noteLeft(job, over);
  if (!current || !over.get(current)) return undefined;
  const labelled = holderOf(state, deadLabel);
  if (labelled !== current) await job.store.moveLabel(state, deadLabel, { from: labelled, to: current });
  await job.note({ what: 'not-replaced', versionId: current, make: steps.make });
  const others = new Map([...over].filter(([versionId]) => versionId !== current));
  return { replacement: 'none', checkAgain: false, rolledBack: false, release: () => release(job, others) };
}

/** Where that is ordered, before anything else. Not once a replacement is current. */
async function revokeFirst(job: ContainmentJob, state: SecretState): Promise<void> {
  const isReplaced = ownVersions(job).some(versionId => state.versions[versionId]);
  if (job.mode === 'revoke-first' && !isReplaced) await revokeHeld(job, state, job.compromised);
}

/** Without a proof. */
export async function revokeHeld(
  job: KeyTools & Pick<ContainmentJob, 'note'>,
  state: SecretState,
  versionIds: readonly string[],
): Promise<void> {
  const { store, provider } = job;
  if (!('revoke' in provider)) return;
  const { read } = await readVersions(store, state, versionIds);
  for (const { versionId, held } of read)
    if (held?.value) await revokeVersions(job, state, [{ versionId, key: held.value, labels: [] }], job);
}

interface SupersededKeys {
  ended: EndedKey[];
  /**
   * Not touched. Absent where it has to be replaced, too: a rotation has promoted a version that must end, or has ended just then, or
   * somebody has stored something else than a key.
   */
  current?: StoredVersion;
}

/**
 * Every key that the secret held besides its replacement, and what earlier tries made and lost.
 * @param over versions that this run has ended before, and then those that it has
 * @throws where a version cannot be read: once all others have ended
 */
async function endSuperseded(job: ContainmentJob, over: Map<string, boolean>): Promise<SupersededKeys> {
  const { store, arn, note } = job;
  const state = await store.describe(arn);
  const current = await currentOf(job, state);
  if (current instanceof KeyturnError) return { ended: [] };
  const others = versionsToRelease(state).filter(id => id !== current.versionId);
  const { read, failure } = await readVersions(store, state, others);
  const versions = versionsToEnd(job, state, current, read).filter(({ versionId }) => !over.get(versionId));
  const reason = { of: 'compromised', by: job.incidentId, currentKeyId: current.value?.keyId, note } as const;
  const ended = await endVersions(job, state, versions, reason);
  for (const { versionId, isFilled } of versions) over.set(versionId, isFilled);
  if (failure) throw failure;
  // Not before a replacement is current: it could be another run's to store.
  if (job.resumed) await endUnstored(job, state, ownVersions(job));
  const after = await store.describe(arn);
  const promoted = holderOf(after, 'AWSCURRENT');
  const isKept = promoted === undefined || !mustEnd(job, after, promoted);
  return { ended, ...(isKept && { current }) };
}

async function release(job: ContainmentJob, over: OverVersions): Promise<void> {
  await noteLeft(job, over);
  await releaseVersions(job.store, await job.store.describe(job.arn), over);
}

async function noteLeft({ note }: ContainmentJob, over: OverVersions): Promise<void> {
  for (const [versionId, isFilled] of over)
    if (!isFilled) await note({ what: 'left-to-rotation', versionId });
}

function versionsToEnd(
  job: ContainmentJob,
  state: SecretState,
  current: StoredVersion,
  others: readonly ReadVersion[],
) {
  // A replacement that a rotation has superseded since is in its normal overlap: the retire function ends it.
  const own = ownVersions(job);
  const isKept = (versionId: string) => own.includes(versionId) && !isMarked(state, versionId);
  const kept = others.filter(({ versionId }) => isKept(versionId));
  const keptKeys = [current, ...kept.map(({ held }) => held)].map(held => held?.value?.keyId);
  return others
    .filter(other => !kept.includes(other) && isToEnd(job, state, other))
    .map(({ versionId, held }) => ({
      versionId,
      isFilled: held !== undefined,
      // Servers of one's own accept a key by its label; everywhere else the label goes when nobody waits any more.
      labels: job.provider.kind === 'self-issued' && held ? labelsToRelease(state, versionId) : [],
      key: keyToEnd(job.provider, held, keptKeys),
    }));
}

/** Compromised, marked, or staged and not promoted: a rotation that began since is left alone. */
function isToEnd(job: ContainmentJob, state: SecretState, { versionId, held }: ReadVersion): boolean {
  return (
    (held !== undefined && isCompromised(job, versionId)) ||
    isMarked(state, versionId) ||
    (state.versions[versionId] ?? []).includes(stagedLabel)
  );
}

async function currentOf(
  { store }: ContainmentJob,
  state: SecretState,
): Promise<StoredVersion | KeyturnError> {
  const versionId = holderOf(state, 'AWSCURRENT');
  const current = versionId && (await keyOrFailure(() => store.readVersion(state, versionId)));
  if (current) return current;
  throw new KeyturnError(
    'no-answer',
    `AWSCURRENT of ${shortName(state.address)} cannot be read yet, although a key was made current; Keyturn tries again every minute, later every hour`,
  );
}

function unissued(state: SecretState): KeyturnError {
  const key = shortName(state.address);
  return new KeyturnError(
    'unissued',
    `${key} has no key, so there is nothing to contain; create one with \`npx keyturn issue --env ${state.address.environment}\``,
  );
}
