// The staging-label engine: which version of a secret carries which labels, as AWS was recorded to move them.
// A label sits on one version at most; a version without labels is deprecated and absent here.
import { AwsError } from '../wire/aws-error';

/** Version id -> its labels, sorted. */
export type Labels = Readonly<Record<string, readonly string[]>>;

const maxLabels = 20;

export function holderOf(labels: Labels, label: string): string | undefined {
  return Object.entries(labels).find(([, held]) => held.includes(label))?.[0];
}

/** What a new value does: without `stages` it becomes current and ends a pending rotation. */
export function labelNewValue(labels: Labels, versionId: string, stages?: readonly string[]): Labels {
  if (!stages) return limited(detach(makeCurrent(labels, versionId), 'AWSPENDING'));
  const first = Object.keys(labels).length === 0;
  const wanted = first ? [...stages, 'AWSCURRENT'] : stages;
  const labelled = wanted.reduce(
    (next, label) => (label === 'AWSCURRENT' ? makeCurrent(next, versionId) : attach(next, label, versionId)),
    labels,
  );
  return limited(labelled);
}

/** UpdateSecretVersionStage. */
export function moveLabel(labels: Labels, label: string, move: { from?: string; to?: string }): Labels {
  const holder = holderOf(labels, label);
  if (move.from && move.from !== holder) {
    throw invalid(
      `The parameter RemoveFromVersionId is not valid. It must be set to the version that currently has the staging label ${label}.`,
    );
  }
  if (holder && !move.from && holder !== move.to) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (!move.to) {
    if (label === 'AWSCURRENT') {
      throw invalid(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    }
    return detach(labels, label);
  }
  return limited(label === 'AWSCURRENT' ? makeCurrent(labels, move.to) : attach(labels, label, move.to));
}

export function attach(labels: Labels, label: string, versionId: string): Labels {
  const free = detach(labels, label);
  return { ...free, [versionId]: [...(free[versionId] ?? []), label].sort() };
}

export function detach(labels: Labels, label: string): Labels {
  const left = Object.entries(labels).map(
    ([id, held]) => [id, held.filter(other => other !== label)] as const,
  );
  return Object.fromEntries(left.filter(([, held]) => held.length));
}

function makeCurrent(labels: Labels, versionId: string): Labels {
  const old = holderOf(labels, 'AWSCURRENT');
  if (old === versionId) return labels;
  const moved = attach(labels, 'AWSCURRENT', versionId);
  if (!old) return moved;
  const previous = attach(moved, 'AWSPREVIOUS', old);
  // A version that stops being current stops being pending, too; other labels stay where they are.
  return holderOf(previous, 'AWSPENDING') === old ? detach(previous, 'AWSPENDING') : previous;
}

function limited(labels: Labels): Labels {
  if (Object.values(labels).flat().length <= maxLabels) return labels;
  throw new AwsError(
    'LimitExceededException',
    `You can't attach more than ${maxLabels} staging labels to a secret.`,
  );
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
