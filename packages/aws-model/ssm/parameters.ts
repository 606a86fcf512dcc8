// Parameters of Systems Manager: which there are, and what they hold.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Kms } from '../identity/kms';
import { arnIn, domainSuffixOf, type Home } from '../shared/arn';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';

export interface Parameter {
  /** `/team/key`, or without slashes. */
  name: string;
  type: 'String' | 'StringList' | 'SecureString';
  value: string;
  /** @default - none */
  description?: string;
  /** ARN, id or alias. @default alias/aws/ssm */
  keyId?: string;
}

export interface Parameters {
  service: Service;
  put(parameter: Parameter): void;
  /** What it holds, in clear. */
  value(name: string): string | undefined;
  remove(name: string): void;
}

const describeInput = z.strictObject({
  ParameterFilters: z
    .array(
      z.strictObject({
        Key: z.literal('Type'),
        Option: z.literal('Equals').default('Equals'),
        Values: z.array(z.string()).min(1).max(50),
      }),
    )
    .default([]),
  MaxResults: z.int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
});

const name = z.string().min(1).max(2048);
const getOneInput = z.strictObject({ Name: name, WithDecryption: z.boolean().default(false) });
const putInput = z.strictObject({
  Name: name,
  Value: z.string().min(1),
  Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
  KeyId: z.string().optional(),
  Overwrite: z.boolean().default(false),
});
/** Of a parameter of the tier Standard. */
const valueMaxBytes = 4096;

const getInput = z.strictObject({
  Names: z.array(z.string().min(1)).min(1).max(10),
  WithDecryption: z.literal(false).optional(),
});

const ownKey = 'alias/aws/ssm';
/** As it is stored. */
const encrypted = (name: string) => Buffer.from(`encrypted ${name}`).toString('base64');

export function createParameters({
  access,
  kms,
  virtual,
  ...home
}: Home & { access: Access; kms: Kms; virtual: Virtual }): Parameters {
  const stored = new Map<string, Parameter & { changedAt: Date; version: number }>();
  const arnOf = (name: string) => arnIn(home, 'ssm', `parameter/${name.replace(/^\//, '')}`);

  function put(parameter: Parameter): void {
    const version = (stored.get(parameter.name)?.version ?? 0) + 1;
    stored.set(parameter.name, { ...parameter, changedAt: virtual.now(), version });
  }

  /** AWS's own key serves whoever may use the parameter. */
  function useKey(
    call: Call,
    action: 'kms:Decrypt' | 'kms:Encrypt',
    { name, keyId = ownKey }: Parameter,
  ): void {
    if (keyId === ownKey) return;
    if (!kms.find(keyId)) throw new AwsError('InvalidKeyId', `Invalid keyId '${keyId}'`);
    const via = `ssm.${home.region}.${domainSuffixOf(home.region)}`;
    kms.use(call.caller, { action, keyId, via, encryptionContext: { PARAMETER_ARN: arnOf(name) } });
  }

  return {
    service: {
      name: 'ssm',
      protocol: awsJson('1.1'),
      operations: {
        DescribeParameters: operation(describeInput, ({ ParameterFilters, MaxResults, NextToken }, call) => {
          access.permit(call, { action: 'ssm:DescribeParameters', resource: '*' });
          const found = [...stored.values()].filter(({ type }) =>
            ParameterFilters.every(({ Values }) => Values.includes(type)),
          );
          const { items, next } = page(found, MaxResults, NextToken);
          const shown = items.map(({ name, type, description, keyId = ownKey, changedAt, version }) => ({
            Name: name,
            ARN: arnOf(name),
            Type: type,
            ...(description && { Description: description }),
            ...(type === 'SecureString' && { KeyId: keyId }),
            LastModifiedDate: changedAt,
            Version: version,
            Tier: 'Standard',
            DataType: 'text',
          }));
          return { Parameters: shown, NextToken: next };
        }),
        GetParameter: operation(getOneInput, ({ Name, WithDecryption }, call) => {
          access.permit(call, { action: 'ssm:GetParameter', resource: arnOf(Name) });
          const found = stored.get(Name);
          if (!found) throw new AwsError('ParameterNotFound', '');
          const { name, type, value, changedAt, version } = found;
          const isSecret = type === 'SecureString';
          if (isSecret && WithDecryption) useKey(call, 'kms:Decrypt', found);
          return {
            Parameter: {
              Name: name,
              ARN: arnOf(name),
              Type: type,
              Value: isSecret && !WithDecryption ? encrypted(name) : value,
              LastModifiedDate: changedAt,
              Version: version,
              DataType: 'text',
            },
          };
        }),
        PutParameter: operation(putInput, ({ Name, Value, Type, KeyId, Overwrite }, call) => {
          access.permit(call, { action: 'ssm:PutParameter', resource: arnOf(Name) });
          const before = stored.get(Name);
          const type = writableType(before, Type, Overwrite);
          if (Buffer.byteLength(Value) > valueMaxBytes)
            throw new AwsError(
              'ValidationException',
              `Standard tier parameters support a maximum parameter value of ${valueMaxBytes} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
            );
          const keyId = KeyId ?? before?.keyId;
          const parameter = { name: Name, type, value: Value, ...(keyId && { keyId }) };
          if (type === 'SecureString') useKey(call, 'kms:Encrypt', parameter);
          put(parameter);
          return { Version: stored.get(Name)?.version ?? 1, Tier: 'Standard' };
        }),
        GetParameters: operation(getInput, ({ Names }, call) => {
          for (const name of Names)
            access.permit(call, { action: 'ssm:GetParameters', resource: arnOf(name) });
          const found = Names.flatMap(name => stored.get(name) ?? []);
          const shown = found.map(({ name, type, value, changedAt, version }) => ({
            Name: name,
            ARN: arnOf(name),
            Type: type,
            // As it is stored: nobody asked for more.
            Value: type === 'SecureString' ? encrypted(name) : value,
            LastModifiedDate: changedAt,
            Version: version,
            DataType: 'text',
          }));
          return { Parameters: shown, InvalidParameters: Names.filter(name => !stored.has(name)) };
        }),
      },
    },
    put,
    value: name => stored.get(name)?.value,
    remove: name => void stored.delete(name),
  };
}

/** @throws {AwsError} where nothing can be written over what is there */
function writableType(
  before: Parameter | undefined,
  wanted: Parameter['type'] | undefined,
  overwrite: boolean,
): Parameter['type'] {
  if (before && !overwrite)
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  const type = wanted ?? before?.type;
  if (!type)
    throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
  if (!before || before.type === type) return type;
  throw new AwsError(
    'HierarchyTypeMismatchException',
    `The parameter ${before.name} is of type ${before.type}, which cannot be changed to ${type}.`,
  );
}
