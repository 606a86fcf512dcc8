// The functions that exist and who may invoke them. Their code runs elsewhere; see invocation.ts.

import type { Caller, Decision } from '@keyturn/iam/request';
import { servicePrincipal } from '@keyturn/iam/request';
import type { Random, Virtual } from '../clock/virtual';
import { uuid } from '../shared/identifiers';
import type { RecordMetric } from '../shared/service-metric';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import type { Invocation, InvocationResult, InvokeLambda } from './invocation';

export interface LambdaFunction {
  name: string;
  arn: string;
  roleArn: string;
  /** Resource policy as JSON text; absent where no AWS::Lambda::Permission names the function. */
  policy?: string;
  /** 0 to 2. @default 2 */
  maximumRetryAttempts?: number;
  /** 60 to 21600. @default 21600 */
  maximumEventAgeSeconds?: number;
  /** Queue or topic that gets the bare event after the last attempt. */
  deadLetterArn?: string;
  /** Queue, topic or function that gets a record of the failure. */
  onFailureArn?: string;
  /** 0 keeps every invocation away. @default unreserved */
  reservedConcurrency?: number;
}

export interface Functions {
  add(definition: LambdaFunction): void;
  remove(nameOrArn: string): void;
  find(nameOrArn: string): LambdaFunction | undefined;
  /** @throws {AwsError} ResourceNotFoundException */
  need(nameOrArn: string): LambdaFunction;
  arnFor(nameOrArn: string): string;
  mayInvoke(caller: Caller, nameOrArn: string, context?: Record<string, string | undefined>): Decision;
  /** A service invokes and waits for the result; never retried. */
  invoke(nameOrArn: string, event: unknown, by: Omit<Invocation, 'requestId'>): Promise<InvocationResult>;
  /** Runs it for someone who was let in already. */
  run(nameOrArn: string, event: unknown, by: Invocation): Promise<InvocationResult>;
}

export function createFunctions(parts: {
  access: Access;
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  invokeLambda: InvokeLambda;
  recordMetric: RecordMetric;
}): Functions {
  const functions = new Map<string, LambdaFunction>();
  const find = (nameOrArn: string) => functions.get(functionName(nameOrArn));
  const arnFor = (nameOrArn: string) =>
    `arn:aws:lambda:${parts.region}:${parts.account}:function:${functionName(nameOrArn)}`;

  const mayInvoke: Functions['mayInvoke'] = (caller, nameOrArn, context = {}) => {
    const policy = find(nameOrArn)?.policy;
    const ask = { action: 'lambda:InvokeFunction', resource: arnFor(nameOrArn), context };
    return parts.access.decide(caller, policy ? { ...ask, policy } : ask);
  };

  async function run(nameOrArn: string, event: unknown, by: Invocation): Promise<InvocationResult> {
    const definition = find(nameOrArn);
    if (!definition) return failed('ResourceNotFoundException', `Function not found: ${arnFor(nameOrArn)}`);
    const measure = (name: string, value: number, unit = 'Count') =>
      parts.recordMetric({
        namespace: 'AWS/Lambda',
        name,
        dimensions: { FunctionName: definition.name },
        value,
        unit,
      });
    if (definition.reservedConcurrency === 0) {
      measure('Throttles', 1);
      return failed('TooManyRequestsException', 'Rate Exceeded.');
    }
    const begunAt = parts.virtual.now().getTime();
    const result = await parts.invokeLambda(definition.arn, event, by);
    measure('Invocations', 1);
    measure('Errors', result.ok ? 0 : 1);
    measure('Duration', parts.virtual.now().getTime() - begunAt, 'Milliseconds');
    return result;
  }

  return {
    add: definition => void functions.set(definition.name, definition),
    remove: nameOrArn => void functions.delete(functionName(nameOrArn)),
    find,
    need(nameOrArn) {
      const definition = find(nameOrArn);
      if (definition) return definition;
      throw new AwsError('ResourceNotFoundException', `Function not found: ${arnFor(nameOrArn)}`, 404);
    },
    arnFor,
    mayInvoke,
    run,
    async invoke(nameOrArn, event, by) {
      const context = { 'aws:SourceAccount': by.sourceAccount, 'aws:SourceArn': by.sourceArn };
      const decision = mayInvoke(servicePrincipal(by.principal), nameOrArn, context);
      if (!decision.allowed) return failed('AccessDeniedException', decision.message);
      return run(nameOrArn, event, { ...by, requestId: uuid(parts.random) });
    },
  };
}

/** From a name, an ARN, or an ARN with a qualifier. */
function functionName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[\w-]+:lambda:[\w-]+:\d+:function:/, '').replace(/:.*/s, '');
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage } };
}
