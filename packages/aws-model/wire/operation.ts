// How a service of the model is described: its name in signatures, its wire protocol, its operations with strict inputs.

import type { Caller } from '@keyturn/iam/request';
import type * as z from 'zod';
import { type AwsError, NotModelled } from './aws-error';
import type { Protocol } from './protocol';

/** The call that is being carried out. */
export interface Call {
  readonly requestId: string;
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly userAgent: string;
  /** That the call was signed for. */
  readonly region: string;
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
  /** How this service words parameters that it cannot take. @default ValidationException */
  refuse?(problems: readonly Problem[]): AwsError;
  /** Takes calls in every region, and not just in that of the model. @default false */
  readonly isEverywhere?: boolean;
  /** Which calls CloudTrail records as management events. @default none */
  isTrailed?(operation: string): boolean;
}

/** A parameter that does not fit the service's shapes. */
export interface Problem {
  /** `MetricData.0.Value` */
  path: string;
  /** Not given at all, or empty where it must not be. */
  isMissing: boolean;
  /** The value, where it is a text or a number. */
  value?: string;
  /** What must hold: `Member must have length less than or equal to 64`. */
  constraint: string;
}

/** A call whose parameters do not fit: the service words the refusal. */
export class UnfitParameters extends Error {
  override readonly name = 'UnfitParameters';

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ path, constraint }) => `${path}: ${constraint}`).join('; '));
  }
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
      throw new UnfitParameters(parsed.error.issues.map(issue => problemOf(issue, params)));
    },
  };
}

function problemOf(issue: z.core.$ZodIssue, params: unknown): Problem {
  const value = issue.path.reduce<unknown>(
    (place, step) => (place as Record<PropertyKey, unknown>)?.[step],
    params,
  );
  return {
    path: issue.path.join('.'),
    isMissing: value === undefined || value === '',
    ...(typeof value === 'string' || typeof value === 'number' ? { value: String(value) } : {}),
    constraint: constraintOf(issue, value),
  };
}

const absent = 'Member must not be null';

/** In the words of AWS's services. */
function constraintOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return absent;
  switch (issue.code) {
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`;
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern ?? issue.format}`;
    default:
      return issue.message;
  }
}

function measure(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'length' : 'value';
}

/** `1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: ...` */
export function validationText(problems: readonly Problem[]): string {
  const texts = problems.map(({ path, value, constraint }) => {
    const nothing = constraint === absent ? 'Value null' : 'Value';
    const shown = value === undefined ? nothing : `Value '${value}'`;
    const place = path
      .split('.')
      .map(step =>
        /^\d+$/.test(step) ? `${Number(step) + 1}.member` : step.charAt(0).toLowerCase() + step.slice(1),
      )
      .join('.');
    return `${shown} at '${place}' failed to satisfy constraint: ${constraint}`;
  });
  const count = texts.length === 1 ? '1 validation error' : `${texts.length} validation errors`;
  return `${count} detected: ${texts.join('; ')}`;
}
