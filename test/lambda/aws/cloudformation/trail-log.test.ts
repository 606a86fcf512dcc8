// What a trail wrote, which goes with the stack and not before.
import { S3Client } from '@aws-sdk/client-s3';
import { account, type LocalAws, openLocalAws, region } from '@keyturn/aws-model/test/support/local-aws';
import { emptyBucket } from '../../../../lambda/aws/cloudformation/empty-bucket';
import { createRemovalGuard } from '../../../../lambda/aws/cloudformation/removal-guard';

let aws: LocalAws;
let answers: { Status: string; Reason?: string; PhysicalResourceId: string }[];

beforeEach(async () => {
  aws = await openLocalAws();
  answers = [];
  aws.model.buckets.add('trail-log');
  for (let n = 0; n < 1_500; n++) aws.model.buckets.put('trail-log', `AWSLogs/${n}`);
});
afterEach(() => aws.close());

const filesLeft = () => aws.model.buckets.keysIn('trail-log').length;

function ask(RequestType: 'Create' | 'Update' | 'Delete', status: () => Promise<string | undefined>) {
  const guard = createRemovalGuard('dev', {
    findLeftAlive: async () => [],
    statusOf: status,
    emptyTrailLog: () => emptyBucket('trail-log', new S3Client(aws.as('keyturn-dev-removal-guard'))),
    answer: async (_, body) => void answers.push(JSON.parse(body)),
  });
  return guard({
    RequestType,
    ResponseURL: `https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/x?X-Amz-Signature=1`,
    StackId: `arn:aws:cloudformation:${region}:${account}:stack/keyturn-dev/1`,
    RequestId: '1',
    LogicalResourceId: 'R',
    ResourceType: 'Custom::KeyturnTrailLog',
    ResourceProperties: {},
  });
}

test.each(['Create', 'Update'] as const)('stays when the resource is asked for its %s', async type => {
  await ask(type, async () => 'UPDATE_IN_PROGRESS');
  expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'keyturn-dev-trail-log' }]);
  expect(filesLeft()).toBe(1_500);
});

test.each([
  'DELETE_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
])('goes while CloudFormation removes things (%s), however much it is', async status => {
  await ask('Delete', async () => status);
  expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(filesLeft()).toBe(0);
});

test.each(['CREATE_COMPLETE', 'CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE', undefined])(
  'stays where somebody calls the function as CloudFormation would, and the stack is in %s',
  async status => {
    await ask('Delete', async () => status);
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining(String(status)) }]);
    expect(filesLeft()).toBe(1_500);
  },
);

test('stays where CloudFormation does not say in which state the stack is', async () => {
  await ask('Delete', () => Promise.reject(new Error('not authorized to DescribeStacks')));
  expect(answers).toMatchObject([
    { Status: 'FAILED', Reason: expect.stringContaining('not authorized to DescribeStacks') },
  ]);
  expect(filesLeft()).toBe(1_500);
});

test('fails the deletion where S3 keeps it, and says what to do', async () => {
  aws.rules.decide = ({ action }) =>
    action === 's3:DeleteObjectVersion' ? { allowed: false, message: 'no' } : { allowed: true };
  await ask('Delete', async () => 'DELETE_IN_PROGRESS');
  const [{ Status, Reason } = { Status: '' }] = answers;
  expect(Status).toBe('FAILED');
  expect(Reason).toContain('S3 kept 1000 objects of trail-log');
  expect(Reason).toContain('empty the bucket by hand');
});
