// DescribeSecret, ListSecrets, ListSecretVersionIds and GetResourcePolicy: what can be known of a secret without its value.
import * as z from 'zod';
import { type Operation, operation } from '../wire/operation';
import { page, secretId, tagList } from './inputs';
import { listFilters, matchesFilters } from './list-filters';
import type { Secret } from './secret';
import type { SecretTools } from './tools';

const listInput = z.strictObject({
  Filters: listFilters.optional(),
  IncludePlannedDeletion: z.boolean().optional(),
  MaxResults: z.int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
  SortOrder: z.enum(['asc', 'desc']).optional(),
});

const versionsInput = z.strictObject({
  SecretId: secretId,
  IncludeDeprecated: z.boolean().optional(),
  MaxResults: z.int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
});

export function listingOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access } = tools;
  return {
    DescribeSecret: operation(z.strictObject({ SecretId: secretId }), ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const secret = records.read(SecretId);
      return {
        ...description(secret),
        VersionIdsToStages: labelsShown(secret),
        ReplicationStatus: replicationStatus(tools, secret),
      };
    }),

    GetResourcePolicy: operation(z.strictObject({ SecretId: secretId }), ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const { arn, name, policy } = records.getLive(SecretId);
      return { ARN: arn, Name: name, ResourcePolicy: policy };
    }),

    ListSecrets: operation(listInput, (input, call) => {
      access.permitAny(call);
      const found = records
        .all()
        .flatMap(secret => records.listed(secret) ?? [])
        .filter(
          secret =>
            (input.IncludePlannedDeletion || !secret.deletedAt) &&
            matchesFilters(secret, input.Filters ?? []),
        )
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
      if (input.SortOrder !== 'asc') found.reverse();
      const { items, NextToken } = page(found, input);
      return {
        SecretList: items.map(secret => ({
          ...description(secret),
          SecretVersionsToStages: labelsShown(secret),
        })),
        NextToken,
      };
    }),

    ListSecretVersionIds: operation(versionsInput, (input, call) => {
      access.permit(call, input.SecretId);
      const secret = records.read(input.SecretId);
      const shown = Object.entries(secret.versions).filter(
        ([id]) => input.IncludeDeprecated || secret.labels[id],
      );
      const { items, NextToken } = page(shown, input);
      const Versions = items.map(([id, version]) => ({
        VersionId: id,
        VersionStages: secret.labels[id],
        CreatedDate: version.createdAt,
        LastAccessedDate: version.accessedOn,
        KmsKeyIds: [version.kmsKeyId ?? 'DefaultEncryptionKey'],
      }));
      return { ARN: secret.arn, Name: secret.name, Versions, NextToken };
    }),
  };
}

/** @returns `undefined` where it has no copies */
export function replicationStatus({ records }: SecretTools, secret: Secret) {
  if (!secret.replicas?.length) return undefined;
  return secret.replicas.map(({ region: Region, kmsKeyId: KmsKeyId = 'alias/aws/secretsmanager' }) => ({
    Region,
    KmsKeyId,
    Status: records.isInSync(secret, Region) ? 'InSync' : 'InProgress',
  }));
}

export function description(secret: Secret) {
  const { rotation } = secret;
  const configured = (rotation.functionArn ?? rotation.external) !== undefined;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description || undefined,
    KmsKeyId: secret.kmsKeyId,
    RotationEnabled: configured ? rotation.enabled : undefined,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: rotation.rules,
    Type: secret.type,
    ExternalSecretRotationMetadata: rotation.external?.metadata,
    ExternalSecretRotationRoleArn: rotation.external?.roleArn,
    LastRotatedDate: rotation.lastRotatedAt,
    NextRotationDate: rotation.enabled ? rotation.nextRotationAt : undefined,
    LastChangedDate: secret.changedAt,
    LastAccessedDate: secret.accessedOn,
    DeletedDate: secret.deletedAt,
    CreatedDate: secret.createdAt,
    Tags: Object.keys(secret.tags).length ? tagList(secret.tags) : undefined,
  };
}

export function labelsShown({ labels }: Secret) {
  return Object.keys(labels).length ? labels : undefined;
}
