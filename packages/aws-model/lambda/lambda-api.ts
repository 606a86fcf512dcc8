// Lambda's API: invoking functions, and the calls by which somebody would let himself in or take a function over.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError, NotModelled } from '../wire/aws-error';
import { type Call, type Operation, operation, type Service } from '../wire/operation';
import type { AsyncInvocations } from './async-invocations';
import { createConfigurationOperations, shownEnvironment } from './configurations';
import type { ConfiguredFunctions } from './configured-functions';
import { checkFunctionPolicy, grown } from './function-policy';
import type { Functions, LambdaFunction } from './functions';
import { type LambdaAnswer, lambdaRest } from './lambda-rest';

const invokeInput = z.strictObject({
  FunctionName: z.string().min(1).max(140),
  InvocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).default('RequestResponse'),
  LogType: z.enum(['None', 'Tail']).default('None'),
  Payload: z.unknown().optional(),
});

const listInput = z.strictObject({
  FunctionVersion: z.literal('ALL').optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(50),
  Marker: z.string().optional(),
});
/** However many are asked for. */
const listedAtMost = 50;

const permissionInput = z.strictObject({
  FunctionName: z.string().min(1).max(140),
  StatementId: z.string().min(1).max(100),
  Action: z.string(),
  Principal: z.string(),
  SourceAccount: z.string().optional(),
  SourceArn: z.string().optional(),
});

/** Event payloads beyond it are refused; AWS has raised it for some accounts since. */
const maxEventBytes = 256 * 1024;

export function createLambdaApi(parts: {
  virtual: Virtual;
  access: Access;
  kms: Kms;
  functions: Functions;
  configured: ConfiguredFunctions;
  invocations: AsyncInvocations;
}): Service {
  const { access, functions, configured, invocations } = parts;
  const configurations = createConfigurationOperations(parts);

  /** The policy of what was named decides: each version has one of its own, and gets none when it is published. */
  function permitted(call: Call, functionName: string, operation = call.operation): LambdaFunction {
    const policy = functions.policyOf(functionName);
    const ask = { action: `lambda:${operation}`, resource: functions.arnFor(functionName) };
    access.permit(call, policy ? { ...ask, policy } : ask);
    return functions.need(functionName);
  }

  /** Whoever may do it has the function: the model shows who may, and plays no further. */
  const takeover = operation(z.looseObject({ FunctionName: z.string() }), ({ FunctionName }, call) => {
    const { name } = permitted(call, FunctionName);
    throw new NotModelled(`${call.caller.arn} may ${call.operation} ${name}, which the model does not play`);
  });

  /** Of a function that others configure; otherwise as the model plays it for those of templates. */
  const configuredOr = (name: string, other: Operation): Operation => ({
    run(params, call) {
      const isConfigured = configured.find(String(params.FunctionName)) !== undefined;
      return ((isConfigured && configurations[name]) || other).run(params, call);
    },
  });

  return {
    name: 'lambda',
    protocol: lambdaRest,
    operations: {
      Invoke: operation(invokeInput, async (input, call): Promise<LambdaAnswer> => {
        const definition = permitted(call, input.FunctionName, 'InvokeFunction');
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
      ListFunctions: operation(listInput, ({ FunctionVersion, MaxItems, Marker }, call): LambdaAnswer => {
        access.permit(call, { action: 'lambda:ListFunctions', resource: '*' });
        const isAll = FunctionVersion === 'ALL';
        const { items, next } = page(functions.list(isAll), Math.min(MaxItems, listedAtMost), Marker);
        const shown = items.map(({ version, definition }) => ({
          FunctionName: definition.name,
          FunctionArn: isAll ? `${definition.arn}:${version}` : definition.arn,
          Role: definition.roleArn,
          Version: version,
          ...(definition.kmsKeyArn && { KMSKeyArn: definition.kmsKeyArn }),
          ...shownEnvironment(parts.kms, definition, call),
        }));
        return { status: 200, payload: { Functions: shown, NextMarker: next ?? null } };
      }),
      AddPermission: operation(permissionInput, (input, call): LambdaAnswer => {
        const definition = permitted(call, input.FunctionName);
        const policy = grown(definition.policy, definition.arn, {
          id: input.StatementId,
          action: input.Action,
          principal: input.Principal,
          sourceAccount: input.SourceAccount,
          sourceArn: input.SourceArn,
        });
        functions.add({ ...definition, policy });
        return { status: 201, payload: {} };
      }),
      PutResourcePolicy: operation(
        z.strictObject({ ResourceArn: z.string(), Policy: z.string() }),
        ({ ResourceArn, Policy }, call): LambdaAnswer => {
          const definition = permitted(call, ResourceArn);
          checkFunctionPolicy(Policy, definition.arn);
          functions.add({ ...definition, policy: Policy });
          return { status: 200, payload: { Policy } };
        },
      ),
      DeleteResourcePolicy: operation(
        z.strictObject({ ResourceArn: z.string() }),
        ({ ResourceArn }, call): LambdaAnswer => {
          functions.add({ ...permitted(call, ResourceArn), policy: undefined });
          return { status: 204 };
        },
      ),
      PublishVersion: configuredOr(
        'PublishVersion',
        operation(z.strictObject({ FunctionName: z.string() }), ({ FunctionName }, call): LambdaAnswer => {
          const { name } = permitted(call, FunctionName);
          return { status: 201, payload: { FunctionName: name, Version: functions.publishVersion(name) } };
        }),
      ),
      GetFunctionConfiguration: configuredOr('GetFunctionConfiguration', takeover),
      GetAlias: configuredOr('GetAlias', takeover),
      UpdateAlias: configuredOr('UpdateAlias', takeover),
      InvokeAsync: takeover,
      CreateAlias: takeover,
      UpdateFunctionCode: takeover,
      UpdateFunctionConfiguration: configuredOr('UpdateFunctionConfiguration', takeover),
      CreateFunctionUrlConfig: takeover,
      PutFunctionEventInvokeConfig: takeover,
      PutFunctionConcurrency: takeover,
      DeleteFunction: takeover,
    },
  };
}
