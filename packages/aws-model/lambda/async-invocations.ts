// Asynchronous invocation: accepted at once, run later, retried as Lambda retries, and at last handed to whom it may concern.

import type { Caller } from '@keyturn/iam/request';
import { minuteMs } from '../clock/time';
import type { Random, Virtual } from '../clock/virtual';
import { uuid } from '../shared/identifiers';
import type { Deliver, DeliveryOutcome, Sender } from '../shared/service-delivery';
import { sourceContext } from '../shared/service-delivery';
import type { Functions, LambdaFunction } from './functions';
import type { InvocationResult } from './invocation';

export interface AsyncInvocations {
  /** Checks the sender's permission, queues the event and answers. */
  accept(functionArn: string, event: unknown, by: Sender): DeliveryOutcome;
  /** Queues an event whose sender was let in already. @returns the request id */
  queue(definition: LambdaFunction, event: unknown, by: Sender): string;
}

interface Queued {
  definition: LambdaFunction;
  event: unknown;
  by: Sender;
  requestId: string;
  acceptedAt: number;
  attempts: number;
}

type FailureCondition = 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

/** Before the second and the third attempt at a function that failed. */
const retryAfterMs = [minuteMs, 120_000];
const longestBackoffMs = 5 * minuteMs;

export function createAsyncInvocations(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  functions: Functions;
  deliver: Deliver;
  /** Chance that an event that was handled is delivered once more: Lambda promises at least once. */
  duplicateChance: number;
}): AsyncInvocations {
  const { virtual, functions, account } = parts;

  function plan(item: Queued, delayMs: number): void {
    const at = new Date(virtual.now().getTime() + delayMs);
    virtual.schedule(at, `asynchronous invocation of ${item.definition.name}`, () => attempt(item));
  }

  function planWithinAge(item: Queued, delayMs: number, result: InvocationResult): void {
    const maxAgeMs = (item.definition.maximumEventAgeSeconds ?? 21_600) * 1000;
    // Decided before waiting: an event that would be too old by then is given up at once.
    if (virtual.now().getTime() + delayMs - item.acceptedAt > maxAgeMs)
      giveUp(item, 'EventAgeExceeded', result);
    else plan(item, delayMs);
  }

  async function attempt(item: Queued): Promise<void> {
    const { definition, event, by, requestId } = item;
    const result = await functions.run(definition.arn, event, {
      principal: principalOf(by.caller),
      requestId,
    });
    if (result.ok) {
      if (parts.random() < parts.duplicateChance) plan({ ...item }, 1000);
      return;
    }
    if (definition.reservedConcurrency === 0) {
      giveUp(item, 'ZeroReservedConcurrency', result);
      return;
    }
    if (isThrottle(result)) {
      const backoffMs = Math.min(longestBackoffMs, 1000 * 2 ** item.attempts);
      planWithinAge({ ...item, attempts: item.attempts + 1 }, backoffMs, result);
      return;
    }
    const failed = { ...item, attempts: item.attempts + 1 };
    const mostAttempts = 1 + (definition.maximumRetryAttempts ?? 2);
    if (failed.attempts >= mostAttempts) giveUp(failed, 'RetriesExhausted', result);
    else planWithinAge(failed, retryAfterMs[failed.attempts - 1] ?? 0, result);
  }

  function giveUp(item: Queued, condition: FailureCondition, result: InvocationResult): void {
    const { definition, event, requestId } = item;
    const error = result.ok ? undefined : result.error;
    const sender: Sender = { caller: roleSession(definition) };
    if (definition.deadLetterArn) {
      parts.deliver(
        definition.deadLetterArn,
        {
          body: JSON.stringify(event),
          attributes: {
            RequestID: { DataType: 'String', StringValue: requestId },
            ErrorCode: { DataType: 'Number', StringValue: '200' },
            ErrorMessage: { DataType: 'String', StringValue: error?.errorMessage ?? '' },
          },
        },
        sender,
      );
    }
    if (definition.onFailureArn) {
      const record = {
        version: '1.0',
        timestamp: virtual.now().toISOString(),
        requestContext: {
          requestId,
          functionArn: `${definition.arn}:$LATEST`,
          condition,
          approximateInvokeCount: item.attempts,
        },
        requestPayload: event,
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: error,
      };
      parts.deliver(definition.onFailureArn, { body: JSON.stringify(record) }, sender);
    }
  }

  const queue: AsyncInvocations['queue'] = (definition, event, by) => {
    const requestId = uuid(parts.random);
    plan({ definition, event, by, requestId, acceptedAt: virtual.now().getTime(), attempts: 0 }, 0);
    return requestId;
  };

  return {
    queue,
    accept(functionArn, event, by) {
      const definition = functions.find(functionArn);
      if (!definition) {
        return {
          code: 'ResourceNotFoundException',
          message: `Function not found: ${functionArn}`,
          retryable: false,
        };
      }
      const decision = functions.mayInvoke(by.caller, functionArn, sourceContext(by, account));
      if (!decision.allowed)
        return { code: 'AccessDeniedException', message: decision.message, retryable: false };
      queue(definition, event, by);
      return 'delivered';
    },
  };
}

export function roleSession({ roleArn, name }: LambdaFunction): Caller {
  // A session's ARN has no path of its role.
  const arn = `${roleArn.replace(':iam:', ':sts:').replace(/:role\/(.*\/)?/, ':assumed-role/')}/${name}`;
  return { arn, kind: 'role', sessionName: name, roleArn };
}

function principalOf(caller: Caller): string {
  return caller.service ?? caller.arn;
}

function isThrottle(result: InvocationResult): boolean {
  return !result.ok && result.error.errorType === 'TooManyRequestsException';
}
