import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type LocalAws, minutes, openLocalAws, start } from './support/local-aws';

let aws: LocalAws;
let logs: CloudWatchLogsClient;
const group = '/aws/lambda/rotate';
beforeEach(async () => {
  aws = await openLocalAws();
  logs = new CloudWatchLogsClient({ ...aws.as('reader'), maxAttempts: 1 });
});
afterEach(() => aws.close());

const filter = async (more: object = {}) => {
  const { events = [], nextToken } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: group, ...more }),
  );
  return { lines: events.map(({ message }) => message), nextToken };
};

test('lines are found by a field, by time, and in pages', async () => {
  aws.model.logs.put(group, '{"level":"INFO","n":1}');
  aws.model.logs.put(group, 'no JSON, but ERROR');
  await aws.clock.runUntil(new Date(start.getTime() + minutes(5)));
  for (const n of [2, 3]) aws.model.logs.put(group, `{"level":"ERROR","n":${n}}`);
  aws.model.logs.put('/aws/lambda/other', '{"level":"ERROR","n":4}');
  const errors = { filterPattern: '{ $.level = "ERROR" }' };
  expect((await filter(errors)).lines).toEqual(['{"level":"ERROR","n":2}', '{"level":"ERROR","n":3}']);
  expect((await filter()).lines).toHaveLength(4);
  expect((await filter({ startTime: start.getTime() + minutes(5) })).lines).toHaveLength(2);
  expect((await filter({ endTime: start.getTime() + minutes(5) })).lines).toHaveLength(2);
  const first = await filter({ ...errors, limit: 1 });
  expect(first.lines).toEqual(['{"level":"ERROR","n":2}']);
  const second = await filter({ ...errors, limit: 1, nextToken: first.nextToken });
  expect(second).toEqual({ lines: ['{"level":"ERROR","n":3}'], nextToken: undefined });
});

test('a group without lines is there, another one is not, and other patterns are refused', async () => {
  aws.model.logs.create(group);
  expect((await filter()).lines).toEqual([]);
  await expect(filter({ logGroupName: '/aws/lambda/gone' })).rejects.toThrow('does not exist');
  await expect(filter({ filterPattern: 'ERROR' })).rejects.toThrow('not modelled');
});

test('only the newest lines are kept', async () => {
  for (let n = 0; n < 2_500; n++) aws.model.logs.put(group, String(n));
  const { lines } = await filter();
  expect(lines.at(-1)).toBe('2499');
  expect(lines.length).toBeGreaterThanOrEqual(1_000);
  expect(lines.length).toBeLessThanOrEqual(2_000);
});
