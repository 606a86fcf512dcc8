// A rotation that cannot go on is given up, its key ended, and the next one started: nobody has to do it. AWS tells neither
// how often nor how long it tries, so that time decides; whatever it still tries then finds its version given up.
import type { KeyTools } from '../ending/ending';
import { endDropped } from '../ending/retirement';
import { dayMs, hourMs } from '../time';
import { droppedLabel, holderOf, type SecretState, type SecretStore } from './secret-store';

/** Far longer than the four steps and the first tries of AWS take. */
export const stuckAfterMs = 2 * hourMs;
/** Each time twice as long, where one rotation after the other fails: people hear of each. */
const stuckAtMostMs = dayMs;

export interface StuckTools extends KeyTools {
  /** When each version was made that the secret has, with and without labels. */
  madeAt(state: SecretState): Promise<ReadonlyMap<string, Date>>;
  /** Starts a rotation, unless one is under way. */
  start(state: SecretState): Promise<void>;
}

/** True of a key whose rotation may be stuck, or has been given up. */
export function isUnfinished(state: SecretState): boolean {
  return pendingVersion(state) !== undefined || holderOf(state, droppedLabel) !== undefined;
}

/**
 * @returns false where its rotation is under way, or its provider does not answer
 * @throws {KeyturnError} key-still-alive or provider-down, where the key that it made was not seen dead: then the next run tries again
 */
export async function startAfresh(tools: StuckTools, { arn }: SecretState): Promise<boolean> {
  const { store, clock } = tools;
  // Asked again: a list of secrets can lag by minutes.
  const state = await store.describe(arn);
  if (!isUnfinished(state)) return false;
  const pending = pendingVersion(state);
  if (pending) {
    const madeAt = await tools.madeAt(state);
    const begunAt = madeAt.get(pending);
    if (!begunAt || clock.now().getTime() - begunAt.getTime() < patienceMs(state, madeAt, begunAt))
      return false;
  }
  // While its provider is silent, the next rotation would fail like this one.
  if (!(await answers(tools, state))) return false;
  if (pending) await dropRotation(store, state, pending);
  await endDropped(tools, pending ? await store.describe(arn) : state, 'retirement');
  // Somebody has switched its rotation off.
  if (state.rotationDueBy) await tools.start(state);
  return true;
}

/** @param begunAt when the rotation began that is under way */
function patienceMs(state: SecretState, madeAt: ReadonlyMap<string, Date>, begunAt: Date): number {
  const currentAt = madeAt.get(holderOf(state, 'AWSCURRENT') ?? '');
  const failed = [...madeAt.values()].filter(at => currentAt && at > currentAt && at < begunAt).length;
  return Math.min(stuckAfterMs * 2 ** failed, stuckAtMostMs);
}

async function answers({ store, provider }: StuckTools, state: SecretState): Promise<boolean> {
  const current = await store.read(state, 'AWSCURRENT');
  return !current?.value || (await provider.verify(current.value)) !== 'unknown';
}

/** Its key may live already, and is found by this label; where another version has it, this one has made none yet. */
export async function dropRotation(store: SecretStore, state: SecretState, versionId: string): Promise<void> {
  if (!holderOf(state, droppedLabel)) await store.moveLabel(state, droppedLabel, { to: versionId });
  await store.moveLabel(state, 'AWSPENDING', { from: versionId });
}

/** AWS leaves AWSPENDING on a version that has become current, for a while. */
function pendingVersion(state: SecretState): string | undefined {
  const pending = holderOf(state, 'AWSPENDING');
  return pending === holderOf(state, 'AWSCURRENT') ? undefined : pending;
}
