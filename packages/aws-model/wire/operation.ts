// How a service of the model is described: its name in signatures, its wire protocol, its operations with strict inputs.

import type { Caller } from '@keyturn/iam/request';
import type * as z from 'zod';
import { AwsError, NotModelled } from './aws-error';
import type { Protocol } from './protocol';

/** The call that is being carried out. */
export interface Call {
  readonly requestId: string;
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly userAgent: string;
  /** The first resource authorised; set by access. */
  resource?: string;
}

export interface Operation {
  run(params: Record<string, unknown>, call: Call): unknown;
}

/** Calls a second, for a group of operations together. */
export interface Quota {
  operations: readonly string[];
  perSecond: number;
}

export interface Service {
  /** As credential scopes name it: `secretsmanager`, `monitoring`. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly quotas?: readonly Quota[];
  /** Which calls CloudTrail records as management events. @default none */
  isTrailed?(operation: string): boolean;
}

/** Unknown parameters are not ignored: they are raised as not modelled. */
export function operation<Input>(
  input: z.ZodType<Input>,
  run: (input: Input, call: Call) => unknown,
): Operation {
  return {
    run(params, call) {
      const parsed = input.safeParse(params);
      if (parsed.success) return run(parsed.data, call);
      const unknown = parsed.error.issues.find(issue => issue.code === 'unrecognized_keys');
      if (unknown) {
        throw new NotModelled(
          `${call.service}.${call.operation} was called with ${unknown.keys.join(', ')}, which the model does not cover; model it or leave it out`,
        );
      }
      const constraints = parsed.error.issues.map(
        issue => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
      );
      const count =
        constraints.length === 1 ? '1 validation error' : `${constraints.length} validation errors`;
      throw new AwsError('ValidationException', `${count} detected: ${constraints.join('; ')}`);
    },
  };
}
