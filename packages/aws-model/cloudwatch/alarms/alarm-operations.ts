// DescribeAlarms, DescribeAlarmHistory, SetAlarmState, EnableAlarmActions and DisableAlarmActions.

import * as z from 'zod';
import type { Virtual } from '../../clock/virtual';
import { arnIn } from '../../shared/arn';
import type { Access } from '../../wire/access';
import { AwsError } from '../../wire/aws-error';
import { type Call, type Operation, operation } from '../../wire/operation';
import type { Alarm, Alarms, HistoryItem } from './alarms';

const stateValue = z.enum(['INSUFFICIENT_DATA', 'ALARM', 'OK']);
const alarmTypes = z.array(z.enum(['MetricAlarm', 'CompositeAlarm'])).optional();
const paging = { MaxRecords: z.int().min(1).max(100).optional(), NextToken: z.string().optional() };

const describeInput = z.strictObject({
  AlarmNames: z.array(z.string()).max(100).optional(),
  AlarmNamePrefix: z.string().optional(),
  AlarmTypes: alarmTypes,
  StateValue: stateValue.optional(),
  ActionPrefix: z.string().optional(),
  ...paging,
});

const historyInput = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmTypes: alarmTypes,
  HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
  StartDate: z.number().optional(),
  EndDate: z.number().optional(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  ...paging,
});

const setInput = z.strictObject({
  AlarmName: z.string(),
  StateValue: stateValue,
  StateReason: z.string().max(1023),
  StateReasonData: z.string().max(4000).optional(),
});

export function alarmOperations(parts: {
  virtual: Virtual;
  access: Access;
  alarms: Alarms;
  account: string;
  region: string;
}): Record<string, Operation> {
  const { access, alarms, virtual } = parts;
  const arnOf = (name: string) => arnIn(parts, 'cloudwatch', `alarm:${name}`);
  const permit = (call: Call, name: string) =>
    access.permit(call, { action: `cloudwatch:${call.operation}`, resource: arnOf(name) });

  return {
    DescribeAlarms: operation(describeInput, (input, call) => {
      permit(call, '*');
      // Without types, composite alarms are not among the answers.
      const { AlarmTypes: types = ['MetricAlarm'], ActionPrefix } = input;
      const found = alarms
        .all()
        .filter(alarm => types.includes(typeOf(alarm)))
        .filter(alarm => input.AlarmNames?.includes(alarm.name) ?? true)
        .filter(alarm => alarm.name.startsWith(input.AlarmNamePrefix ?? ''))
        .filter(alarm => !input.StateValue || alarm.state.value === input.StateValue)
        .filter(alarm => !ActionPrefix || actionsIn(alarm).some(action => action.startsWith(ActionPrefix)));
      const { items, NextToken } = page(found, input);
      return {
        MetricAlarms: items.filter(alarm => typeOf(alarm) === 'MetricAlarm').map(described),
        CompositeAlarms: items.filter(alarm => typeOf(alarm) === 'CompositeAlarm').map(described),
        NextToken,
      };
    }),

    DescribeAlarmHistory: operation(historyInput, (input, call) => {
      permit(call, input.AlarmName ?? '*');
      const types = input.AlarmTypes ?? ['MetricAlarm'];
      const { StartDate = 0, EndDate = Number.POSITIVE_INFINITY } = input;
      const found = alarms.history
        .filter(({ alarm }) =>
          input.AlarmName ? alarm.name === input.AlarmName : types.includes(typeOf(alarm)),
        )
        .filter(({ type }) => !input.HistoryItemType || type === input.HistoryItemType)
        .filter(({ at }) => at.getTime() >= StartDate * 1000 && at.getTime() <= EndDate * 1000);
      if (input.ScanBy !== 'TimestampAscending') found.reverse();
      const { items, NextToken } = page(found, input);
      return { AlarmHistoryItems: items.map(historyShown), NextToken };
    }),

    SetAlarmState: operation(setInput, (input, call) => {
      permit(call, input.AlarmName);
      const alarm = alarms.find(input.AlarmName);
      if (!alarm) throw new AwsError('ResourceNotFound', '', 404);
      if (input.StateReasonData !== undefined && !isJson(input.StateReasonData))
        throw new AwsError('InvalidFormat', 'StateReasonData is invalid JSON');
      alarms.setState(alarm, {
        value: input.StateValue,
        reason: input.StateReason,
        reasonData: input.StateReasonData,
        at: virtual.now(),
      });
    }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function typeOf({ definition }: Alarm): 'MetricAlarm' | 'CompositeAlarm' {
  return definition.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
}

function actionsIn({ definition }: Alarm): string[] {
  const { AlarmActions, OKActions, InsufficientDataActions } =
    definition.kind === 'metric' ? definition.alarm.properties : definition.properties;
  return [...AlarmActions, ...OKActions, ...InsufficientDataActions];
}

function described({ arn, state, configuredAt, actionsEnabled, definition }: Alarm) {
  const { Tags: _tags, ...properties } =
    definition.kind === 'metric' ? definition.alarm.properties : definition.properties;
  return {
    ...properties,
    AlarmArn: arn,
    ActionsEnabled: actionsEnabled,
    AlarmConfigurationUpdatedTimestamp: configuredAt,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: state.at,
    StateTransitionedTimestamp: state.at,
  };
}

function historyShown({ at, alarm, type, summary, data }: HistoryItem) {
  return {
    AlarmName: alarm.name,
    AlarmType: typeOf(alarm),
    Timestamp: at,
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: JSON.stringify(data),
  };
}

function page<Item>(
  all: Item[],
  { MaxRecords = 50, NextToken }: { MaxRecords?: number | undefined; NextToken?: string | undefined },
) {
  const start = Number(NextToken ?? 0);
  const end = start + MaxRecords;
  return { items: all.slice(start, end), NextToken: end < all.length ? String(end) : undefined };
}
