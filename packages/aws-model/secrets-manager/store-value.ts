// Storing a value as a new version: what Create, Put and Update have in common.

import { dayMs } from '../clock/time';
import { AwsError } from '../wire/aws-error';
import type { Call } from '../wire/operation';
import { holderOf, type Labels, labelNewValue } from './labels';
import type { Content, Secret, SecretVersion } from './secret';
import { tokenTaken } from './secret-errors';
import type { SecretTools } from './tools';

export interface NewValue {
  token: string;
  content: Content;
  /** Absent: the value becomes current. */
  stages?: readonly string[] | undefined;
  rotationToken?: string | undefined;
}

const keptVersions = 100;
// One write in ten minutes, kept up for a day: what AWS asks callers to stay below.
const mostVersions = 144;

export function storeValue(tools: SecretTools, call: Call, secret: Secret, value: NewValue): Secret {
  const { records, access, rotations, virtual } = tools;
  const { token, content, stages } = value;
  const existing = secret.versions[token];
  if (existing?.content) {
    access.decrypt(call.caller, secret, token);
    if (JSON.stringify(existing.content) === JSON.stringify(content)) return secret;
    throw tokenTaken(token, secret.arn);
  }
  if (existing) checkWriter(tools, call, secret, value);
  access.encrypt(call.caller, secret.kmsKeyId, secret.arn, token);
  const labels = labelNewValue(secret.labels, token, stages);
  const version: SecretVersion = {
    createdAt: existing?.createdAt ?? virtual.now(),
    content,
    ...(secret.kmsKeyId && { kmsKeyId: secret.kmsKeyId }),
  };
  const versions = pruned({ ...secret.versions, [token]: version }, labels, virtual.now());
  if (Object.keys(versions).length > mostVersions) {
    throw new AwsError(
      'LimitExceededException',
      `The secret has ${mostVersions} versions; versions younger than a day are not removed.`,
    );
  }
  const pending = pendingRotation(secret.labels);
  const stored = records.change(secret.arn, {
    versions,
    labels,
    ...(!stages && { valueChangedAt: virtual.now() }),
  });
  if (stages) return stored;
  if (pending && pending !== token) rotations.abandon(secret.arn, pending);
  rotations.plan(secret.arn);
  return records.get(secret.arn);
}

/** AWSPENDING beside AWSCURRENT is left over from a rotation that has succeeded. */
export function pendingRotation(labels: Labels): string | undefined {
  const pending = holderOf(labels, 'AWSPENDING');
  return pending === holderOf(labels, 'AWSCURRENT') ? undefined : pending;
}

/** While a rotation runs, its placeholder may be filled by its function alone, or by whoever bears its rotation token. */
function checkWriter(
  tools: SecretTools,
  call: Call,
  secret: Secret,
  { token, rotationToken }: NewValue,
): void {
  const running = tools.rotations.underWay(secret.arn);
  if (running?.token !== token || running.rotationToken === rotationToken) return;
  const functionName = secret.rotation.functionArn?.split(':').at(-1);
  if (call.caller.sessionName === functionName) return;
  throw new AwsError(
    'AccessDeniedException',
    `Only the rotation function ${functionName} can store the value of version ${token} while its rotation is in progress.`,
  );
}

function pruned(
  versions: Record<string, SecretVersion>,
  labels: Labels,
  now: Date,
): Record<string, SecretVersion> {
  const oldestFirst = Object.entries(versions).sort(
    ([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime(),
  );
  const surplus = oldestFirst.length - keptVersions;
  const kept = oldestFirst.filter(
    ([id, { createdAt }], place) =>
      place >= surplus || labels[id] || now.getTime() - createdAt.getTime() < dayMs,
  );
  return Object.fromEntries(kept);
}
