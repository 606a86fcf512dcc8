import pMap from 'p-map';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import { type ProviderName, providers } from '../../lib/config/providers';
import { connect } from '../aws/aws';
import { type DeployedKey, requireKey } from '../aws/keys/deployed-keys';
import { byHand, isRotatedByAws, isUnissued, type KeyState, keyState, reuseOf } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { printResults, type RotationResult } from '../rotations/results';
import { type RotationJob, rotateAll, rotationChanges } from '../rotations/rotations';
import { type Command, type CommonFlags, requireConfirmation } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { count, table } from '../terminal/table';
import { utc } from '../terminal/time-format';

export interface RotateFlags extends CommonFlags, Selection {
  names: string[];
  yes?: boolean;
  dryRun?: boolean;
  /** Take AWSPENDING off rotations that are stuck. */
  unstick?: boolean;
}

interface RotationCandidate {
  key: DeployedKey;
  state: KeyState;
}

type RotationObstacle = Pick<RotationResult, 'note' | 'fix'>;

const askedAtOnce = 10;

/** Rotates keys now, without waiting for their schedule. */
export const rotate: Command<RotateFlags> = async (flags, context) => {
  const { names, server, provider, team } = flags;
  if (!names.length && !server && !provider && !team) {
    throw new KeyturnError('usage', 'no key is selected; name keys, or add --server, --provider or --team');
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags, names);
  const selected = selectKeys(environment, names, flags);
  const aws = await connect(environment, flags);
  const now = context.clock.now();
  const look = async ({ address }: Key): Promise<RotationCandidate> => {
    const key = await requireKey(aws, address);
    return { key, state: keyState(key, now) };
  };
  const candidates = await pMap(selected, look, { concurrency: askedAtOnce });
  const ready = candidates.filter(candidate => !obstacleOf(candidate, flags));
  const blocked = candidates.flatMap(candidate => {
    const obstacle = obstacleOf(candidate, flags);
    return obstacle ? { key: shortName(candidate.key.address), result: 'failed' as const, ...obstacle } : [];
  });
  const { terminal } = context;
  if (ready.length) {
    const region = `account ${environment.account}, ${environment.region}`;
    terminal.err(`${environment.name} (${region}):\n${table(head, ready.map(rowOf), terminal.width.err)}\n`);
  }
  if (flags.dryRun) {
    const changes = ready.map(jobOf).flatMap(rotationChanges);
    return printDryRun(context, flags, environment.name, changes, blocked);
  }
  const question = `Rotate ${count(ready.length, 'key')} of ${environment.name}?`;
  if (ready.length) await requireConfirmation(context, flags, question);
  const rotated = await rotateAll(aws, ready.map(jobOf), context);
  return printResults(context, flags, environment.name, [...rotated, ...blocked]);
};

const head = ['KEY', 'CURRENT VERSION', 'WHAT HAPPENS'];

function rowOf({ key, state }: RotationCandidate): string[] {
  return [shortName(key.address), state.currentVersion ?? '-', whatHappens(key, state)];
}

function whatHappens(key: DeployedKey, { state, previousUntil }: KeyState): string {
  if (state === 'stuck') return 'the stuck rotation ends; a new one starts and revokes the key that it left';
  if (state === 'rotating') return 'a rotation is already running; Keyturn follows it';
  const ends = previousUntil ? `the previous key is REVOKED NOW, not ${utc(previousUntil)}; ` : '';
  if (isRotatedByAws(key))
    return `${ends}AWS makes the next key; most of its partners end the old one at once`;
  const roll = providers[key.address.provider as ProviderName].kind === 'roll';
  const after = roll
    ? 'the old key stops working at once'
    : `the old key works for another ${key.spec?.overlapHours ?? 0} h`;
  return `${ends}${after}`;
}

function jobOf({ key, state: { state, pendingVersion } }: RotationCandidate): RotationJob {
  if (state === 'rotating') return { key, versionId: pendingVersion };
  return state === 'stuck' ? { key, dropsVersion: pendingVersion } : { key };
}

/** Why no rotation can start, and the fix; `undefined` where one can. */
function obstacleOf(
  { key, state: { state, note, fix } }: RotationCandidate,
  { unstick }: RotateFlags,
): RotationObstacle | undefined {
  if (state === 'ended') return { note: 'it has ended', fix: reuseOf(shortName(key.address)) };
  if (state === 'stuck') return unstick ? undefined : { note: `stuck: ${note}`, fix };
  if (state !== 'rotating' && isUnissued(key)) return { note: 'it has no key yet', fix };
  if (isRotatedByAws(key) && key.rotates) return undefined;
  const step = byHand(key, '--replace');
  return step ? { note: 'only a person can rotate it', fix: step } : undefined;
}
