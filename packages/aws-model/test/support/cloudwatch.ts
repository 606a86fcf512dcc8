// What tests of metrics and alarms share: a client, one usual metric, an alarm on it, and a function that hears of it.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type LocalAws, lambdaArn, openLocalAws } from './local-aws';

export const TopicArn = 'arn:aws:sns:eu-west-1:111111111111:alarms';
export const Dimensions = [{ Name: 'environment', Value: 'prod' }];
export let aws: LocalAws;
export let client: CloudWatchClient;
export let received: { Records: { Sns: { Subject: string; Message: string } }[] }[];

beforeEach(async () => {
  aws = await openLocalAws({ knobs: { metricDelaysMs: { logs: 0, putMetricData: 0, services: 0 } } });
  client = new CloudWatchClient(aws.as('server'));
  received = [];
  aws.addFunction('revoke', event => void received.push(event));
  aws.model.topics.addTopic({ name: 'alarms' });
  aws.model.topics.subscribe({ topicArn: TopicArn, protocol: 'lambda', endpoint: lambdaArn('revoke') });
});
afterEach(() => aws.close());

export const put = (Value: number, extra = {}) =>
  client.send(
    new PutMetricDataCommand({
      Namespace: 'Keyturn',
      MetricData: [
        {
          MetricName: 'AuthFailures',
          Dimensions,
          Value,
          Unit: 'Count',
          Timestamp: aws.clock.now(),
          ...extra,
        },
      ],
    }),
  );
export const failures = {
  Namespace: 'Keyturn',
  MetricName: 'AuthFailures',
  Dimensions,
  Statistic: 'Sum',
  Period: 60,
};
export const addAlarm = (properties: object = {}) =>
  aws.model.cloudWatch.addMetricAlarm({
    AlarmName: 'auth',
    ...failures,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 5,
    EvaluationPeriods: 1,
    AlarmActions: [TopicArn],
    TreatMissingData: 'notBreaching',
    ...properties,
  });
export const state = (name = 'auth') => aws.model.cloudWatch.alarm(name)!.state.value;
export const messages = () => received.map(event => JSON.parse(event.Records[0]!.Sns.Message));
