// What CloudWatch is asked about an alarm, and what is made of its answers.
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsOutput,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { minuteMs } from '../../../../core/time';
import { describeAlarm } from '../../../../lambda/aws/cloudwatch/described-alarm';

const cloudWatch = mockClient(CloudWatchClient);
afterEach(() => cloudWatch.reset());

const changedAt = new Date('2026-02-26T03:14:11Z');
const after = (ms: number) => new Date(changedAt.getTime() + ms);
const message = { name: 'a', arn: 'arn:a', state: 'ALARM', changedAt };
const dimensions = { Dimensions: [{ Name: 'environment', Value: 'prod' }] };

function described(answer: DescribeAlarmsOutput, history: object[] = []) {
  cloudWatch.on(DescribeAlarmsCommand).resolves(answer);
  cloudWatch.on(DescribeAlarmHistoryCommand).resolves({
    AlarmHistoryItems: history.map(item => ({ ...item, HistoryItemType: 'StateUpdate' as const })),
  });
  return describeAlarm(new CloudWatchClient({ region: 'us-east-1' }), message);
}
const inAlarm = (since: Date) => ({
  MetricAlarms: [{ AlarmArn: 'arn:a', StateValue: 'ALARM' as const, StateTransitionedTimestamp: since }],
});
const change = (to: string, at: Date) => ({
  Timestamp: at,
  HistoryData: JSON.stringify({ newState: { stateValue: to } }),
});
const historyCalls = () =>
  cloudWatch.commandCalls(DescribeAlarmHistoryCommand).map(({ args: [{ input }] }) => input);

test.each([
  ['less than two minutes before', -2 * minuteMs + 1, 0],
  ['less than two minutes after', 2 * minuteMs - 1, 0],
  ['two minutes before', -2 * minuteMs, 1],
  ['two minutes after', 2 * minuteMs, 1],
])(
  'where it is in ALARM since %s the message, its history is asked for %i times',
  async (_, ms, expected) => {
    await described(inAlarm(after(ms)));
    expect(historyCalls()).toHaveLength(expected);
    for (const { StartDate, EndDate } of historyCalls())
      expect([StartDate, EndDate]).toEqual([after(-2 * minuteMs), after(2 * minuteMs)]);
  },
);

test('the history tells of a change that is over, and only changes to ALARM count', async () => {
  const alarm = {
    MetricAlarms: [{ AlarmArn: 'arn:a', StateValue: 'OK' as const, StateTransitionedTimestamp: after(0) }],
  };
  const history = [change('OK', after(30_000)), change('ALARM', after(500)), { Timestamp: after(1_000) }];
  expect((await described(alarm, history))?.alarmedAt).toEqual([after(500)]);
});

test('of an alarm that is not there, nothing is told', async () => {
  expect(await described({ MetricAlarms: [], CompositeAlarms: [] })).toBeUndefined();
});

test('every metric of an alarm is told, the plain one and those in its math', async () => {
  const math = [
    { Id: 'm', MetricStat: { Metric: { Namespace: 'B', ...dimensions }, Period: 60, Stat: 'Sum' } },
  ];
  const alarm = {
    AlarmArn: 'arn:a',
    Namespace: 'A',
    ...dimensions,
    Metrics: [...math, { Id: 'e', Expression: 'm' }],
  };
  const found = await described({ MetricAlarms: [alarm] });
  expect(found?.metrics).toEqual(
    ['A', 'B'].map(namespace => ({ namespace, dimensions: { environment: 'prod' } })),
  );
  expect(found?.children).toBeUndefined();
});

test.each([
  ['ALARM("one") OR ALARM(two)', ['one', 'two']],
  ['ALARM("arn:aws:cloudwatch:us-east-1:333333333333:alarm:a:b") AND NOT OK("two")', ['a:b', 'two']],
  ['INSUFFICIENT_DATA("one")', ['one']],
  ['TRUE', []],
  ['ALARM(', []],
])('a composite alarm of %s watches %j', async (AlarmRule, children) => {
  const found = await described({ CompositeAlarms: [{ AlarmArn: 'arn:a', AlarmRule }] });
  expect(found).toMatchObject({ children, metrics: [] });
});
