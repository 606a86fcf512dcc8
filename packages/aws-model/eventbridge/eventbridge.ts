// The default event bus: rules by pattern and by schedule, delivery to targets with retries, dead letters.

import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { dayMs, hourMs, minuteMs } from '../clock/time';
import type { Virtual } from '../clock/virtual';
import { arnIn } from '../shared/arn';
import { parseAwsCron } from '../shared/aws-cron';
import { type AwsEvent, isRead, seconds } from '../shared/aws-event';
import { addToNewest } from '../shared/newest';
import type { Deliver } from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import type { Access } from '../wire/access';
import { AwsError, NotModelled } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { type EventPattern, isRecord, matchesPattern } from './event-pattern';
import { checkEventPattern, PatternRefused } from './pattern-check';
import { countOfRule, createRuleDelivery, type RuleTarget } from './rule-delivery';

export interface RuleFromTemplate {
  name: string;
  eventPattern?: EventPattern;
  /** rate(...) or cron(...) */
  scheduleExpression?: string;
  /** @default ENABLED */
  state?: 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  targets: RuleTarget[];
}

export interface EventBridge {
  readonly service: Service;
  addRule(rule: RuleFromTemplate): void;
  removeRule(name: string): void;
  /** An event of AWS itself, or one put by PutEvents: given to every rule that matches. */
  publish(event: AwsEvent): void;
  /** An event of another bus, for whose rule somebody gives it. */
  receive: Deliver;
  /** The newest events that reached the bus; `onEvent` is told of all. */
  readonly events: readonly AwsEvent[];
}

type Rule = RuleFromTemplate & { arn: string };

const maxRequestBytes = 256 * 1024;

const entry = z.strictObject({
  Source: z.string().max(256).optional(),
  DetailType: z.string().max(128).optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  Time: z.number().optional(),
  EventBusName: z.string().optional(),
});

export function createEventBridge(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  access: Access;
  deliver: Deliver;
  recordMetric: RecordMetric;
  onEvent?: (event: AwsEvent) => void;
}): EventBridge {
  const { virtual, account, region } = parts;
  const rules = new Map<string, Rule>();
  const events: AwsEvent[] = [];
  const busArn = arnIn(parts, 'events', 'event-bus/default');

  const count = countOfRule(parts.recordMetric);
  const send = createRuleDelivery({ ...parts, count });

  function fire(rule: Rule, event: AwsEvent): void {
    count(rule, 'MatchedEvents');
    for (const target of rule.targets) send(rule, target, event);
  }

  function publish(event: AwsEvent): void {
    addToNewest(events, event);
    parts.onEvent?.(event);
    for (const rule of rules.values()) {
      if (rule.eventPattern && listens(rule, event) && matchesPattern(rule.eventPattern, event))
        fire(rule, event);
    }
  }

  function planNext(rule: Rule, scheduleExpression: string): void {
    const at = nextRun(scheduleExpression, virtual.now());
    if (!at) return;
    virtual.schedule(at, `schedule of ${rule.name}`, () => {
      if (rules.get(rule.name) !== rule) return;
      if (rule.state !== 'DISABLED') fire(rule, newEvent('aws.events', 'Scheduled Event', {}, [rule.arn]));
      planNext(rule, scheduleExpression);
    });
  }

  function newEvent(
    source: string,
    detailType: string,
    detail: Record<string, unknown>,
    resources: string[],
    at = virtual.now(),
  ): AwsEvent {
    const time = seconds(at);
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account,
      time,
      region,
      resources,
      detail,
    };
  }

  function putEntry(call: Call, input: z.output<typeof entry>) {
    const { Source, DetailType, Detail, Resources = [], Time, EventBusName = 'default' } = input;
    if (EventBusName !== 'default' && EventBusName !== busArn) {
      throw new NotModelled(
        `an event was put on the bus ${EventBusName}; the model has the default bus only`,
      );
    }
    parts.access.permit(call, {
      action: 'events:PutEvents',
      resource: busArn,
      context: { 'events:source': Source, 'events:detail-type': DetailType },
    });
    if (!Source) return missing('Source');
    if (!DetailType) return missing('DetailType');
    if (!Detail) return missing('Detail');
    if (Source.startsWith('aws.'))
      return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
    const detail = objectIn(Detail);
    if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
    const at = Time === undefined ? undefined : new Date(Time * 1000);
    const event = newEvent(Source, DetailType, detail, Resources, at);
    publish(event);
    return { EventId: event.id };
  }

  return {
    service: {
      name: 'events',
      protocol: awsJson('1.1'),
      operations: {
        PutEvents: operation(
          z.strictObject({ Entries: z.array(entry).min(1).max(10) }),
          ({ Entries }, call) => {
            if (Entries.reduce((bytes, one) => bytes + sizeOf(one), 0) > maxRequestBytes) {
              throw new AwsError(
                'ValidationException',
                'Total size of the entries in the request is over the limit.',
              );
            }
            const results = Entries.map(one => putEntry(call, one));
            return {
              FailedEntryCount: results.filter(result => 'ErrorCode' in result).length,
              Entries: results,
            };
          },
        ),
        TestEventPattern: operation(
          z.strictObject({ EventPattern: z.string(), Event: z.string() }),
          input => {
            const pattern = storedPattern(jsonIn(input.EventPattern));
            const event = jsonIn(input.Event);
            const whole = ['id', 'account', 'source', 'time', 'region', 'detail-type'];
            if (!isRecord(event) || whole.some(name => !(name in event)))
              throw new AwsError('ValidationException', 'Parameter Event is not valid.');
            return { Result: matchesPattern(pattern, event) };
          },
        ),
      },
    },
    addRule(template) {
      checkRule(template);
      const rule = { ...template, arn: arnIn(parts, 'events', `rule/${template.name}`) };
      rules.set(rule.name, rule);
      if (rule.scheduleExpression) planNext(rule, rule.scheduleExpression);
    },
    removeRule: name => void rules.delete(name),
    receive(targetArn, { body }, { caller }) {
      if (targetArn !== busArn)
        throw new NotModelled(`an event was sent to ${targetArn}; the model has the bus ${busArn} only`);
      const event = JSON.parse(body) as AwsEvent;
      const context = { 'events:source': event.source, 'events:detail-type': event['detail-type'] };
      const decision = parts.access.decide(caller, { action: 'events:PutEvents', resource: busArn, context });
      if (!decision.allowed) return { code: 'NO_PERMISSIONS', message: decision.message, retryable: false };
      publish(event);
      return 'delivered';
    },
    publish,
    events,
  };
}

/** Reads that CloudTrail saw reach only rules that ask for all management events. */
function listens(rule: Rule, event: AwsEvent): boolean {
  const { state = 'ENABLED' } = rule;
  if (state === 'DISABLED') return false;
  const read =
    event['detail-type'] === 'AWS API Call via CloudTrail' && isRead(String(event.detail.eventName));
  return !read || state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
}

function nextRun(expression: string, now: Date): Date | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (!rate) return parseAwsCron(expression).next(now);
  const unitMs = { minute: minuteMs, hour: hourMs, day: dayMs }[rate[2] as 'minute' | 'hour' | 'day'];
  return new Date(now.getTime() + Number(rate[1]) * unitMs);
}

/** @throws {AwsError} what PutRule and PutTargets refuse */
function checkRule({ eventPattern, scheduleExpression, targets }: RuleFromTemplate): void {
  if (eventPattern) storedPattern(eventPattern);
  else if (!scheduleExpression) {
    throw new AwsError(
      'ValidationException',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    );
  }
  if (targets.length > 5) {
    throw new AwsError(
      'LimitExceededException',
      'The requested resource exceeds the maximum number allowed.',
    );
  }
}

/** @throws {AwsError} InvalidEventPatternException, for a pattern that AWS does not store */
function storedPattern(pattern: unknown): EventPattern {
  try {
    return checkEventPattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternRefused)) throw error;
    throw new AwsError(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${error.message}`,
    );
  }
}

/** How AWS counts an entry towards the limit of a request. */
function sizeOf({ Time, Source, DetailType, Detail, Resources = [] }: z.output<typeof entry>): number {
  const texts = [Source, DetailType, Detail, ...Resources].map(text => Buffer.byteLength(text ?? ''));
  return texts.reduce((sum, bytes) => sum + bytes, Time === undefined ? 0 : 14);
}

function objectIn(text: string): Record<string, unknown> | undefined {
  const value = jsonIn(text);
  return isRecord(value) ? value : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(parameter: string) {
  return refused(
    'InvalidArgument',
    `Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`,
  );
}

function refused(ErrorCode: string, ErrorMessage: string) {
  return { ErrorCode, ErrorMessage };
}
