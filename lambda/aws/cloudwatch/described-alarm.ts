// What CloudWatch itself says of an alarm.
import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type Dimension,
} from '@aws-sdk/client-cloudwatch';
import { minuteMs } from '../../../core/time';
import type { DescribedAlarm } from './alarm-check';
import type { AlarmMessage } from './alarm-message';

const aroundMs = 2 * minuteMs;

/** @returns `undefined` where there is no such alarm */
export async function describeAlarm(
  cloudWatch: CloudWatchClient,
  { name, changedAt }: AlarmMessage,
): Promise<DescribedAlarm | undefined> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const [metric] = MetricAlarms;
  const [composite] = CompositeAlarms;
  const found = metric ?? composite;
  if (!found?.AlarmArn) return undefined;
  const since =
    found.StateValue === 'ALARM'
      ? (found.StateTransitionedTimestamp ?? found.StateUpdatedTimestamp)
      : undefined;
  const now = since ? [since] : [];
  const isThen = now.some(time => Math.abs(time.getTime() - changedAt.getTime()) < aroundMs);
  return {
    arn: found.AlarmArn,
    description: found.AlarmDescription,
    // A late message is about a change that only the history still knows.
    alarmedAt: isThen ? now : [...now, ...(await alarmedAround(cloudWatch, name, changedAt))],
    stateReason: found.StateReason,
    metrics: metric ? metricsOf(metric) : [],
    ...(!metric && { children: childrenOf(composite?.AlarmRule ?? '') }),
  };
}

async function alarmedAround(cloudWatch: CloudWatchClient, name: string, at: Date): Promise<Date[]> {
  const { AlarmHistoryItems = [] } = await cloudWatch.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: name,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(at.getTime() - aroundMs),
      EndDate: new Date(at.getTime() + aroundMs),
    }),
  );
  const toAlarm = AlarmHistoryItems.filter(({ HistoryData = '{}' }) => {
    const { newState } = JSON.parse(HistoryData) as { newState?: { stateValue?: string } };
    return newState?.stateValue === 'ALARM';
  });
  return toAlarm.flatMap(({ Timestamp }) => Timestamp ?? []);
}

interface AlarmMetrics {
  Namespace?: string;
  Dimensions?: Dimension[];
  Metrics?: { MetricStat?: { Metric?: { Namespace?: string; Dimensions?: Dimension[] } } }[];
}

function metricsOf({ Namespace, Dimensions, Metrics }: AlarmMetrics): DescribedAlarm['metrics'] {
  const inMath = (Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  const all = Namespace ? [{ Namespace, Dimensions }, ...inMath] : inMath;
  return all.map(metric => ({
    namespace: metric.Namespace,
    dimensions: Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  }));
}

/** `ALARM("name") OR ALARM("arn:aws:cloudwatch:...:alarm:name")`: the names. */
function childrenOf(rule: string): string[] {
  const [first = '', ...parts] = rule.split('(');
  let before = first;
  return parts.flatMap(part => {
    const isState = /(ALARM|OK|INSUFFICIENT_DATA)$/.test(before);
    before = part;
    const end = part.indexOf(')');
    const child = part.slice(0, Math.max(end, 0)).replaceAll('"', '').trim();
    if (!isState || !child) return [];
    return child.startsWith('arn:') ? child.split(':').slice(6).join(':') : child;
  });
}
