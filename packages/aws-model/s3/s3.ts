// S3 as far as a bucket with the files of a trail needs it: it lists what is in it, deletes that, and cannot go before it is empty.
// The buckets have no versioning: every object is its own only version, whose id is `null`.
import * as z from 'zod';
import { partitionOf } from '../shared/arn';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import { restXml } from './rest-xml';

export interface Buckets {
  readonly service: Service;
  add(name: string): void;
  /** @throws {AwsError} BucketNotEmpty */
  remove(name: string): void;
  /** An AWS service writes into it; nothing happens where there is no such bucket. */
  put(name: string, key: string): void;
  /** Keys of its objects. */
  keysIn(name: string): string[];
}

const bucketInput = { Bucket: z.string().min(3).max(63) };
const listInput = z.strictObject({
  ...bucketInput,
  MaxKeys: z.coerce.number().int().min(1).max(1_000).default(1_000),
  KeyMarker: z.string().optional(),
});
const deleteInput = z.strictObject({
  ...bucketInput,
  Quiet: z.boolean(),
  Objects: z
    .array(z.strictObject({ Key: z.string().min(1), VersionId: z.string().optional() }))
    .min(1)
    .max(1_000),
});

export function createBuckets(parts: { access: Access; region: string }): Buckets {
  const buckets = new Map<string, Set<string>>();
  const arnOf = (bucket: string, key = '') =>
    `arn:${partitionOf(parts.region)}:s3:::${bucket}${key && `/${key}`}`;
  const denial = { code: 'AccessDenied', status: 403 };

  function need(bucket: string): Set<string> {
    const found = buckets.get(bucket);
    if (found) return found;
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }

  /** Each object is decided on by itself; what may not go stays, and the answer says so. */
  function deleteOne(
    call: Call,
    bucket: string,
    { Key, VersionId }: { Key: string; VersionId?: string | undefined },
  ) {
    const action = VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    if (!parts.access.decide(call.caller, { action, resource: arnOf(bucket, Key) }).allowed)
      return { refused: { Key, Code: 'AccessDenied', Message: 'Access Denied' } };
    need(bucket).delete(Key);
    return { deleted: { Key, VersionId } };
  }

  return {
    service: {
      name: 's3',
      protocol: restXml,
      operations: {
        ListObjectVersions: operation(listInput, ({ Bucket, MaxKeys, KeyMarker = '' }, call) => {
          parts.access.permit(call, { action: 's3:ListBucketVersions', resource: arnOf(Bucket), denial });
          const after = [...need(Bucket)].sort().filter(key => key > KeyMarker);
          const listed = after.slice(0, MaxKeys);
          const isTruncated = after.length > listed.length;
          return {
            Name: Bucket,
            IsTruncated: isTruncated,
            ...(isTruncated && { NextKeyMarker: listed.at(-1), NextVersionIdMarker: 'null' }),
            Version: listed.map(Key => ({ Key, VersionId: 'null', IsLatest: true })),
          };
        }),
        DeleteObjects: operation(deleteInput, ({ Bucket, Objects, Quiet }, call) => {
          call.resource ??= arnOf(Bucket);
          need(Bucket);
          const outcomes = Objects.map(object => deleteOne(call, Bucket, object));
          return {
            Deleted: Quiet ? [] : outcomes.flatMap(({ deleted = [] }) => deleted),
            Error: outcomes.flatMap(({ refused = [] }) => refused),
          };
        }),
      },
    },
    add: name => void buckets.set(name, buckets.get(name) ?? new Set()),
    remove(name) {
      if (buckets.get(name)?.size)
        throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
      buckets.delete(name);
    },
    put: (name, key) => void buckets.get(name)?.add(key),
    keysIn: name => [...(buckets.get(name) ?? [])],
  };
}
