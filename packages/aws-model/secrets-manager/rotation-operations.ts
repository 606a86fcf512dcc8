// RotateSecret and CancelRotateSecret: both answer at once; the work is in rotation.ts.

import { servicePrincipal } from '@keyturn/iam/request';
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { neededToken, secretId, token } from './inputs';
import { serviceName } from './rotation';
import { checkRules } from './rotation-schedule';
import type { ExternalRotation, Secret } from './secret';
import { cannotInvoke, noRotationFunction, rotationIncomplete } from './secret-errors';
import { pendingRotation } from './store-value';
import type { SecretTools } from './tools';

export const rotationRules = z.strictObject({
  AutomaticallyAfterDays: z.int().min(1).max(1000).optional(),
  ScheduleExpression: z
    .string()
    .max(256)
    .regex(/^[0-9A-Za-z()#?*\-/, ]+$/)
    .optional(),
  Duration: z
    .string()
    .min(2)
    .max(3)
    .regex(/^[0-9h]+$/)
    .optional(),
});

const rotateInput = z.strictObject({
  SecretId: secretId,
  ClientRequestToken: token,
  RotationLambdaARN: z.string().max(2048).optional(),
  RotationRules: rotationRules.optional(),
  RotateImmediately: z.boolean().optional(),
  ExternalSecretRotationMetadata: z
    .array(z.strictObject({ Key: z.string().min(1).max(256), Value: z.string().min(1).max(2048) }))
    .optional(),
  ExternalSecretRotationRoleArn: z.string().max(2048).optional(),
});

export interface RotationRequest {
  token: string;
  functionArn?: string | undefined;
  /** In place of a function. */
  external?: ExternalRotation | undefined;
  rules?: z.output<typeof rotationRules> | undefined;
  immediately: boolean;
}

/** What RotateSecret does once its caller is let in; CloudFormation's rotation schedules come here, too. */
export function requestRotation(tools: SecretTools, secret: Secret, request: RotationRequest): void {
  const { records, rotations } = tools;
  const how = rotatorOf(tools, secret, request);
  // A repeated call names the version it began: that is the same request, not another one.
  if (rotations.underWay(secret.arn)?.token === request.token) return;
  if (pendingRotation(secret.labels)) throw rotationIncomplete();
  const rules = request.rules ?? secret.rotation.rules;
  records.change(secret.arn, {
    rotation: {
      ...secret.rotation,
      enabled: true,
      ...how,
      ...(rules && { rules }),
    },
  });
  rotations.plan(secret.arn);
  if (request.immediately) rotations.begin(secret.arn, request.token);
  // What AWS tries of a partner's rotation beforehand is not documented.
  else if ('functionArn' in how) rotations.test(secret.arn, request.token);
}

/** Who will rotate it, once AWS has looked at that. @throws {AwsError} */
function rotatorOf(
  tools: SecretTools,
  secret: Secret,
  request: RotationRequest,
): { functionArn: string } | { external: ExternalRotation } {
  const external = request.external ?? secret.rotation.external;
  const functionArn = request.functionArn ?? secret.rotation.functionArn;
  if (request.rules) checkRules(request.rules);
  if (external) {
    tools.partners.validate(secret, external);
    return { external };
  }
  if (!functionArn) throw noRotationFunction();
  checkFunction(tools, secret, functionArn);
  return { functionArn };
}

function checkFunction({ functions }: SecretTools, secret: Secret, functionArn: string): void {
  const source = { 'aws:SourceAccount': secret.arn.split(':')[4] };
  const invokable =
    functions.find(functionArn) &&
    functions.mayInvoke(servicePrincipal(serviceName), functionArn, source).allowed;
  if (!invokable) throw cannotInvoke();
}

export function rotationOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access, rotations, functions } = tools;
  return {
    RotateSecret: operation(rotateInput, (input, call) => {
      access.permit(call, input.SecretId, {
        'secretsmanager:RotationLambdaARN': input.RotationLambdaARN,
        'secretsmanager:ModifyRotationRules': String(input.RotationRules !== undefined),
        'secretsmanager:RotateImmediately':
          input.RotateImmediately === undefined ? undefined : String(input.RotateImmediately),
        'secretsmanager:ExternalSecretRotationRoleArn': input.ExternalSecretRotationRoleArn,
      });
      const secret = records.getLive(input.SecretId);
      const newToken = neededToken(input.ClientRequestToken, 'InvalidParameterException');
      const functionArn = input.RotationLambdaARN ?? secret.rotation.functionArn;
      if (functionArn) {
        const decision = functions.mayInvoke(call.caller, functionArn);
        if (!decision.allowed) throw new AwsError('AccessDeniedException', decision.message);
      }
      requestRotation(tools, secret, {
        token: newToken,
        functionArn: input.RotationLambdaARN,
        external: input.ExternalSecretRotationRoleArn
          ? {
              roleArn: input.ExternalSecretRotationRoleArn,
              metadata: input.ExternalSecretRotationMetadata ?? [],
            }
          : undefined,
        rules: input.RotationRules,
        immediately: input.RotateImmediately ?? true,
      });
      return { ARN: secret.arn, Name: secret.name, VersionId: newToken };
    }),

    CancelRotateSecret: operation(z.strictObject({ SecretId: secretId }), (input, call) => {
      access.permit(call, input.SecretId);
      const secret = records.getLive(input.SecretId);
      const inFlight = rotations.cancel(secret.arn);
      records.change(secret.arn, { rotation: { ...secret.rotation, enabled: false } });
      return { ARN: secret.arn, Name: secret.name, VersionId: inFlight ?? pendingRotation(secret.labels) };
    }),
  };
}
