// Alarms: what each watches, its state, and what happens when that changes: history, an event on the bus, actions.

import { dayMs, minuteMs } from '../../clock/time';
import type { Random, Virtual } from '../../clock/virtual';
import { arnIn } from '../../shared/arn';
import { type AwsEvent, seconds } from '../../shared/aws-event';
import { uuid } from '../../shared/identifiers';
import { asService, type Deliver } from '../../shared/service-delivery';
import { NotModelled } from '../../wire/aws-error';
import type { MetricStore } from '../metrics/metric-store';
import {
  actionsOf,
  type CompositeAlarmProperties,
  type MetricAlarm,
  readCompositeAlarm,
  readMetricAlarm,
} from './alarm-definition';
import { createLook } from './alarm-look';
import {
  busDetail,
  lambdaNotice,
  propertiesOf,
  type StateOf,
  snsNotice,
  type Transition,
  type TriggeringChild,
} from './alarm-notice';
import { initialReason, reasonData, reasonFor, withOffset } from './alarm-reason';
import { type AlarmRule, readAlarmRule } from './alarm-rule';
import { createAlarmWatch } from './alarm-watch';

export interface Alarm {
  arn: string;
  name: string;
  configuredAt: Date;
  state: StateOf;
  actionsEnabled: boolean;
  definition: AlarmDefinition;
}

type AlarmDefinition =
  | { kind: 'metric'; alarm: MetricAlarm }
  | { kind: 'composite'; properties: CompositeAlarmProperties; rule: AlarmRule };

export interface HistoryItem {
  at: Date;
  alarm: Alarm;
  type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  summary: string;
  data: unknown;
}

export interface AlarmKnobs {
  /** How many points are fetched for N: AWS fetches more than N, and does not say how many. */
  evaluationRange(evaluationPeriods: number): number;
  /** AWS looks every minute. Milliseconds. */
  evaluateEveryMs(): number;
}

export const defaultAlarmKnobs: AlarmKnobs = {
  evaluationRange: periods => periods + 2,
  evaluateEveryMs: () => minuteMs,
};

export interface Alarms {
  /** Properties of AWS::CloudWatch::Alarm. @returns its ARN */
  addMetricAlarm(template: object): string;
  /** Properties of AWS::CloudWatch::CompositeAlarm. @returns its ARN */
  addCompositeAlarm(template: object): string;
  remove(name: string): void;
  all(): Alarm[];
  find(nameOrArn: string): Alarm | undefined;
  actsOnAlarm(name: string): boolean;
  setState(alarm: Alarm, state: StateOf): void;
  dataArrived(metricId: string, at: Date): void;
  readonly history: readonly HistoryItem[];
}

const historyKeptMs = 30 * dayMs;

export function createAlarms(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  store: MetricStore;
  deliver: Deliver;
  publish(event: AwsEvent): void;
  knobs: AlarmKnobs;
}): Alarms {
  const { virtual, knobs, region, account } = parts;
  const alarms = new Map<string, Alarm>();
  const history: HistoryItem[] = [];
  const lookAt = createLook({ ...parts, ...knobs });
  const watch = createAlarmWatch<Alarm>({ virtual, ...knobs, look });

  function look(alarm: Alarm): void {
    if (alarm.definition.kind !== 'metric') return;
    const definition = alarm.definition.alarm;
    const { value, points } = lookAt(definition, alarm.state.value);
    if (value === alarm.state.value) return;
    const at = virtual.now();
    const reason = reasonFor(definition, value, points);
    enter(alarm, { value, at, reason, reasonData: reasonData(definition, points, at) });
  }

  function enter(alarm: Alarm, to: StateOf): void {
    const from = alarm.state;
    alarm.state = to;
    const transition = transitionOf(alarm, from, to);
    note(alarm, 'StateUpdate', `Alarm updated from ${from.value} to ${to.value}`, {
      version: '1.0',
      oldState: { stateValue: from.value, stateReason: from.reason },
      newState: { stateValue: to.value, stateReason: to.reason },
    });
    parts.publish({
      version: '0',
      id: uuid(parts.random),
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account,
      time: seconds(to.at),
      region,
      resources: [alarm.arn],
      detail: busDetail(transition),
    });
    if (alarm.actionsEnabled) {
      for (const target of propertiesOf(alarm)[actionsOf[to.value]]) act(transition, alarm, target);
    }
    for (const parent of alarms.values()) lookComposite(parent, alarm);
  }

  function act(transition: Transition, alarm: Alarm, target: string): void {
    const service = target.split(':')[2];
    if (service !== 'sns' && service !== 'lambda') {
      throw new NotModelled(`${alarm.name} acts on ${target}; the model has actions on topics and functions`);
    }
    const parcel =
      service === 'sns' ? snsNotice(transition) : { body: JSON.stringify(lambdaNotice(transition)) };
    const principal =
      service === 'sns' ? 'cloudwatch.amazonaws.com' : 'lambda.alarms.cloudwatch.amazonaws.com';
    const outcome = parts.deliver(target, parcel, asService(principal, alarm.arn));
    const failure = outcome === 'delivered' ? null : `${outcome.message} (${outcome.code})`;
    const summary = failure
      ? `Failed to execute action ${target}. Received error: "${failure}"`
      : `Successfully executed action ${target}`;
    note(alarm, 'Action', summary, {
      actionState: failure ? 'Failed' : 'Succeeded',
      stateUpdateTimestamp: transition.to.at.getTime(),
      notificationResource: target,
      publishedMessage: failure ? null : parcel.body,
      error: failure,
    });
  }

  /** A composite alarm changes only when one of its children does. */
  function lookComposite(parent: Alarm, child: Alarm): void {
    if (parent.definition.kind !== 'composite') return;
    const { rule } = parent.definition;
    if (!rule.children.some(name => find(name) === child)) return;
    const value = rule.holds(name => find(name)?.state.value) ? 'ALARM' : 'OK';
    if (value === parent.state.value) return;
    const reason = `${child.arn} transitioned to ${child.state.value} at ${child.state.at.toUTCString()}`;
    const triggering = {
      arn: child.arn,
      state: { value: child.state.value, timestamp: withOffset(child.state.at) },
    };
    const reasonData = JSON.stringify({ triggeringAlarms: [triggering] });
    enter(parent, { value, reason, reasonData, at: virtual.now() });
  }

  function transitionOf({ arn, configuredAt, definition }: Alarm, from: StateOf, to: StateOf): Transition {
    if (definition.kind === 'metric') return { arn, configuredAt, definition, from, to };
    const children = definition.rule.children.flatMap((name): TriggeringChild[] => {
      const child = find(name);
      if (!child) return [];
      return [{ Arn: child.arn, State: { Value: child.state.value, Timestamp: withOffset(child.state.at) } }];
    });
    return { arn, configuredAt, definition: { ...definition, children }, from, to };
  }

  function note(alarm: Alarm, type: HistoryItem['type'], summary: string, data: unknown): void {
    const at = virtual.now();
    history.push({ at, alarm, type, summary, data });
    const old = history.findIndex(item => at.getTime() - item.at.getTime() < historyKeptMs);
    history.splice(0, old);
  }

  function find(nameOrArn: string): Alarm | undefined {
    return alarms.get(nameOrArn) ?? alarms.get(nameOrArn.split(':alarm:')[1] ?? '');
  }

  function add(name: string, actionsEnabled: boolean, definition: AlarmDefinition): Alarm {
    const at = virtual.now();
    const before = alarms.get(name);
    if (before) watch.forget(before);
    const arn = arnIn({ account, region }, 'cloudwatch', `alarm:${name}`);
    // An update keeps the state.
    const state: StateOf = before?.state ?? { value: 'INSUFFICIENT_DATA', reason: initialReason, at };
    const alarm = { arn, name, configuredAt: at, state, actionsEnabled, definition };
    alarms.set(name, alarm);
    note(alarm, 'ConfigurationUpdate', `Alarm "${name}" ${before ? 'updated' : 'created'}`, {});
    return alarm;
  }

  return {
    addMetricAlarm(template) {
      const definition = readMetricAlarm(template);
      const { AlarmName, ActionsEnabled } = definition.properties;
      const alarm = add(AlarmName, ActionsEnabled, { kind: 'metric', alarm: definition });
      watch.add(alarm, definition);
      return alarm.arn;
    },
    addCompositeAlarm(template) {
      const properties = readCompositeAlarm(template);
      const rule = readAlarmRule(properties.AlarmRule);
      const alarm = add(properties.AlarmName, properties.ActionsEnabled, {
        kind: 'composite',
        properties,
        rule,
      });
      virtual.schedule(virtual.now(), `first look at ${alarm.name}`, () => {
        const child = find(rule.children[0] ?? '');
        if (child) lookComposite(alarm, child);
      });
      return alarm.arn;
    },
    remove(name) {
      const alarm = alarms.get(name);
      if (alarm) watch.forget(alarm);
      alarms.delete(name);
    },
    all: () => [...alarms.values()],
    find,
    actsOnAlarm(name) {
      const alarm = find(name);
      return alarm !== undefined && propertiesOf(alarm)[actionsOf.ALARM].length > 0;
    },
    setState(alarm, state) {
      if (state.value !== alarm.state.value) enter(alarm, state);
      // The next evaluation puts a metric alarm back to where its data say.
      if (alarm.definition.kind === 'metric')
        watch.wake(alarm, alarm.definition.alarm, virtual.now().getTime());
    },
    dataArrived: watch.dataArrived,
    history,
  };
}
