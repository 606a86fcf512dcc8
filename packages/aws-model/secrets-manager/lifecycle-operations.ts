// CreateSecret, UpdateSecret, DeleteSecret and RestoreSecret.
import * as z from 'zod';
import { dayMs } from '../clock/time';
import { AwsError } from '../wire/aws-error';
import { type Call, type Operation, operation } from '../wire/operation';
import {
  contentOf,
  description,
  kmsKeyId,
  neededToken,
  secretId,
  tagConditions,
  tagRecord,
  tags,
  token,
  value,
} from './inputs';
import { knownPartner, partnerType } from './partners';
import type { Secret } from './secret';
import { nameScheduledForDeletion, nameTaken, stillReplicated } from './secret-errors';
import { storeValue } from './store-value';
import type { SecretTools } from './tools';

const createInput = z.strictObject({
  Name: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[A-Za-z0-9/_+=.@!-]+$/),
  ClientRequestToken: token,
  Description: description,
  KmsKeyId: kmsKeyId,
  Tags: tags.optional(),
  Type: partnerType.optional(),
  ...value,
});

const updateInput = z.strictObject({
  SecretId: secretId,
  ClientRequestToken: token,
  Description: description,
  KmsKeyId: kmsKeyId,
  ...value,
});

const deleteInput = z.strictObject({
  SecretId: secretId,
  RecoveryWindowInDays: z.int().min(7).max(30).optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
});

export function lifecycleOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access, rotations, virtual } = tools;

  function create(input: z.output<typeof createInput>, call: Call): Secret {
    const existing = records.find(input.Name);
    if (existing?.deletedAt) throw nameScheduledForDeletion();
    const value = newValue(input);
    if (existing) {
      if (!value || !existing.versions[value.token]) throw nameTaken(input.Name);
      // The same call once more.
      return storeValue(tools, call, existing, value);
    }
    const arn = records.newArn(input.Name);
    access.tryKey(call.caller, input.KmsKeyId, arn);
    const secret = records.put(newSecret(arn, input, virtual.now()));
    try {
      return value ? storeValue(tools, call, secret, value) : secret;
    } catch (error) {
      records.remove(arn);
      throw error;
    }
  }

  /** A secret that is not there counts as deleted. */
  function deleteAtOnce(id: string) {
    const now = virtual.now();
    if (!records.find(id)) return { ARN: records.arnFor(id), Name: id, DeletionDate: now };
    const { arn, name } = deletable(records.get(id));
    rotations.cancel(arn);
    records.remove(arn);
    return { ARN: arn, Name: name, DeletionDate: now };
  }

  function deleteAfter(id: string, days: number) {
    const { arn, name } = deletable(records.getLive(id));
    const deletedAt = new Date(virtual.now().getTime() + days * dayMs);
    rotations.cancel(arn);
    records.change(arn, { deletedAt });
    virtual.schedule(deletedAt, `deletion of ${name}`, () => {
      // Restored meanwhile, and perhaps deleted anew for a later day.
      if (records.find(arn)?.deletedAt === deletedAt) records.remove(arn);
    });
    return { ARN: arn, Name: name, DeletionDate: deletedAt };
  }

  /** The labelled versions are encrypted anew under the other key. */
  function changeKey(call: Call, secret: Secret, keyId: string): void {
    access.tryKey(call.caller, keyId, secret.arn);
    const versions = Object.entries(secret.versions).map(([id, version]) => {
      if (!secret.labels[id] || !version.content) return [id, version] as const;
      access.decrypt(call.caller, secret, id);
      access.encrypt(call.caller, keyId, secret.arn, id);
      return [id, { ...version, kmsKeyId: keyId }] as const;
    });
    records.change(secret.arn, { kmsKeyId: keyId, versions: Object.fromEntries(versions) });
  }

  return {
    CreateSecret: operation(createInput, (input, call) => {
      const newTags = tagRecord(input.Tags);
      access.permit(call, input.Name, {
        'secretsmanager:Name': input.Name,
        'secretsmanager:Description': input.Description,
        'secretsmanager:KmsKeyId': input.KmsKeyId,
        ...tagConditions(newTags),
      });
      const secret = create(input, call);
      call.resource = secret.arn;
      return { ARN: secret.arn, Name: secret.name, VersionId: contentOf(input) && input.ClientRequestToken };
    }),

    UpdateSecret: operation(updateInput, (input, call) => {
      access.permit(call, input.SecretId, {
        'secretsmanager:Description': input.Description,
        'secretsmanager:KmsKeyId': input.KmsKeyId,
      });
      const value = newValue(input);
      const { arn, name } = records.getLive(input.SecretId);
      if (input.KmsKeyId !== undefined) changeKey(call, records.get(arn), input.KmsKeyId);
      if (value) storeValue(tools, call, records.get(arn), value);
      if (input.Description !== undefined) records.change(arn, { description: input.Description });
      return { ARN: arn, Name: name, VersionId: value?.token };
    }),

    DeleteSecret: operation(deleteInput, (input, call) => {
      const { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = input;
      access.permit(call, SecretId, {
        'secretsmanager:RecoveryWindowInDays': days?.toString(),
        'secretsmanager:ForceDeleteWithoutRecovery': force?.toString(),
      });
      if (force && days !== undefined) {
        throw new AwsError(
          'InvalidParameterException',
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      }
      return force ? deleteAtOnce(SecretId) : deleteAfter(SecretId, days ?? 30);
    }),

    RestoreSecret: operation(z.strictObject({ SecretId: secretId }), ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const { arn, name, deletedAt } = records.get(SecretId);
      if (deletedAt) {
        records.change(arn, { deletedAt: undefined });
        rotations.plan(arn);
      }
      return { ARN: arn, Name: name };
    }),
  };
}

/** @throws {AwsError} where it has replicas */
function deletable(secret: Secret): Secret {
  const { name, replicas = [] } = secret;
  if (replicas.length) throw stillReplicated(name, replicas);
  return secret;
}

/** @throws {AwsError} where a value comes without a token */
function newValue(input: z.output<typeof createInput> | z.output<typeof updateInput>) {
  const content = contentOf(input);
  return content && { token: neededToken(input.ClientRequestToken, 'InvalidRequestException'), content };
}

export interface NewSecret {
  Name: string;
  Description?: string | undefined;
  KmsKeyId?: string | undefined;
  Tags?: readonly { Key: string; Value: string }[] | undefined;
  Type?: string | undefined;
}

export function newSecret(arn: string, input: NewSecret, now: Date): Secret {
  return {
    arn,
    name: input.Name,
    tags: tagRecord(input.Tags),
    versions: {},
    labels: {},
    createdAt: now,
    changedAt: now,
    rotation: { enabled: false },
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyId && { kmsKeyId: input.KmsKeyId }),
    ...(input.Type !== undefined && { type: knownPartner(input.Type).type }),
  };
}
