// Buckets, asked by an unmodified client.
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { type LocalAws, openLocalAws } from './support/local-aws';

let aws: LocalAws;
let s3: S3Client;

beforeEach(async () => {
  aws = await openLocalAws();
  s3 = new S3Client(aws.as('cleaner'));
  aws.model.buckets.add('logs');
});
afterEach(() => aws.close());

const list = (input = {}) => s3.send(new ListObjectVersionsCommand({ Bucket: 'logs', ...input }));
const remove = (Objects: { Key: string; VersionId?: string }[]) =>
  s3.send(new DeleteObjectsCommand({ Bucket: 'logs', Delete: { Objects } }));

test('lists page by page, a thousand at most', async () => {
  expect(await list()).toMatchObject({ IsTruncated: false });
  expect((await list()).Versions).toBeUndefined();
  for (let n = 0; n < 1_001; n++) aws.model.buckets.put('logs', `file ${10_000 + n} & <more>`);
  const first = await list();
  expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: 'file 10999 & <more>' });
  expect(first.Versions).toHaveLength(1_000);
  const second = await list({ KeyMarker: first.NextKeyMarker });
  expect(second.Versions).toMatchObject([{ Key: 'file 11000 & <more>', VersionId: 'null' }]);
  expect(second.IsTruncated).toBe(false);
});

test('cannot go before it is empty; what is deleted is gone, also where its name has XML in it', async () => {
  aws.model.buckets.put('logs', 'a & <b>');
  expect(() => aws.model.buckets.remove('logs')).toThrow('is not empty');
  expect((await remove([{ Key: 'a & <b>', VersionId: 'null' }])).Deleted).toMatchObject([{ Key: 'a & <b>' }]);
  aws.model.buckets.remove('logs');
  await expect(list()).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('each object is permitted by itself, a version by another action than the object', async () => {
  aws.model.buckets.put('logs', 'mine');
  aws.model.buckets.put('logs', 'other');
  aws.rules.decide = ({ action, resource }) =>
    action === 's3:DeleteObjectVersion' && resource === 'arn:aws:s3:::logs/mine'
      ? { allowed: true }
      : { allowed: false, message: 'no' };
  await expect(list()).rejects.toMatchObject({ name: 'AccessDenied' });
  const { Errors } = await remove([
    { Key: 'mine', VersionId: 'null' },
    { Key: 'other', VersionId: 'null' },
  ]);
  expect(Errors).toMatchObject([{ Key: 'other', Code: 'AccessDenied' }]);
  expect(aws.model.buckets.keysIn('logs')).toEqual(['other']);
  expect((await remove([{ Key: 'other' }])).Errors).toMatchObject([{ Key: 'other' }]);
});
