import { DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import {
  addAlarm,
  aws,
  client,
  Dimensions,
  messages,
  put,
  received,
  state,
  TopicArn,
} from './support/cloudwatch';
import { lambdaArn, minutes } from './support/local-aws';

describe('a metric alarm tells', () => {
  test('SNS, in the recorded shape', async () => {
    addAlarm({
      AlarmName: 'keyturn-prod-auth-failures.sendgrid.bot.main',
      AlarmDescription: 'words',
      DatapointsToAlarm: 1,
      TreatMissingData: 'ignore',
      Unit: 'Count',
    });
    await put(21.5);
    await aws.passMs(minutes(1));
    expect(received[0]!.Records[0]!.Sns.Subject).toBe(
      'ALARM: "keyturn-prod-auth-failures.sendgrid.bot.main" in EU (Ireland)',
    );
    expect(messages()).toEqual([
      {
        AlarmName: 'keyturn-prod-auth-failures.sendgrid.bot.main',
        AlarmDescription: 'words',
        AWSAccountId: '111111111111',
        AlarmConfigurationUpdatedTimestamp: '2026-11-23T00:00:00.000+0000',
        NewStateValue: 'ALARM',
        NewStateReason:
          'Threshold Crossed: 1 datapoint [21.5 (23/11/26 00:00:00)] was greater than the threshold (5.0).',
        StateChangeTime: '2026-11-23T00:01:00.000+0000',
        Region: 'EU (Ireland)',
        AlarmArn:
          'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:keyturn-prod-auth-failures.sendgrid.bot.main',
        OldStateValue: 'INSUFFICIENT_DATA',
        ActionExecutedAfterMuteWindow: false,
        OKActions: [],
        AlarmActions: [TopicArn],
        InsufficientDataActions: [],
        Trigger: {
          MetricName: 'AuthFailures',
          Namespace: 'Keyturn',
          StatisticType: 'Statistic',
          Statistic: 'SUM',
          Unit: 'Count',
          Dimensions: [{ value: 'prod', name: 'environment' }],
          Period: 60,
          EvaluationPeriods: 1,
          DatapointsToAlarm: 1,
          ComparisonOperator: 'GreaterThanThreshold',
          Threshold: 5,
          TreatMissingData: 'ignore',
          EvaluateLowSampleCountPercentile: '',
        },
      },
    ]);
  });

  test('the math and its metrics, without the single-metric fields in its message', async () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Keyturn', MetricName, Dimensions }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    aws.model.cloudWatch.addMetricAlarm({
      AlarmName: 'ratio',
      Metrics: [
        { Id: 'expr_1', Expression: '100 * m1 / m2', Label: 'ratio' },
        metric('m1', 'AuthFailures'),
        metric('m2', 'Requests'),
      ],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 50,
      EvaluationPeriods: 1,
      AlarmActions: [TopicArn],
    });
    await put(5);
    await put(10, { MetricName: 'Requests' });
    await aws.passMs(minutes(1));
    expect(state('ratio')).toBe('ALARM');
    const { Trigger } = messages()[0];
    expect(Trigger).not.toHaveProperty('MetricName');
    expect(Trigger).toMatchObject({
      Period: 60,
      Threshold: 50,
      Metrics: [
        { Expression: '100 * m1 / m2', Id: 'expr_1', Label: 'ratio', ReturnData: true },
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Dimensions: [{ value: 'prod', name: 'environment' }],
              MetricName: 'AuthFailures',
              Namespace: 'Keyturn',
            },
            Period: 60,
            Stat: 'Sum',
          },
          ReturnData: false,
        },
        { Id: 'm2' },
      ],
    });
  });

  test('nobody where it may not, and writes that down', async () => {
    aws.rules.decide = ({ action, caller }) =>
      action === 'sns:Publish' && caller.service === 'cloudwatch.amazonaws.com'
        ? { allowed: false, message: 'no' }
        : { allowed: true };
    addAlarm();
    await put(9);
    await aws.passMs(minutes(1));
    expect(messages()).toEqual([]);
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'auth', HistoryItemType: 'Action' }),
    );
    expect(AlarmHistoryItems![0]!.HistorySummary).toContain('not authorized to perform: SNS:Publish');
    expect(JSON.parse(AlarmHistoryItems![0]!.HistoryData!)).toMatchObject({
      actionState: 'Failed',
      notificationResource: TopicArn,
    });
  });

  test('the bus, whether it has actions or not', async () => {
    const events: unknown[] = [];
    aws.addFunction('watch', event => void events.push(event));
    aws.model.eventBridge.addRule({
      name: 'states',
      eventPattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
      targets: [{ id: 't', arn: lambdaArn('watch') }],
    });
    addAlarm({ AlarmActions: [] });
    await put(9);
    await aws.passMs(minutes(1));
    expect(events).toMatchObject([
      {
        resources: ['arn:aws:cloudwatch:eu-west-1:111111111111:alarm:auth'],
        detail: {
          alarmName: 'auth',
          state: { value: 'ALARM' },
          previousState: { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation' },
          configuration: {
            metrics: [
              {
                metricStat: {
                  metric: { namespace: 'Keyturn', name: 'AuthFailures', dimensions: { environment: 'prod' } },
                },
              },
            ],
          },
        },
      },
    ]);
  });

  test('a function directly, in another shape', async () => {
    const events: unknown[] = [];
    aws.addFunction('direct', event => void events.push(event));
    addAlarm({ AlarmActions: [lambdaArn('direct')] });
    await put(9);
    await aws.passMs(minutes(1));
    expect(events).toMatchObject([
      {
        source: 'aws.cloudwatch',
        alarmArn: 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:auth',
        accountId: '111111111111',
        region: 'eu-west-1',
        time: '2026-11-23T00:01:00.000+0000',
        alarmData: {
          alarmName: 'auth',
          state: { value: 'ALARM' },
          previousState: { value: 'INSUFFICIENT_DATA' },
        },
      },
    ]);
    expect(aws.asked.at(-1)).toMatchObject({
      caller: { service: 'lambda.alarms.cloudwatch.amazonaws.com' },
      action: 'lambda:InvokeFunction',
    });
  });
});
