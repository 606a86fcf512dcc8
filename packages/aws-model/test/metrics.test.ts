import { GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { addAlarm, aws, client, Dimensions, failures, put, state } from './support/cloudwatch';
import { days, hours, minutes, openLocalAws } from './support/local-aws';

const metric = { namespace: 'Keyturn', name: 'AuthFailures', dimensions: { environment: 'prod' } };

describe('metrics', () => {
  test('what was put is read back by period and statistic', async () => {
    await put(1);
    await put(5);
    await put(0, { Value: undefined, StatisticValues: { SampleCount: 4, Sum: 20, Minimum: 2, Maximum: 9 } });
    await aws.passMs(minutes(1));
    await put(0, { Value: undefined, Values: [3, 4], Counts: [2, 1] });
    const statistics = ['Sum', 'SampleCount', 'Minimum', 'Maximum'];
    const read = (from: string, to: string) =>
      statistics.map(statistic => aws.model.cloudWatch.read(metric, statistic, new Date(from), new Date(to)));
    expect(read('2026-11-23T00:00:00Z', '2026-11-23T00:01:00Z')).toEqual([26, 6, 1, 9]);
    expect(read('2026-11-23T00:01:00Z', '2026-11-23T00:02:00Z')).toEqual([10, 3, 3, 4]);
  });

  test('GetMetricData works out expressions, newest first', async () => {
    await put(2);
    await aws.passMs(minutes(1));
    await put(4);
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date('2026-11-23T00:00:00Z'),
        EndTime: new Date('2026-11-23T00:03:00Z'),
        MetricDataQueries: [
          { Id: 'e1', Expression: 'FILL(m1, 0) * 10', Label: 'tenfold' },
          { Id: 'm1', MetricStat: { Metric: failures, Period: 60, Stat: 'Sum' }, ReturnData: false } as never,
        ].map(query =>
          'MetricStat' in query
            ? {
                ...query,
                MetricStat: {
                  Metric: { Namespace: 'Keyturn', MetricName: 'AuthFailures', Dimensions },
                  Period: 60,
                  Stat: 'Sum',
                },
              }
            : query,
        ),
      }),
    );
    expect(MetricDataResults).toMatchObject([
      { Id: 'e1', Label: 'tenfold', Values: [0, 40, 20], StatusCode: 'Complete' },
    ]);
  });

  test('a metric is its name with all its dimensions', async () => {
    await put(1);
    await put(1, { Dimensions: [] });
    expect(aws.model.cloudWatch.metrics()).toMatchObject([metric, { ...metric, dimensions: {} }]);
  });

  test.each([
    ['older than two weeks', -days(15)],
    ['more than two hours ahead', hours(3)],
  ])('a point %s is refused', async (_fact, offset) => {
    const Timestamp = new Date(aws.clock.now().getTime() + offset);
    await expect(put(1, { Timestamp })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test("AWS's namespaces are refused, and the namespace is a condition", async () => {
    await put(1);
    expect(aws.asked[0]).toMatchObject({
      action: 'cloudwatch:PutMetricData',
      resource: '*',
      context: { 'cloudwatch:namespace': 'Keyturn' },
    });
    await expect(
      client.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [] })),
    ).rejects.toThrow('AWS/');
  });

  test('a large request comes compressed, and is read', async () => {
    const MetricData = Array.from({ length: 500 }, (_, n) => ({
      MetricName: `Many${n}`,
      Dimensions,
      Value: 1,
    }));
    await client.send(new PutMetricDataCommand({ Namespace: 'Keyturn', MetricData }));
    expect(aws.model.cloudWatch.metrics()).toHaveLength(500);
  });

  test('old data are kept in coarser buckets, without loss', async () => {
    await put(1);
    await aws.passMs(minutes(3));
    await put(2);
    await aws.passMs(days(16));
    await put(4);
    const from = new Date('2026-11-23T00:00:00Z');
    const read = (minute: number) =>
      aws.model.cloudWatch.read(metric, 'Sum', from, new Date(from.getTime() + minutes(minute)));
    expect([read(1), read(60 * 24 * 20)]).toEqual([3, 7]);
  });

  test('what nobody adds to grows coarser, too, and is gone after 15 months', async () => {
    const fromMinute = (minute: number) => {
      const at = new Date('2026-11-23T00:00:00Z').getTime() + minutes(minute);
      return aws.model.cloudWatch.read(metric, 'Sum', new Date(at), new Date(at + minutes(1)));
    };
    await aws.passMs(minutes(3));
    await put(1);
    expect([fromMinute(0), fromMinute(3)]).toEqual([undefined, 1]);
    await aws.passMs(days(16));
    expect([fromMinute(0), fromMinute(3)]).toEqual([1, undefined]);
    await aws.passMs(days(438));
    expect(fromMinute(0)).toBe(1);
    await aws.passMs(days(2));
    expect(fromMinute(0)).toBeUndefined();
  });
});

describe('embedded metric format', () => {
  const line = (change: (root: Record<string, unknown>) => void = () => {}) => {
    const root: Record<string, unknown> = {
      _aws: {
        Timestamp: aws.clock.now().getTime(),
        CloudWatchMetrics: [
          {
            Namespace: 'Keyturn',
            Dimensions: [['environment'], []],
            Metrics: [{ Name: 'Requests', Unit: 'Count' }],
          },
        ],
      },
      environment: 'prod',
      Requests: [1, 2, 3],
    };
    change(root);
    return JSON.stringify(root);
  };
  const ingest = (text: string) => aws.model.cloudWatch.ingestLogLine('fn', text);
  const sum = (dimensions: Record<string, string>) =>
    aws.model.cloudWatch.read(
      { namespace: 'Keyturn', name: 'Requests', dimensions },
      'Sum',
      new Date(0),
      new Date('2027-01-01'),
    );

  test('each set of dimensions is a metric of its own', () => {
    expect(ingest(line())).toBe('metrics');
    expect([sum({ environment: 'prod' }), sum({})]).toEqual([6, 6]);
  });

  test('metrics are seen only once the logs are taken in', async () => {
    const late = await openLocalAws({ knobs: { metricDelaysMs: { logs: minutes(1) } } });
    const root = line();
    late.model.cloudWatch.ingestLogLine('fn', root);
    expect(late.model.cloudWatch.metrics()).toEqual([]);
    await late.passMs(minutes(1));
    expect(late.model.cloudWatch.metrics()).toHaveLength(2);
    await late.close();
  });

  test.each(['START RequestId: 1', '{"level":"INFO"}', '{"message":"{\\"_aws\\":{}}"}', '[1]'])(
    '%s holds no metrics',
    text => {
      expect(ingest(text)).toBe('no-metrics');
    },
  );

  type Root = {
    _aws: { Timestamp: unknown; CloudWatchMetrics: Record<string, unknown>[] };
    Requests: unknown;
    environment: unknown;
  };
  test.each<[string, (root: Root) => void]>([
    ['a dimension that is no text', root => (root.environment = 7)],
    ['a dimension that is not there', root => delete root.environment],
    ['a metric that is no number', root => (root.Requests = 'many')],
    ['a metric that is not at the root', root => delete root.Requests],
    ['more than 100 values', root => (root.Requests = Array(101).fill(1))],
    ['no set of dimensions', root => (root._aws.CloudWatchMetrics[0]!.Dimensions = [])],
    [
      'more than 30 dimensions',
      root => (root._aws.CloudWatchMetrics[0]!.Dimensions = [Array(31).fill('environment')]),
    ],
    [
      'more than 100 metrics',
      root => (root._aws.CloudWatchMetrics[0]!.Metrics = Array(101).fill({ Name: 'Requests' })),
    ],
    ['no timestamp', root => delete root._aws.Timestamp],
    ['a timestamp older than two weeks', root => (root._aws.Timestamp = Date.parse('2026-11-01'))],
    ['a timestamp three hours ahead', root => (root._aws.Timestamp = Date.parse('2026-11-23T03:00Z'))],
  ])('%s is dropped and counted', (_fact, change) => {
    expect(ingest(line(change as never))).toBe('invalid');
    expect(sum({})).toBeUndefined();
    const errors = {
      namespace: 'AWS/Logs',
      name: 'EMFValidationErrors',
      dimensions: { LogGroupName: '/aws/lambda/fn' },
    };
    expect(aws.model.cloudWatch.read(errors, 'Sum', new Date(0), new Date('2027-01-01'))).toBe(1);
  });
});

describe("AWS's own metrics", () => {
  test('a failing function makes AWS/Lambda Errors, and a full queue AWS/SQS messages', async () => {
    aws.addFunction('broken', () => {
      throw new Error('broken');
    });
    aws.model.queues.add({ name: 'dlq' });
    const alarm = (AlarmName: string, Namespace: string, MetricName: string, Name: string, Value: string) =>
      addAlarm({
        AlarmName,
        Namespace,
        MetricName,
        Dimensions: [{ Name, Value }],
        Statistic: 'Maximum',
        Threshold: 0,
      });
    alarm('errors', 'AWS/Lambda', 'Errors', 'FunctionName', 'broken');
    alarm('letters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'dlq');
    await aws.model.functions.run('broken', {}, { principal: 'x', requestId: 'y' });
    const caller = { arn: 'x', kind: 'service' as const };
    aws.model.queues.send('arn:aws:sqs:eu-west-1:111111111111:dlq', { body: 'x' }, { caller });
    await aws.passMs(minutes(1));
    expect([state('errors'), state('letters')]).toEqual(['ALARM', 'ALARM']);
    await aws.passMs(hours(1));
    expect([state('errors'), state('letters')]).toEqual(['OK', 'ALARM']);
  });
});
