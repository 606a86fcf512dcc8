// The functions that exist and who may invoke them. Their code runs elsewhere; see invocation.ts.

import type { Caller, Decision } from '@keyturn/iam/request';
import { servicePrincipal } from '@keyturn/iam/request';
import type { Random, Virtual } from '../clock/virtual';
import { arnIn } from '../shared/arn';
import { uuid } from '../shared/identifiers';
import type { RecordMetric } from '../shared/service-metric';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import type { Invocation, InvocationResult, InvokeLambda } from './invocation';

export interface LambdaFunction {
  name: string;
  arn: string;
  roleArn: string;
  /** Variables. @default - none */
  environment?: Readonly<Record<string, string>>;
  /** Under which the variables are encrypted. @default - a key of AWS's own, which shows them to whoever may list functions */
  kmsKeyArn?: string;
  /** Resource policy as JSON text. @default - none */
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
  /** It has a URL, whose requests AWS lets in by this. @default - none */
  urlAuthType?: 'NONE';
}

export interface Functions {
  add(definition: LambdaFunction): void;
  remove(nameOrArn: string): void;
  find(nameOrArn: string): LambdaFunction | undefined;
  /** @throws {AwsError} ResourceNotFoundException */
  need(nameOrArn: string): LambdaFunction;
  /** With the qualifier, where one was named. */
  arnFor(nameOrArn: string): string;
  /** JSON text. A published version has a policy of its own, and none at first. */
  policyOf(nameOrArn: string): string | undefined;
  /** @returns the number of the new version, which stays as the function is now */
  publishVersion(name: string): string;
  /** The functions themselves, each with its published versions after it where they are asked for. */
  list(withVersions: boolean): { version: string; definition: LambdaFunction }[];
  mayInvoke(
    caller: Caller,
    nameOrArn: string,
    context?: Record<string, string | undefined>,
    action?: 'InvokeFunction' | 'InvokeFunctionUrl',
  ): Decision;
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
  /** What was published, the oldest first. */
  const versions = new Map<string, LambdaFunction[]>();
  const find = (nameOrArn: string) => {
    const { name, qualifier } = partsOf(nameOrArn);
    const isThere = isLatest(qualifier) || Number(qualifier) <= (versions.get(name)?.length ?? 0);
    return isThere ? functions.get(name) : undefined;
  };
  const arnFor = (nameOrArn: string) => {
    const { name, qualifier } = partsOf(nameOrArn);
    const suffix = qualifier === undefined ? '' : `:${qualifier}`;
    return arnIn(parts, 'lambda', `function:${name}${suffix}`);
  };
  const policyOf = (nameOrArn: string) => {
    const { name, qualifier } = partsOf(nameOrArn);
    return isLatest(qualifier) ? functions.get(name)?.policy : undefined;
  };

  const mayInvoke: Functions['mayInvoke'] = (caller, nameOrArn, context = {}, action = 'InvokeFunction') => {
    const policy = policyOf(nameOrArn);
    const ask = { action: `lambda:${action}`, resource: arnFor(nameOrArn), context };
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
    remove: nameOrArn => void functions.delete(partsOf(nameOrArn).name),
    find,
    need(nameOrArn) {
      const definition = find(nameOrArn);
      if (definition) return definition;
      throw new AwsError('ResourceNotFoundException', `Function not found: ${arnFor(nameOrArn)}`, 404);
    },
    arnFor,
    policyOf,
    publishVersion(name) {
      const definition = functions.get(name);
      const published = [...(versions.get(name) ?? []), ...(definition ? [definition] : [])];
      versions.set(name, published);
      return String(published.length);
    },
    list: withVersions =>
      [...functions.values()].flatMap(definition => [
        { version: '$LATEST', definition },
        ...(withVersions ? (versions.get(definition.name) ?? []) : []).map((published, place) => ({
          version: String(place + 1),
          definition: published,
        })),
      ]),
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

/** From a name, an ARN, or either with a qualifier. */
function partsOf(nameOrArn: string): { name: string; qualifier?: string } {
  const [name = '', qualifier] = nameOrArn.replace(/^arn:[\w-]+:lambda:[\w-]+:\d+:function:/, '').split(':');
  return { name, qualifier };
}

/** What has no qualifier, and `$LATEST`, is the function itself; the model has no aliases. */
function isLatest(qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === '$LATEST';
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage } };
}
