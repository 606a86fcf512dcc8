// What reaches the removal guard besides CloudFormation's own requests.
import { account, region } from '@keyturn/aws-model/test/support/local-aws';
import { createRemovalGuard } from '../../lambda/removal-guard';

test.each<[string, object | undefined]>([
  ['nothing', undefined],
  ['records of a queue', { Records: [{ body: '{}' }] }],
  [
    'a request of another stack',
    {
      RequestType: 'Update',
      ResponseURL: 'https://example.com/',
      StackId: `arn:aws:cloudformation:${region}:${account}:stack/keyturn-prod-eu/1`,
      RequestId: '1',
      LogicalResourceId: 'R',
      ResourceProperties: {},
    },
  ],
])('is for CloudFormation alone: %s is refused, and nothing is sent anywhere', async (_, event) => {
  const answer = jest.fn();
  const guard = createRemovalGuard('prod', {
    findLeftAlive: async () => [],
    statusOf: async () => '',
    answer,
  });
  await expect(guard(event)).rejects.toThrow('no request of CloudFormation for keyturn-prod');
  expect(answer).not.toHaveBeenCalled();
});
