// From a rule to one target: retries of what may pass, dead letters for the rest.

import { minuteMs } from '../clock/time';
import type { Virtual } from '../clock/virtual';
import type { AwsEvent } from '../shared/aws-event';
import { asRole, asService, type Deliver } from '../shared/service-delivery';
import type { RecordMetric } from '../shared/service-metric';
import { type TargetInput, targetInput } from './target-input';

export interface RuleTarget extends TargetInput {
  id: string;
  arn: string;
  /** With whose permissions it is given to a bus of another region. @default - EventBridge acts as itself */
  roleArn?: string | undefined;
  /** @default 185 attempts within 86400 seconds */
  retryPolicy?: { maximumRetryAttempts?: number; maximumEventAgeInSeconds?: number };
  deadLetterArn?: string;
}

export interface NamedRule {
  name: string;
  arn: string;
}

export type CountOfRule = (rule: NamedRule, metric: string) => void;

const firstRetryMs = 1000;
const longestBackoffMs = 10 * minuteMs;

export function createRuleDelivery(parts: { virtual: Virtual; deliver: Deliver; count: CountOfRule }) {
  const { virtual, count } = parts;
  const after = (ms: number) => new Date(virtual.now().getTime() + ms);

  return (rule: NamedRule, target: RuleTarget, event: AwsEvent): void => {
    const body = targetInput(target, event, rule);
    const itself = asService('events.amazonaws.com', rule.arn);
    const by = target.roleArn ? asRole(target.roleArn, rule.arn) : itself;
    const { maximumRetryAttempts = 185, maximumEventAgeInSeconds = 86_400 } = target.retryPolicy ?? {};
    const givenUpAt = after(maximumEventAgeInSeconds * 1000);

    function attempt(retries: number): void {
      const outcome = parts.deliver(target.arn, { body }, by);
      if (outcome === 'delivered') {
        count(rule, 'Invocations');
        return;
      }
      const retryAt = after(Math.min(longestBackoffMs, firstRetryMs * 2 ** retries));
      if (outcome.retryable && retries < maximumRetryAttempts && retryAt <= givenUpAt) {
        virtual.schedule(retryAt, `retry of ${rule.name} to ${target.arn}`, () => attempt(retries + 1));
        return;
      }
      count(rule, 'FailedInvocations');
      if (target.deadLetterArn) bury(target.deadLetterArn, outcome, retries);
    }

    function bury(
      queueArn: string,
      problem: { code: string; message: string; retryable: boolean },
      retries: number,
    ): void {
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      const exhausted = retries >= maximumRetryAttempts ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds';
      const attributes = {
        RULE_ARN: text(rule.arn),
        TARGET_ARN: text(target.arn),
        ERROR_CODE: text(problem.code),
        ERROR_MESSAGE: text(problem.message),
        RETRY_ATTEMPTS: text(String(retries)),
        ...(problem.retryable && { EXHAUSTED_RETRY_CONDITION: text(exhausted) }),
      };
      const outcome = parts.deliver(queueArn, { body, attributes }, itself);
      count(rule, outcome === 'delivered' ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq');
    }

    virtual.schedule(virtual.now(), `${rule.name} to ${target.arn}`, () => attempt(0));
  };
}

export function countOfRule(recordMetric: RecordMetric): CountOfRule {
  return (rule, name) =>
    recordMetric({
      namespace: 'AWS/Events',
      name,
      dimensions: { RuleName: rule.name },
      value: 1,
      unit: 'Count',
    });
}
