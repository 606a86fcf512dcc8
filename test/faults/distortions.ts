// What several planted faults do to the calls of a function.
import { parseProviderKeyName, versionTag } from '../../core/key/provider-key-name';
import type { FakeAccount, FakeKey } from '../../rehearsal/providers/fake-account';
import type { Deployment } from './deployment';
import type { Distortion } from './gate';
import { marksIn } from './marked';

/** True of a key that no label holds. @param namedFor only where it bears the name of the version with this label */
export function isUnheld(deployment: Deployment, { name, secret }: FakeKey, namedFor?: string): boolean {
  if (deployment.isHeld(secret)) return false;
  return (
    !namedFor || parseProviderKeyName(name)?.versionTag === versionTag(deployment.holder(namedFor) ?? '')
  );
}

/** Such keys are not revoked. */
export function leavesOutRevocation(
  deployment: Deployment,
  isLeftOut: (key: FakeKey) => boolean,
): Distortion {
  return {
    provider: ({ kind }, planned) =>
      kind === 'revoke' && !planned
        ? {
            kind: 'instead',
            answer: carryOut =>
              untouched(deployment.account, carryOut, changed => changed.every(key => isLeftOut(key))),
          }
        : planned,
  };
}

/** Such keys are not listed. */
export function hidesKeys({ account }: Deployment, isHidden: (key: FakeKey) => boolean): Distortion {
  return {
    provider: ({ kind }, planned) =>
      kind === 'list' && !planned
        ? {
            kind: 'instead',
            answer: carryOut =>
              untouched(account, () => {
                const shown = account.keys.filter(key => !isHidden(key));
                account.keys.splice(0, account.keys.length, ...shown);
                return carryOut();
              }),
          }
        : planned,
  };
}

/** Verifying answers `accepted` of every key that is not revoked, and nobody was asked. */
export function acceptsTooEarly({ account }: Deployment): Distortion {
  return answersVerify(
    account,
    ({ revokedAt }) => !revokedAt,
    key => {
      key.liveFrom = new Date(0);
    },
  );
}

/** Verifying answers `rejected` of every key that is revoked, and nobody was asked. */
export function reportsDeadUnasked({ account }: Deployment): Distortion {
  return answersVerify(
    account,
    ({ revokedAt }) => revokedAt !== undefined,
    key => {
      key.deadFrom = new Date(0);
    },
  );
}

function answersVerify(
  account: FakeAccount,
  isConcerned: (key: FakeKey) => boolean,
  change: (key: FakeKey) => void,
): Distortion {
  return {
    provider: ({ kind }, planned) =>
      kind === 'verify' && account.keys.some(isConcerned)
        ? {
            kind: 'instead',
            answer: carryOut =>
              untouched(account, () => {
                account.keys.filter(isConcerned).forEach(change);
                return carryOut();
              }),
          }
        : planned,
  };
}

/** Answers as if the call were carried out, and leaves the keys as they were, where that is asked of those that changed. */
function untouched<T>(
  { keys }: FakeAccount,
  carryOut: () => T,
  isAsked: (changed: FakeKey[]) => boolean = () => true,
): T {
  const before = keys.map(key => ({ key, fields: { ...key } }));
  const answer = carryOut();
  const changed = before.filter(({ key, fields }) => !keys.includes(key) || key.active !== fields.active);
  if (!isAsked(changed.map(({ key }) => key))) return answer;
  keys.splice(0, keys.length, ...before.map(({ key }) => key));
  for (const { key, fields } of before) {
    for (const name of Object.keys(key)) if (!(name in fields)) Reflect.deleteProperty(key, name);
    Object.assign(key, fields);
  }
  return answer;
}

interface LabelMove {
  VersionStage: string;
  MoveToVersionId?: string;
  RemoveFromVersionId?: string;
}

/** Such a label is not moved. */
export function leavesOutLabelMove(isLeftOut: (move: LabelMove) => boolean): Distortion {
  return {
    aws: ({ operation, params }, planned) =>
      operation === 'UpdateSecretVersionStage' && isLeftOut(params as unknown as LabelMove)
        ? { kind: 'instead', answer: async () => ({ ARN: params.SecretId, Name: 'unchanged' }) }
        : planned,
  };
}

/** Such a version is not marked. */
export function leavesOutMark(isLeftOut: (versionId: string) => boolean): Distortion {
  return {
    aws: (call, planned) =>
      marksIn(call, 'ADD').some(isLeftOut) ? { kind: 'instead', answer: async () => ({}) } : planned,
  };
}

/** The function does not see which version has this label. */
export function hidesLabel(label: string): Distortion {
  return {
    aws: ({ operation }, planned) =>
      operation === 'DescribeSecret' && !planned
        ? { kind: 'instead', answer: async carryOut => without(label, await carryOut()) }
        : planned,
  };
}

function without(label: string, described: unknown): unknown {
  const { VersionIdsToStages = {}, ...rest } = described as { VersionIdsToStages?: Record<string, string[]> };
  const versions = Object.entries(VersionIdsToStages).map(
    ([id, labels]) => [id, labels.filter(other => other !== label)] as const,
  );
  const labelled = versions.filter(([, labels]) => labels.length);
  return { ...rest, VersionIdsToStages: Object.fromEntries(labelled) };
}

/** The labels of a superseded key go before such a call about it, and it has no mark. */
export function releasesBefore(deployment: Deployment, kind: 'revoke' | 'verify'): Distortion {
  return {
    ...leavesOutMark(() => true),
    async provider(call, planned) {
      const versionId = deployment.holder('AWSPREVIOUS');
      if (call.kind === kind && versionId && (kind === 'revoke' || deployment.isRevoked(versionId)))
        await deployment.world.clock.holdUntil(deployment.release(versionId));
      return planned;
    },
  };
}
