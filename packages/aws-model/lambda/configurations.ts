// What Lambda's API says of the configuration of functions, and takes for it.
import * as z from 'zod';
import type { Kms } from '../identity/kms';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, type Operation, operation } from '../wire/operation';
import {
  type Alias,
  type ConfiguredFunctions,
  type ConfiguredRecord,
  missing,
  type Snapshot,
} from './configured-functions';
import type { Functions, LambdaFunction } from './functions';
import type { LambdaAnswer } from './lambda-rest';

const maxVariableBytes = 4096;
const name = z.string().min(1).max(140);
const getInput = z.strictObject({ FunctionName: name, Qualifier: z.string().optional() });
const updateInput = z.strictObject({
  FunctionName: name,
  Environment: z.strictObject({
    Variables: z.record(z.string().regex(/^[a-zA-Z]([a-zA-Z0-9_])+$/), z.string()),
  }),
  RevisionId: z.string().optional(),
});
const publishInput = z.strictObject({
  FunctionName: name,
  RevisionId: z.string().optional(),
  CodeSha256: z.string().optional(),
});
const aliasInput = z.strictObject({ FunctionName: name, Name: z.string() });
const updateAliasInput = aliasInput.extend({
  FunctionVersion: z.string().optional(),
  RevisionId: z.string().optional(),
});

/** Whoever sees a function sees its variables, unless these are encrypted under a key that is closed to him. */
export function shownEnvironment(
  kms: Kms,
  { environment, kmsKeyArn }: Pick<LambdaFunction, 'environment' | 'kmsKeyArn'>,
  { caller }: Call,
): object {
  if (!environment) return {};
  if (!kmsKeyArn || kms.mayUse(caller, { action: 'kms:Decrypt', keyId: kmsKeyArn }))
    return { Environment: { Variables: environment } };
  const Message =
    'Lambda was unable to decrypt your environment variables because the KMS access was denied.';
  return { Environment: { Error: { ErrorCode: 'AccessDeniedException', Message } } };
}

export function createConfigurationOperations(parts: {
  access: Access;
  kms: Kms;
  functions: Functions;
  configured: ConfiguredFunctions;
}): Readonly<Record<string, Operation>> {
  const { access, kms, functions, configured } = parts;

  function permitted(call: Call, functionName: string): ConfiguredRecord {
    access.permit(call, { action: `lambda:${call.operation}`, resource: functions.arnFor(functionName) });
    const found = configured.find(functionName);
    if (found) return found;
    throw missing(`Function not found: ${functions.arnFor(functionName)}`);
  }

  function requireIdle({ latest, definition }: ConfiguredRecord): void {
    if (latest.status !== 'InProgress') return;
    throw new AwsError(
      'ResourceConflictException',
      `The operation cannot be performed at this time. An update is in progress for resource: ${functions.arnFor(definition.name)}`,
      409,
    );
  }

  function shown({ definition }: ConfiguredRecord, snapshot: Snapshot, call: Call): object {
    const { kmsKeyArn } = definition;
    return {
      FunctionName: definition.name,
      FunctionArn: functions.arnFor(`${definition.name}:${snapshot.version}`),
      Role: definition.roleArn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: 128,
      Timeout: definition.timeoutSeconds ?? 3,
      CodeSha256: snapshot.code,
      Version: snapshot.version,
      RevisionId: snapshot.revisionId,
      State: snapshot.state,
      LastUpdateStatus: snapshot.status,
      ...(snapshot.reasonCode && { LastUpdateStatusReasonCode: snapshot.reasonCode }),
      ...(kmsKeyArn && { KMSKeyArn: kmsKeyArn }),
      ...shownEnvironment(kms, { environment: snapshot.variables, ...(kmsKeyArn && { kmsKeyArn }) }, call),
    };
  }

  const answered = (status: number, payload: object): LambdaAnswer => ({ status, payload });
  const shownAlias = ({ definition }: ConfiguredRecord, Name: string, alias: Alias): LambdaAnswer =>
    answered(200, {
      AliasArn: functions.arnFor(`${definition.name}:${Name}`),
      Name,
      FunctionVersion: alias.version,
      RevisionId: alias.revisionId,
      ...(Object.keys(alias.weights).length && {
        RoutingConfig: { AdditionalVersionWeights: alias.weights },
      }),
    });

  return {
    GetFunctionConfiguration: operation(getInput, ({ FunctionName, Qualifier }, call) => {
      const record = permitted(call, Qualifier ? `${FunctionName}:${Qualifier}` : FunctionName);
      return answered(200, shown(record, configured.snapshotOf(record, Qualifier), call));
    }),
    UpdateFunctionConfiguration: operation(updateInput, ({ FunctionName, Environment, RevisionId }, call) => {
      const record = permitted(call, FunctionName);
      requireIdle(record);
      requireRevision(record.latest, RevisionId);
      const measured = JSON.stringify(Environment.Variables);
      if (Buffer.byteLength(measured) > maxVariableBytes)
        throw new AwsError(
          'InvalidParameterValueException',
          `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured}`,
        );
      configured.update(record, Environment.Variables);
      return answered(200, shown(record, record.latest, call));
    }),
    PublishVersion: operation(publishInput, ({ FunctionName, RevisionId, CodeSha256 }, call) => {
      const record = permitted(call, FunctionName);
      requireIdle(record);
      requireRevision(record.latest, RevisionId);
      const { code } = record.latest;
      if (CodeSha256 !== undefined && CodeSha256 !== code)
        throw new AwsError(
          'InvalidParameterValueException',
          `CodeSHA256 (${CodeSha256}) is different from current CodeSHA256 in $LATEST (${code}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      return answered(201, shown(record, configured.publish(record), call));
    }),
    GetAlias: operation(aliasInput, ({ FunctionName, Name }, call) => {
      const record = permitted(call, FunctionName);
      return shownAlias(record, Name, configured.aliasOf(record, Name));
    }),
    UpdateAlias: operation(
      updateAliasInput,
      async ({ FunctionName, Name, FunctionVersion, RevisionId }, call) => {
        const record = permitted(call, FunctionName);
        const alias = configured.aliasOf(record, Name);
        requireRevision(alias, RevisionId);
        const { version } = configured.snapshotOf(record, FunctionVersion ?? alias.version);
        return shownAlias(record, Name, await configured.move(record, Name, version));
      },
    ),
  };
}

function requireRevision({ revisionId }: { revisionId: string }, expected: string | undefined): void {
  if (expected === undefined || expected === revisionId) return;
  throw new AwsError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
  );
}
