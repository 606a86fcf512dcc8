// What an alarm tells: the message to SNS, the event for a function, the event on the bus. Three shapes of the same thing.
import type { ServiceMessage } from '../../shared/service-delivery';
import { dimensionRecord, type MetricDataQuery } from '../metrics/queries';
import { type CompositeAlarmProperties, type MetricAlarm, singleMetric } from './alarm-definition';
import type { AlarmState } from './alarm-evaluation';
import { withOffset } from './alarm-reason';

export interface StateOf {
  value: AlarmState;
  reason: string;
  reasonData?: string | undefined;
  at: Date;
}

export interface Transition {
  arn: string;
  definition:
    | { kind: 'metric'; alarm: MetricAlarm }
    | { kind: 'composite'; properties: CompositeAlarmProperties; children: TriggeringChild[] };
  configuredAt: Date;
  from: StateOf;
  to: StateOf;
}

export interface TriggeringChild {
  Arn: string;
  State: { Value: AlarmState; Timestamp: string };
}

/** CloudWatch names regions for people. */
const longNames: Record<string, string> = {
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-2': 'US West (Oregon)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
};

export function snsNotice(transition: Transition): ServiceMessage {
  const { arn, definition, configuredAt, from, to } = transition;
  const properties = propertiesOf(transition);
  const { region, account } = homeOf(arn);
  const longName = longNames[region] ?? region;
  const message = {
    AlarmName: properties.AlarmName,
    AlarmDescription: properties.AlarmDescription ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: withOffset(configuredAt),
    NewStateValue: to.value,
    NewStateReason: to.reason,
    StateChangeTime: withOffset(to.at),
    Region: longName,
    AlarmArn: arn,
    OldStateValue: from.value,
    ActionExecutedAfterMuteWindow: false,
    OKActions: properties.OKActions,
    AlarmActions: properties.AlarmActions,
    InsufficientDataActions: properties.InsufficientDataActions,
    ...(definition.kind === 'metric'
      ? { Trigger: triggerOf(definition.alarm) }
      : { AlarmRule: definition.properties.AlarmRule, TriggeringChildren: definition.children }),
  };
  const short = `${to.value}: "${properties.AlarmName}" in ${longName}`;
  return {
    subject: short.slice(0, 100),
    body: JSON.stringify(message),
    bodyByProtocol: { email: mailOf(transition, longName), sms: short },
  };
}

/** For a function as a direct action: other casing, dimensions as a map. */
export function lambdaNotice(transition: Transition): unknown {
  const { arn, from, to } = transition;
  const { region, account } = homeOf(arn);
  return {
    source: 'aws.cloudwatch',
    alarmArn: arn,
    accountId: account,
    time: withOffset(to.at),
    region,
    alarmData: {
      alarmName: propertiesOf(transition).AlarmName,
      state: stateShown(to),
      previousState: stateShown(from),
      configuration: configurationOf(transition),
    },
  };
}

export function busDetail(transition: Transition): Record<string, unknown> {
  return {
    alarmName: propertiesOf(transition).AlarmName,
    configuration: configurationOf(transition),
    state: stateShown(transition.to),
    previousState: stateShown(transition.from),
  };
}

function homeOf(arn: string): { region: string; account: string } {
  const [, region, account] = /^arn:[\w-]+:cloudwatch:([\w-]+):(\d+):alarm:/.exec(arn) ?? [];
  if (!region || !account) throw new Error(`${arn} is not the ARN of an alarm`);
  return { region, account };
}

export function propertiesOf({
  definition,
}: {
  definition:
    | { kind: 'metric'; alarm: MetricAlarm }
    | { kind: 'composite'; properties: CompositeAlarmProperties };
}) {
  return definition.kind === 'metric' ? definition.alarm.properties : definition.properties;
}

function stateShown({ value, reason, reasonData, at }: StateOf) {
  return { value, reason, ...(reasonData && { reasonData }), timestamp: withOffset(at) };
}

function triggerOf({ properties, periodMs }: MetricAlarm): Record<string, unknown> {
  const { Metrics, Threshold, ThresholdMetricId, DatapointsToAlarm } = properties;
  const comparison = {
    Period: periodMs / 1000,
    EvaluationPeriods: properties.EvaluationPeriods,
    ...(DatapointsToAlarm !== undefined && { DatapointsToAlarm }),
    ComparisonOperator: properties.ComparisonOperator,
    ...(ThresholdMetricId ? { ThresholdMetricId } : { Threshold }),
    TreatMissingData: properties.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: '',
  };
  if (Metrics) return { ...comparison, Metrics: Metrics.map(metricShown) };
  const { Metric, Stat, Unit = null } = singleMetric(properties);
  return {
    MetricName: Metric.MetricName,
    Namespace: Metric.Namespace,
    StatisticType: 'Statistic',
    Statistic: Stat.toUpperCase(),
    Unit,
    Dimensions: (Metric.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
    ...comparison,
  };
}

/** In messages, dimensions have small names. */
function metricShown({ Id, Expression, Label, MetricStat, ReturnData = true }: MetricDataQuery) {
  if (!MetricStat) return { Expression, Id, ...(Label && { Label }), ReturnData };
  const { Metric, Period, Stat } = MetricStat;
  const Dimensions = (Metric.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name }));
  return {
    Id,
    MetricStat: {
      Metric: { Dimensions, MetricName: Metric.MetricName, Namespace: Metric.Namespace },
      Period,
      Stat,
    },
    ReturnData,
  };
}

function configurationOf(transition: Transition): Record<string, unknown> {
  const { definition } = transition;
  const { AlarmDescription } = propertiesOf(transition);
  const description = AlarmDescription !== undefined && { description: AlarmDescription };
  if (definition.kind === 'composite') return { ...description, alarmRule: definition.properties.AlarmRule };
  const { alarm } = definition;
  const metrics = (alarm.properties.Metrics ?? alarm.read.queries).map(
    ({ Id, Expression, Label, MetricStat, ReturnData = true }) => {
      if (!MetricStat)
        return { id: Id, expression: Expression, ...(Label && { label: Label }), returnData: ReturnData };
      const { Metric, Period, Stat } = MetricStat;
      const metric = {
        namespace: Metric.Namespace,
        name: Metric.MetricName,
        dimensions: dimensionRecord(Metric.Dimensions),
      };
      return { id: Id, metricStat: { metric, period: Period, stat: Stat }, returnData: ReturnData };
    },
  );
  return { ...description, metrics };
}

function mailOf(transition: Transition, longName: string): string {
  const { arn, from, to } = transition;
  const { AlarmName, AlarmDescription = '' } = propertiesOf(transition);
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${AlarmName}" in the ${longName} region has entered the ${to.value} state, because "${to.reason}" at "${to.at.toUTCString()}".`,
    '',
    'Alarm Details:',
    `- Name: ${AlarmName}`,
    `- Description: ${AlarmDescription}`,
    `- State Change: ${from.value} -> ${to.value}`,
    `- Reason for State Change: ${to.reason}`,
    `- Timestamp: ${to.at.toUTCString()}`,
    `- AWS Account: ${homeOf(arn).account}`,
    `- Alarm Arn: ${arn}`,
  ].join('\n');
}
