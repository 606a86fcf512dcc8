// PutSecretValue, GetSecretValue, BatchGetSecretValue and UpdateSecretVersionStage.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Call, type Operation, operation } from '../wire/operation';
import { contentOf, neededToken, page, secretId, stage, token, value, versionId } from './inputs';
import { holderOf, moveLabel } from './labels';
import { listFilters, matchesFilters } from './list-filters';
import { dayOf, type Secret } from './secret';
import { markedForDeletion, noValueAtStage, noValueAtVersion, stageNotOnVersion } from './secret-errors';
import { storeValue } from './store-value';
import type { SecretTools } from './tools';

const putInput = z.strictObject({
  SecretId: secretId,
  ClientRequestToken: token,
  ...value,
  VersionStages: z.array(stage).min(1).max(20).optional(),
  RotationToken: z
    .string()
    .regex(/^[a-zA-Z0-9-]{36,256}$/)
    .optional(),
});

const getInput = z.strictObject({
  SecretId: secretId,
  VersionId: versionId.optional(),
  VersionStage: stage.optional(),
});

const batchInput = z.strictObject({
  SecretIdList: z.array(secretId).min(1).max(20).optional(),
  Filters: listFilters.optional(),
  MaxResults: z.int().min(1).max(20).optional(),
  NextToken: z.string().optional(),
});

const moveInput = z.strictObject({
  SecretId: secretId,
  VersionStage: stage,
  RemoveFromVersionId: versionId.optional(),
  MoveToVersionId: versionId.optional(),
});

export function valueOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access } = tools;

  function readValue(call: Call, input: z.output<typeof getInput>) {
    const secret = records.read(input.SecretId);
    if (secret.deletedAt) throw markedForDeletion();
    const found = contentAt(secret, input);
    access.decrypt(call.caller, secret, found.VersionId);
    traceAccess(secret.arn, found.VersionId);
    return { ARN: secret.arn, Name: secret.name, ...found };
  }

  function traceAccess(arn: string, id: string): void {
    const accessedOn = dayOf(tools.virtual.now());
    const { versions } = records.get(arn);
    records.touch(arn, {
      accessedOn,
      ...(versions[id] && { versions: { ...versions, [id]: { ...versions[id], accessedOn } } }),
    });
  }

  function asked({ SecretIdList, Filters }: z.output<typeof batchInput>): string[] {
    if (SecretIdList) return SecretIdList;
    const found = records.all().filter(secret => !secret.deletedAt && matchesFilters(secret, Filters ?? []));
    return found.map(({ arn }) => arn);
  }

  /** One secret of a batch: what is refused of it does not keep the others back. */
  function readOne(call: Call, SecretId: string) {
    try {
      access.permit(call, SecretId, {}, 'GetSecretValue');
      return { read: readValue(call, { SecretId }) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { refused: { SecretId, ErrorCode: error.code, Message: error.message } };
    }
  }

  return {
    BatchGetSecretValue: operation(batchInput, (input, call) => {
      access.permitAny(call);
      const { SecretIdList, Filters, MaxResults } = input;
      if ((SecretIdList === undefined) === (Filters === undefined)) {
        throw new AwsError(
          'InvalidParameterException',
          "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        );
      }
      if (MaxResults !== undefined && !Filters) {
        throw new AwsError(
          'InvalidParameterException',
          "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
        );
      }
      const { items, NextToken } = page(asked(input), { MaxResults: 20, ...input });
      const results = items.map(id => readOne(call, id));
      return {
        SecretValues: results.flatMap(({ read }) => read ?? []),
        Errors: results.flatMap(({ refused }) => refused ?? []),
        NextToken,
      };
    }),

    PutSecretValue: operation(putInput, (input, call) => {
      access.permit(call, input.SecretId);
      const newToken = neededToken(input.ClientRequestToken, 'InvalidRequestException');
      const content = contentOf(input);
      if (!content)
        throw new AwsError(
          'InvalidRequestException',
          'You must provide either SecretString or SecretBinary.',
        );
      const stored = storeValue(tools, call, records.getLive(input.SecretId), {
        token: newToken,
        content,
        stages: input.VersionStages,
        rotationToken: input.RotationToken,
      });
      return {
        ARN: stored.arn,
        Name: stored.name,
        VersionId: newToken,
        VersionStages: stored.labels[newToken],
      };
    }),

    GetSecretValue: operation(getInput, (input, call) => {
      access.permit(call, input.SecretId, {
        'secretsmanager:VersionId': input.VersionId,
        'secretsmanager:VersionStage': input.VersionStage,
      });
      return readValue(call, input);
    }),

    UpdateSecretVersionStage: operation(moveInput, (input, call) => {
      access.permit(call, input.SecretId, { 'secretsmanager:VersionStage': input.VersionStage });
      const secret = records.getLive(input.SecretId);
      const { MoveToVersionId: to, RemoveFromVersionId: from } = input;
      if (to && !secret.versions[to]) {
        throw new AwsError(
          tools.unknownMoveTarget,
          `Secrets Manager can't find the specified secret version: ${to}`,
        );
      }
      const labels = moveLabel(secret.labels, input.VersionStage, {
        ...(from && { from }),
        ...(to && { to }),
      });
      records.change(secret.arn, { labels });
      return { ARN: secret.arn, Name: secret.name };
    }),
  };
}

/** @throws {AwsError} where the secret has no such version, or it holds nothing yet */
export function contentAt(
  secret: Secret,
  input: Pick<z.output<typeof getInput>, 'VersionId' | 'VersionStage'>,
) {
  const id = locateVersion(secret, input.VersionId, input.VersionStage);
  const version = secret.versions[id];
  if (!version?.content)
    throw input.VersionId && !input.VersionStage
      ? noValueAtVersion(id)
      : noValueAtStage(input.VersionStage ?? 'AWSCURRENT');
  return {
    VersionId: id,
    ...version.content,
    VersionStages: secret.labels[id],
    CreatedDate: version.createdAt,
  };
}

function locateVersion(secret: Secret, id: string | undefined, label: string | undefined): string {
  if (!id) {
    const holder = holderOf(secret.labels, label ?? 'AWSCURRENT');
    if (!holder) throw noValueAtStage(label ?? 'AWSCURRENT');
    return holder;
  }
  if (!secret.versions[id]) throw noValueAtVersion(id);
  if (label && !secret.labels[id]?.includes(label)) throw stageNotOnVersion();
  return id;
}
