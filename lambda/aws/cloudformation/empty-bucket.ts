// Deletes all that is in a bucket, since CloudFormation deletes none that holds something. Loaded only when that is asked.
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { KeyturnError } from '../../../core/errors';
import { clientSettings } from '../runtime/client-settings';

/** @returns how many versions of objects were deleted. @throws where S3 kept one */
export async function emptyBucket(Bucket: string, s3 = new S3Client(clientSettings)): Promise<number> {
  for (let deleted = 0; ; ) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (!Objects.length) return deleted;
    const Delete = { Objects, Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
    const [first] = Errors;
    if (first)
      throw new KeyturnError(
        'refused',
        `S3 kept ${Errors.length} objects of ${Bucket}, first ${first.Key}: ${first.Code}`,
      );
    deleted += Objects.length;
  }
}
