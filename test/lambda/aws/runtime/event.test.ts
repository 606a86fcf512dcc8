// The hourly run and the watch function take the events that they are for, and nothing else.
import { onlyFor, scheduled, trailed } from '../../../../lambda/aws/runtime/event';

const invocation = { awsRequestId: 'r', getRemainingTimeInMillis: () => 1000 };
const ran = async () => 'ran';
const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const read = { source: 'aws.secretsmanager', 'detail-type': 'AWS API Call via CloudTrail', detail: {} };

test('an event of its kind runs the function', async () => {
  await expect(onlyFor(scheduled, ran)(schedule, invocation)).resolves.toBe('ran');
  await expect(onlyFor(trailed, ran)(read, invocation)).resolves.toBe('ran');
});

test.each<[string, object | undefined]>([
  ['nothing', undefined],
  ['an event without a source', {}],
  ['a record of a queue that somebody mapped to it', { Records: [{ eventSource: 'aws:sqs', body: '{}' }] }],
  ['an event of the other kind', read],
  ['a source that looks the same', { ...schedule, source: 'AWS.events' }],
])('%s does not', async (_, event) => {
  await expect(onlyFor(scheduled, ran)(event, invocation)).rejects.toThrow('nothing was done');
});
