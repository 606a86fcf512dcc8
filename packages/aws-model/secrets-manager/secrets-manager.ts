// Secrets Manager, assembled: its operations, its quotas, and the ways in that a template and a test have.

import type { Caller } from '@keyturn/iam/request';
import { hourMs, minuteMs } from '../clock/time';
import type { Random, Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import type { Functions } from '../lambda/functions';
import { uuid } from '../shared/identifiers';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, type Problem, type Service, validationText } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { attachmentOperations } from './attachment-operations';
import { lifecycleOperations, newSecret } from './lifecycle-operations';
import { listingOperations } from './listing-operations';
import { createPartnerRotations, type RotatePartner } from './partners';
import { randomPassword } from './random-password';
import { inReplicas, replicationOperations } from './replica-operations';
import { createRotations, type RotationEvent, type RotationKnobs } from './rotation';
import { requestRotation, rotationOperations } from './rotation-operations';
import type { RotationRules } from './rotation-schedule';
import type { ExternalRotation, Replica, Secret } from './secret';
import { createSecretAccess } from './secret-access';
import { badName } from './secret-errors';
import { createSecretRecords, type Replication, type Staleness } from './secret-records';
import type { SecretTools } from './tools';
import { valueOperations } from './value-operations';

export interface SecretKnobs extends RotationKnobs {
  staleness: Staleness;
  /** ListSecrets may show a change as late as five minutes after it. */
  listLagMs: number;
  /** AWS tells no bound; copies are usually there within a second or two. */
  replication: Replication;
  unknownMoveTarget: SecretTools['unknownMoveTarget'];
}

export const defaultSecretKnobs: SecretKnobs = {
  retryAfterMs: [5 * minuteMs, hourMs],
  pendingCleanUpMs: [0, 90_000],
  staleness: { lagMs: 0, chance: 0 },
  listLagMs: 0,
  replication: { lagMs: 1000 },
  unknownMoveTarget: 'ResourceNotFoundException',
};

export interface RotationFromTemplate {
  functionArn?: string;
  external?: ExternalRotation;
  rules?: RotationRules;
  /** @default true, as in CloudFormation */
  rotateImmediately?: boolean;
}

export interface SecretFromTemplate {
  name: string;
  /** Where the template's reader has already given it one. @default - a new one */
  arn?: string;
  description?: string;
  kmsKeyId?: string;
  secretString?: string;
  /** Of a managed external secret. */
  type?: string;
  tags?: Record<string, string>;
  /** JSON text. */
  resourcePolicy?: string;
  rotation?: RotationFromTemplate;
  replicas?: readonly Replica[];
}

export interface SecretsManager {
  readonly service: Service;
  /** As CloudFormation does, which has permission and the key's use by other means. */
  createFromTemplate(template: SecretFromTemplate): Secret;
  attachRotation(secretId: string, rotation: RotationFromTemplate): void;
  /** A changed template: description, tags and policy; the value stays. */
  updateFromTemplate(
    secretId: string,
    changes: Pick<SecretFromTemplate, 'description' | 'kmsKeyId' | 'tags' | 'resourcePolicy' | 'replicas'>,
  ): void;
  /** As CloudFormation does: at once, with every version, and without a recovery window. */
  remove(secretId: string): void;
  detachRotation(secretId: string): void;
  secrets(): Secret[];
  /** @throws where there is none of that name or ARN */
  secret(secretId: string): Secret;
  find(secretId: string): Secret | undefined;
}

/** A name that cannot be is refused in words of its own. Values are never repeated: one of them could be a secret. */
function refuse(problems: readonly Problem[]): AwsError {
  const isName = ({ path, constraint }: Problem) =>
    /^(Name|SecretId)$/.test(path) && constraint.includes('regular expression');
  if (problems.some(isName)) return badName();
  return new AwsError('ValidationException', validationText(problems.map(({ value: _, ...rest }) => rest)));
}

const quotas = [
  { operations: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'], perSecond: 50 },
  { operations: ['RotateSecret', 'CancelRotateSecret'], perSecond: 50 },
  { operations: ['GetSecretValue'], perSecond: 10_000 },
  { operations: ['DescribeSecret'], perSecond: 40_000 },
  { operations: ['CreateSecret'], perSecond: 50 },
  { operations: ['DeleteSecret'], perSecond: 50 },
  { operations: ['RestoreSecret'], perSecond: 50 },
  { operations: ['GetRandomPassword'], perSecond: 50 },
  { operations: ['TagResource', 'UntagResource'], perSecond: 50 },
  { operations: ['GetResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy'], perSecond: 50 },
  { operations: ['BatchGetSecretValue'], perSecond: 100 },
  // AWS documents 50 to 100 for both together, without the exact number.
  { operations: ['ListSecrets', 'ListSecretVersionIds'], perSecond: 50 },
];

export function createSecretsManager(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  access: Access;
  kms: Kms;
  functions: Functions;
  knobs: SecretKnobs;
  /** Whether the policy of a role lets Secrets Manager act as it. */
  mayAssume(roleArn: string, caller: Caller, context: Record<string, string | undefined>): boolean;
  /** Told of what it calls as that role. */
  ended(call: Call, outcome: { result?: unknown; error?: AwsError }): void;
  rotatePartner?: RotatePartner | undefined;
  announce(event: RotationEvent, secretArn: string, token: string, errorMessage?: string): void;
}): SecretsManager {
  const records = createSecretRecords({ ...parts, ...parts.knobs });
  const access = createSecretAccess({ ...parts, records });
  const partners = createPartnerRotations({ ...parts, operations: () => operations });
  const rotations = createRotations({ ...parts, records, partners });
  const tools: SecretTools = {
    ...parts,
    records,
    access,
    rotations,
    partners,
    unknownMoveTarget: parts.knobs.unknownMoveTarget,
  };

  function attachRotation(secretId: string, rotation: RotationFromTemplate): void {
    requestRotation(tools, records.getLive(secretId), {
      token: uuid(parts.random),
      functionArn: rotation.functionArn,
      external: rotation.external,
      rules: rotation.rules,
      immediately: rotation.rotateImmediately ?? true,
    });
  }

  const operations = inReplicas(tools, parts.region, {
    ...lifecycleOperations(tools),
    ...valueOperations(tools),
    ...listingOperations(tools),
    ...rotationOperations(tools),
    ...attachmentOperations(tools),
    ...replicationOperations(tools),
    GetRandomPassword: randomPassword(tools),
  });

  return {
    service: {
      name: 'secretsmanager',
      protocol: awsJson('1.1'),
      isTrailed: () => true,
      isEverywhere: true,
      refuse,
      quotas,
      operations,
    },
    createFromTemplate({
      name,
      arn = records.newArn(name),
      description,
      kmsKeyId,
      secretString,
      type,
      tags = {},
      resourcePolicy,
      rotation,
      replicas,
    }) {
      if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) throw badName();
      if (kmsKeyId && !parts.kms.find(kmsKeyId) && !kmsKeyId.includes('alias/aws/')) {
        throw new AwsError('InvalidParameterException', `The KMS key ${kmsKeyId} does not exist.`);
      }
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const empty = newSecret(
        arn,
        { Name: name, Description: description, KmsKeyId: kmsKeyId, Tags, Type: type },
        parts.virtual.now(),
      );
      const id = uuid(parts.random);
      const version = {
        createdAt: empty.createdAt,
        content: { SecretString: secretString ?? '' },
        ...(kmsKeyId && { kmsKeyId }),
      };
      const secret = records.put({
        ...empty,
        ...(resourcePolicy && { policy: resourcePolicy }),
        ...(replicas?.length && { replicas }),
        ...(secretString !== undefined && { versions: { [id]: version }, labels: { [id]: ['AWSCURRENT'] } }),
      });
      if (rotation) attachRotation(secret.arn, rotation);
      return records.get(secret.arn);
    },
    attachRotation,
    remove(secretId) {
      const { arn } = records.get(secretId);
      rotations.cancel(arn);
      records.remove(arn);
    },
    detachRotation(secretId) {
      const { arn, rotation } = records.getLive(secretId);
      rotations.cancel(arn);
      records.change(arn, { rotation: { ...rotation, enabled: false } });
    },
    updateFromTemplate(secretId, { description, kmsKeyId, tags, resourcePolicy, replicas }) {
      const { arn } = records.getLive(secretId);
      records.change(arn, {
        ...(kmsKeyId !== undefined && { kmsKeyId }),
        ...(description !== undefined && { description }),
        ...(tags && { tags }),
        ...(resourcePolicy && { policy: resourcePolicy }),
        ...(replicas && { replicas }),
      });
    },
    secrets: records.all,
    secret: records.get,
    find: records.find,
  };
}
