// CloudFormation's own API, as far as functions ask it, and the stacks that it knows.
import * as z from 'zod';
import { stackArn } from '../shared/identifiers';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsQuery } from '../wire/protocol';

/** What the API tells of a stack. */
export interface KnownStack {
  readonly name: string;
  readonly status: string;
  /** Nobody can delete it. @default false */
  readonly isProtected?: boolean;
}

export interface StackRegister {
  add(stack: KnownStack): void;
  service: Service;
}

export function createStackRegister(parts: {
  access: Access;
  account: string;
  region: string;
}): StackRegister {
  const stacks = new Map<string, KnownStack>();
  return {
    add: stack => void stacks.set(stack.name, stack),
    service: {
      name: 'cloudformation',
      protocol: awsQuery,
      operations: {
        DescribeStacks: operation(z.strictObject({ StackName: z.string().min(1) }), ({ StackName }, call) => {
          const name = /:stack\/([^/]+)\//.exec(StackName)?.[1] ?? StackName;
          const denial = { code: 'AccessDenied', status: 403 };
          parts.access.permit(call, {
            action: 'cloudformation:DescribeStacks',
            resource: stackArn(parts, name),
            denial,
          });
          const stack = stacks.get(name);
          if (!stack || stack.status === 'NONE')
            throw new AwsError('ValidationError', `Stack with id ${StackName} does not exist`);
          const { status, isProtected = false } = stack;
          return {
            Stacks: [
              {
                StackId: stackArn(parts, name),
                StackName: name,
                StackStatus: status,
                EnableTerminationProtection: isProtected,
              },
            ],
          };
        }),
      },
    },
  };
}
