// What reaches the removal guard besides CloudFormation's own requests.
import { account, region } from '@keyturn/aws-model/test/support/local-aws';
import { createRemovalGuard } from '../../../../lambda/aws/cloudformation/removal-guard';

const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
const answeredAt = (ResponseURL: string, arn = `arn:aws:cloudformation:${region}`) => ({
  RequestType: 'Create',
  ResponseURL,
  StackId: `${arn}:${account}:stack/keyturn-prod/1`,
  RequestId: '1',
  LogicalResourceId: 'R',
  ResourceType: 'Custom::KeyturnRemovalGuard',
  ResourceProperties: {},
});

test.each<[string, object | undefined]>([
  ['nothing', undefined],
  ['records of a queue', { Records: [{ body: '{}' }] }],
  [
    'a request of another stack',
    {
      ...answeredAt(`https://${bucket}.s3.${region}.amazonaws.com/`),
      StackId: `arn:aws:cloudformation:${region}:${account}:stack/keyturn-prod-eu/1`,
    },
  ],
  ...[
    'https://example.com/',
    `http://${bucket}.s3.${region}.amazonaws.com/`,
    `https://${bucket}.s3.${region}.amazonaws.com.example.com/`,
    `https://example.com/${bucket}.s3.${region}.amazonaws.com/`,
    `https://me:you@${bucket}.s3.${region}.amazonaws.com/`,
    `https://${bucket}.s3.${region}.amazonaws.com@example.com/`,
    `https://${bucket}.s3.${region}.amazonaws.com:8443/`,
    `https://${bucket}.s3.${region}.amazonaws.com.cn/`,
    `https://${bucket}2.s3.${region}.amazonaws.com/`,
    `https://mine.s3.${region}.amazonaws.com/${bucket}`,
    'https://cloudformation-custom-resource-response-uswest2.s3.us-west-2.amazonaws.com/',
    'no url',
  ].map((url): [string, object] => [`an answer to ${url}`, answeredAt(url)]),
])('is for CloudFormation alone: %s is refused, and nothing is sent anywhere', async (_, event) => {
  const answer = jest.fn();
  const guard = createRemovalGuard('prod', {
    findLeftAlive: async () => [],
    emptyTrailLog: async () => 0,
    statusOf: async () => '',
    answer,
  });
  await expect(guard(event)).rejects.toThrow('not a CloudFormation request for keyturn-prod');
  expect(answer).not.toHaveBeenCalled();
});

test.each([
  ['arn:aws:cloudformation:eu-west-1', 'euwest1.s3.eu-west-1.amazonaws.com'],
  ['arn:aws:cloudformation:eu-west-1', 'euwest1.s3-eu-west-1.amazonaws.com'],
  ['arn:aws:cloudformation:us-east-1', 'useast1.s3.amazonaws.com'],
  ['arn:aws-us-gov:cloudformation:us-gov-west-1', 'usgovwest1.s3.us-gov-west-1.amazonaws.com'],
  ['arn:aws-cn:cloudformation:cn-north-1', 'cnnorth1.s3.cn-north-1.amazonaws.com.cn'],
  ['arn:aws-eusc:cloudformation:eusc-de-east-1', 'euscdeeast1.s3.eusc-de-east-1.amazonaws.eu'],
])('answers where CloudFormation waits in %s: %s', async (arn, host) => {
  const answer = jest.fn();
  const guard = createRemovalGuard('prod', {
    findLeftAlive: async () => [],
    emptyTrailLog: async () => 0,
    statusOf: async () => '',
    answer,
  });
  const url = `https://cloudformation-custom-resource-response-${host}/x?X-Amz-Signature=1`;
  await guard(answeredAt(url, arn) as never);
  expect(answer).toHaveBeenCalledWith(url, expect.stringContaining('SUCCESS'));
});
