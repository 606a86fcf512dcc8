// Parameters of Systems Manager: which there are, and what they hold.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import { arnIn, type Home } from '../shared/arn';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';

export interface Parameter {
  /** `/team/key`, or without slashes. */
  name: string;
  type: 'String' | 'StringList' | 'SecureString';
  value: string;
  /** @default - none */
  description?: string;
}

export interface Parameters {
  service: Service;
  put(parameter: Parameter): void;
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

const getInput = z.strictObject({
  Names: z.array(z.string().min(1)).min(1).max(10),
  WithDecryption: z.literal(false).optional(),
});

export function createParameters({
  access,
  virtual,
  ...home
}: Home & { access: Access; virtual: Virtual }): Parameters {
  const stored = new Map<string, Parameter & { changedAt: Date; version: number }>();
  const arnOf = (name: string) => arnIn(home, 'ssm', `parameter/${name.replace(/^\//, '')}`);

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
          const shown = items.map(({ name, type, description, changedAt, version }) => ({
            Name: name,
            ARN: arnOf(name),
            Type: type,
            ...(description && { Description: description }),
            ...(type === 'SecureString' && { KeyId: 'alias/aws/ssm' }),
            LastModifiedDate: changedAt,
            Version: version,
            Tier: 'Standard',
            DataType: 'text',
          }));
          return { Parameters: shown, NextToken: next };
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
            Value: type === 'SecureString' ? Buffer.from(`encrypted ${name}`).toString('base64') : value,
            LastModifiedDate: changedAt,
            Version: version,
            DataType: 'text',
          }));
          return { Parameters: shown, InvalidParameters: Names.filter(name => !stored.has(name)) };
        }),
      },
    },
    put(parameter) {
      const version = (stored.get(parameter.name)?.version ?? 0) + 1;
      stored.set(parameter.name, { ...parameter, changedAt: virtual.now(), version });
    },
    remove: name => void stored.delete(name),
  };
}
