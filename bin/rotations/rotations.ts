// Starts rotations and follows them to their end. AWS carries them out: they continue when you stop watching.
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import pMap from 'p-map';
import { shortName } from '../../core/key/key-address';
import { droppedLabel } from '../../core/rotation/secret-store';
import { minuteMs } from '../../core/time';
import { type Aws, answered } from '../aws/aws';
import { type DeployedKey, requireKey } from '../aws/keys/deployed-keys';
import { isUnissued, keyState, readLog, versionWith } from '../aws/keys/key-state';
import type { CommandContext } from '../terminal/command';
import type { AwsChange } from '../terminal/dry-run';
import { describeFailure } from '../terminal/exit-code';
import { createProgress, type RotationProgress } from './progress';
import type { RotationResult } from './results';

/** One rotation to start, or to follow. */
export interface RotationJob {
  key: DeployedKey;
  /** Of a rotation that is under way already; absent where one is to be started. */
  versionId?: string;
  /** Of one that is stuck: it loses AWSPENDING first, since AWS starts no other beside it. */
  dropsVersion?: string;
}

// A new account runs ten functions at a time, and a step that Lambda turns away fails its rotation.
const underWayAtMost = 10;
const pollMs = 2_000;
/** A step waits up to a minute or two for a provider's own delays, and there are four. */
const watchedAtMostMs = 6 * minuteMs;
/** What RotateSecret began may not be seen at once. */
const seenWithinMs = 20_000;

export function rotateAll(aws: Aws, jobs: RotationJob[], context: CommandContext): Promise<RotationResult[]> {
  const stopped = aborted(context.terminal.interrupted);
  const progress = createProgress(context.terminal, jobs.length);
  const rotate = (job: RotationJob) => rotateOne(aws, job, { ...context, stopped }, progress);
  return pMap(jobs, rotate, { concurrency: underWayAtMost });
}

interface WatchContext extends CommandContext {
  /** Resolves at Ctrl-C. */
  stopped: Promise<void>;
}

async function rotateOne(
  aws: Aws,
  job: RotationJob,
  watching: WatchContext,
  progress: RotationProgress,
): Promise<RotationResult> {
  const { clock, terminal } = watching;
  const key = shortName(job.key.address);
  if (terminal.interrupted.aborted) return { key, result: 'not-started' };
  const startedAt = clock.now().getTime();
  const seconds = () => Math.round((clock.now().getTime() - startedAt) / 1000);
  const end = (result: Omit<RotationResult, 'key'>): RotationResult => {
    progress.finished(key, result.result, seconds());
    return { key, ...result };
  };
  try {
    const versionId = job.versionId ?? (await start(aws, job));
    progress.started(key, job.versionId !== undefined);
    const result = await watch(aws, job.key, versionId, watching);
    // What was under way may have been the test that AWS runs when a schedule is set.
    if (result === 'given-up' && job.versionId) return rotateOne(aws, { key: job.key }, watching, progress);
    if (result === 'done') {
      const seen = await lookAsStatusDoes(aws, job.key, clock.now());
      return end({ ...seen, seconds: seconds(), versionId });
    }
    const note = notes[result];
    if (result === 'stopped') return end({ result: 'going-on', versionId, note });
    return end({ result: 'failed', seconds: seconds(), versionId, note, fix: readLog(job.key) });
  } catch (error) {
    const { message } = describeFailure(error);
    return end({ result: 'failed', seconds: seconds(), note: message });
  }
}

/** A label can move where no function has run, as in some emulators: then the secret still holds its placeholder. */
async function lookAsStatusDoes(
  aws: Aws,
  { address }: DeployedKey,
  now: Date,
): Promise<Pick<RotationResult, 'result' | 'note' | 'fix'>> {
  const key = await requireKey(aws, address);
  if (!isUnissued(key)) return { result: 'done' };
  const note = 'AWS reports a rotation, but the secret holds no key; the rotation function did not run';
  return { result: 'failed', note, fix: keyState(key, now).fix ?? readLog(key) };
}

const notes = {
  'given-up': 'the rotation was abandoned',
  'too-long': 'not finished yet; AWS will try again',
  stopped: 'no longer watched; AWS continues it',
};

/** What starting a rotation calls, as `--dry-run` shows it; following one that is under way changes nothing. */
export function rotationChanges({ key, versionId, dropsVersion }: RotationJob): AwsChange[] {
  if (versionId) return [];
  const move = { action: 'secretsmanager:UpdateSecretVersionStage', on: key.name };
  const mark = { ...move, effect: 'marks the key of the stuck rotation, so that the new one revokes it' };
  const drop = { ...move, effect: 'ends the stuck rotation' };
  const begin = { action: 'secretsmanager:RotateSecret', on: key.name, effect: 'a new key becomes current' };
  if (!dropsVersion) return [begin];
  return versionWith(key, droppedLabel) ? [drop, begin] : [mark, drop, begin];
}

async function start({ secretsManager }: Aws, { key, dropsVersion }: RotationJob): Promise<string> {
  const { arn } = key;
  if (dropsVersion) {
    // Its key may live already, and the new rotation ends what carries this label first; so a second one holds no key.
    if (!versionWith(key, droppedLabel)) {
      const mark = { SecretId: arn, VersionStage: droppedLabel, MoveToVersionId: dropsVersion };
      await secretsManager.send(new UpdateSecretVersionStageCommand(mark));
    }
    const drop = { SecretId: arn, VersionStage: 'AWSPENDING', RemoveFromVersionId: dropsVersion };
    await secretsManager.send(new UpdateSecretVersionStageCommand(drop));
  }
  const { VersionId } = await secretsManager.send(new RotateSecretCommand({ SecretId: arn }));
  return answered(VersionId, 'VersionId', 'RotateSecret');
}

type RotationEnd = 'done' | keyof typeof notes;

async function watch(
  { secretsManager }: Aws,
  { arn }: DeployedKey,
  versionId: string,
  { clock, terminal, stopped }: WatchContext,
): Promise<RotationEnd> {
  const startedAt = clock.now().getTime();
  let seen = false;
  for (;;) {
    await Promise.race([clock.sleep(pollMs), stopped]);
    if (terminal.interrupted.aborted) return 'stopped';
    const described = await secretsManager.send(new DescribeSecretCommand({ SecretId: arn }));
    const labels = described.VersionIdsToStages?.[versionId];
    if (labels?.includes('AWSCURRENT')) return 'done';
    const passed = clock.now().getTime() - startedAt;
    seen ||= labels !== undefined;
    if (!labels && (seen || passed > seenWithinMs)) return 'given-up';
    if (passed > watchedAtMostMs) return 'too-long';
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
