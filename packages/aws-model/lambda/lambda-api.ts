// The Invoke operation of Lambda's REST API.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import type { Protocol } from '../wire/protocol';
import type { AsyncInvocations } from './async-invocations';
import type { Functions } from './functions';

const invokeInput = z.strictObject({
  FunctionName: z.string().min(1).max(140),
  InvocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).default('RequestResponse'),
  LogType: z.enum(['None', 'Tail']).default('None'),
  Payload: z.unknown().optional(),
});

interface InvokeAnswer {
  status: number;
  functionError?: string;
  payload?: unknown;
}

/** Event payloads beyond it are refused; AWS has raised it for some accounts since. */
const maxEventBytes = 256 * 1024;

export function createLambdaApi(parts: {
  virtual: Virtual;
  access: Access;
  functions: Functions;
  invocations: AsyncInvocations;
}): Service {
  const { access, functions, invocations } = parts;

  function permitted(call: Call, functionName: string) {
    const definition = functions.find(functionName);
    const ask = { action: 'lambda:InvokeFunction', resource: functions.arnFor(functionName) };
    access.permit(call, definition?.policy ? { ...ask, policy: definition.policy } : ask);
    return functions.need(functionName);
  }

  return {
    name: 'lambda',
    protocol: lambdaRest,
    operations: {
      Invoke: operation(invokeInput, async (input, call): Promise<InvokeAnswer> => {
        const definition = permitted(call, input.FunctionName);
        if (input.InvocationType === 'DryRun') return { status: 204 };
        const sender = { caller: call.caller };
        if (input.InvocationType === 'Event') {
          if (JSON.stringify(input.Payload ?? {}).length > maxEventBytes) {
            throw new AwsError(
              'RequestTooLargeException',
              `Request must be smaller than ${maxEventBytes} bytes for the InvokeFunction operation`,
              413,
            );
          }
          invocations.queue(definition, input.Payload ?? {}, sender);
          return { status: 202 };
        }
        const by = { principal: call.caller.arn, requestId: call.requestId };
        const running = functions.run(definition.arn, input.Payload ?? {}, by);
        await parts.virtual.holdUntil(running);
        const result = await running;
        if (result.ok) return { status: 200, payload: result.payload ?? null };
        if (result.error.errorType === 'TooManyRequestsException')
          throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
        return { status: 200, functionError: 'Unhandled', payload: result.error };
      }),
    },
  };
}

const lambdaRest: Protocol = {
  read({ method, path, headers, body }) {
    const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
    if (!functionName || method !== 'POST') return { operation: `${method} ${path}`, params: {} };
    return {
      operation: 'Invoke',
      params: {
        FunctionName: decodeURIComponent(functionName),
        ...(headers['x-amz-invocation-type'] && { InvocationType: headers['x-amz-invocation-type'] }),
        ...(headers['x-amz-log-type'] && { LogType: headers['x-amz-log-type'] }),
        ...(body.length && { Payload: JSON.parse(body.toString('utf8')) as unknown }),
      },
    };
  },
  answer(_operation, result, requestId) {
    const { status, functionError, payload } = result as InvokeAnswer;
    return {
      status,
      headers: {
        'x-amzn-requestid': requestId,
        'x-amz-executed-version': '$LATEST',
        ...(functionError && { 'x-amz-function-error': functionError }),
      },
      body: payload === undefined ? '' : JSON.stringify(payload),
    };
  },
  error: (error, requestId) => ({
    status: error.code === 'AccessDeniedException' ? 403 : error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ Type: error.status < 500 ? 'User' : 'Service', Message: error.message }),
  }),
};
