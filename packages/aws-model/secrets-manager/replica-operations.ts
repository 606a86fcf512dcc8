// Copies of secrets in other regions: made and taken away in the secret's own region, and read in theirs.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { secretId, stage, versionId } from './inputs';
import { description, labelsShown, replicationStatus } from './listing-operations';
import { secretNotFound } from './secret-errors';
import type { SecretTools } from './tools';
import { contentAt } from './value-operations';

const region = z.string().regex(/^([a-z]+-)+\d+$/);

export function replicationOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access } = tools;
  return {
    ReplicateSecretToRegions: operation(
      z.strictObject({
        SecretId: secretId,
        AddReplicaRegions: z
          .array(z.strictObject({ Region: region, KmsKeyId: z.string().optional() }))
          .min(1),
        ForceOverwriteReplicaSecret: z.boolean().optional(),
      }),
      ({ SecretId, AddReplicaRegions }, call) => {
        access.permit(call, SecretId);
        const { arn, replicas = [] } = records.getLive(SecretId);
        const added = AddReplicaRegions.map(({ Region, KmsKeyId: kmsKeyId }) => ({
          region: Region,
          ...(kmsKeyId && { kmsKeyId }),
        }));
        const others = replicas.filter(one => !added.some(each => each.region === one.region));
        const secret = records.change(arn, { replicas: [...others, ...added] });
        return { ARN: arn, ReplicationStatus: replicationStatus(tools, secret) };
      },
    ),
    RemoveRegionsFromReplication: operation(
      z.strictObject({ SecretId: secretId, RemoveReplicaRegions: z.array(region).min(1) }),
      ({ SecretId, RemoveReplicaRegions }, call) => {
        access.permit(call, SecretId);
        const { arn, replicas = [] } = records.getLive(SecretId);
        const left = replicas.filter(one => !RemoveReplicaRegions.includes(one.region));
        const secret = records.change(arn, { replicas: left });
        return { ARN: arn, ReplicationStatus: replicationStatus(tools, secret) };
      },
    ),
  };
}

/** The same operations, and what they do where a call is made in the region of a copy. */
export function inReplicas(
  tools: SecretTools,
  home: string,
  operations: Record<string, Operation>,
): Record<string, Operation> {
  const there = readsOfReplicas(tools);
  return Object.fromEntries(
    Object.entries(operations).map(([name, here]) => [
      name,
      { run: (params, call) => (call.region === home ? here : (there[name] ?? refused)).run(params, call) },
    ]),
  );
}

const refused: Operation = {
  run: () => {
    throw new AwsError(
      'InvalidRequestException',
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    );
  },
};

function readsOfReplicas({ records, access, virtual }: SecretTools): Record<string, Operation> {
  const read = (id: string, at: string) => {
    const secret = records.replica(id, at);
    if (!secret) throw secretNotFound();
    return secret;
  };
  return {
    GetSecretValue: operation(
      z.strictObject({ SecretId: secretId, VersionId: versionId.optional(), VersionStage: stage.optional() }),
      (input, call) => {
        access.permitReplica(call, input.SecretId, records.replica(input.SecretId, call.region));
        const secret = read(input.SecretId, call.region);
        const found = contentAt(secret, input);
        access.decrypt(call.caller, secret, found.VersionId);
        return { ARN: secret.arn, Name: secret.name, ...found };
      },
    ),
    DescribeSecret: operation(z.strictObject({ SecretId: secretId }), ({ SecretId }, call) => {
      access.permitReplica(call, SecretId, records.replica(SecretId, call.region));
      const secret = read(SecretId, call.region);
      return {
        ...description(secret),
        VersionIdsToStages: labelsShown(secret),
        LastAccessedDate: virtual.now(),
      };
    }),
  };
}
