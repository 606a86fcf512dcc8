// What people may order of the emergency function, field by field: whoever may invoke it can send anything.
import * as z from 'zod/mini';
import {
  incidentIdPattern,
  incidentTime,
  silencedAtMostMs,
  timeOfIncident,
} from '../../../core/incident/incident';
import { type KeyAddress, namePart, namePartMaxLength } from '../../../core/key/key-address';
import { minuteMs } from '../../../core/time';

/** Every order may carry what `signProof` made of it. */
interface SignedOrder {
  /** The caller's own words. */
  requestedBy: string;
  proof?: CallerProof;
}

/** Headers of a signed call of GetCallerIdentity: see caller-proof.ts. */
export type CallerProof = Record<string, string>;

/** As `keyturn revoke` and `keyturn end` send it. */
export interface RevokeOrder extends SignedOrder {
  kind: 'revoke';
  incidentId: string;
  keys: KeyAddress[];
  response: 'replace-first' | 'revoke-first' | 'end';
  graceSeconds: number;
  reason: string;
  dryRun: boolean;
}

/** As `keyturn silence` sends it. */
export interface SilenceOrder extends SignedOrder {
  kind: 'silence';
  key: KeyAddress;
  /** 0 ends a silence. */
  minutes: number;
  reason: string;
}

/** As `keyturn rollback` sends it, before it makes a key current that a containment has marked. */
export interface UnmarkOrder extends SignedOrder {
  kind: 'unmark';
  key: KeyAddress;
  versionId: string;
}

/** As `keyturn end --forget-version` sends it: an incident waits for a version that holds something else than a key. */
export interface ForgetVersionOrder extends SignedOrder {
  kind: 'forget-version';
  key: KeyAddress;
  versionId: string;
}

/** As `keyturn test-alarm` sends it, before it sets the alarm off. */
export interface DrillOrder extends SignedOrder {
  kind: 'announce-drill';
  alarmName: string;
  drillId: string;
}

/** Unfinished incidents, every hour. */
export interface TakeUp {
  kind: 'take-up';
}

export type EmergencyOrder =
  | RevokeOrder
  | SilenceOrder
  | UnmarkOrder
  | ForgetVersionOrder
  | DrillOrder
  | TakeUp;

/** Text that a person reads: one line, no more than this. */
const line = z.string().check(z.maxLength(500), z.regex(/^[^\p{Cc}\u2028\u2029]*$/u));
const part = z.string().check(z.regex(namePart), z.maxLength(namePartMaxLength));
const address = z.strictObject({ environment: part, provider: part, server: part, purpose: part });
const signed = {
  requestedBy: line,
  proof: z.optional(z.record(z.string().check(z.maxLength(100)), z.string().check(z.maxLength(16_000)))),
};
const versionId = z.string().check(z.regex(/^[\w-]{32,64}$/));
export const incidentId = z.string().check(
  z.regex(incidentIdPattern),
  // 30 February would be another day.
  z.refine(id => id.startsWith(startOf(timeOfIncident(id))), 'begins with a date that does not exist'),
);

function startOf(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'no date' : incidentTime(time);
}

const orders: Record<EmergencyOrder['kind'], z.ZodMiniType<EmergencyOrder>> = {
  revoke: z.strictObject({
    kind: z.literal('revoke'),
    incidentId,
    keys: z.array(address).check(z.minLength(1), z.maxLength(2000)),
    response: z.enum(['replace-first', 'revoke-first', 'end']),
    graceSeconds: z.number().check(z.minimum(0), z.maximum(600)),
    reason: line,
    dryRun: z.boolean(),
    ...signed,
  }),
  silence: z.strictObject({
    kind: z.literal('silence'),
    key: address,
    minutes: z.number().check(z.minimum(0), z.maximum(silencedAtMostMs / minuteMs)),
    reason: line,
    ...signed,
  }),
  unmark: z.strictObject({ kind: z.literal('unmark'), key: address, versionId, ...signed }),
  'forget-version': z.strictObject({ kind: z.literal('forget-version'), key: address, versionId, ...signed }),
  'announce-drill': z.strictObject({
    kind: z.literal('announce-drill'),
    alarmName: z.string().check(z.maxLength(255)),
    drillId: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
    ...signed,
  }),
  'take-up': z.strictObject({ kind: z.literal('take-up') }),
};

/** @returns the order, or what is wrong with it: which field, and what it should be; never its value */
export function readOrder(event: unknown): { order: EmergencyOrder } | { fault: string } {
  const { kind } = (event ?? {}) as { kind?: unknown };
  if (typeof kind !== 'string' || !Object.hasOwn(orders, kind))
    return { fault: `"kind" is not one of ${Object.keys(orders).join(', ')}` };
  const parsed = orders[kind as EmergencyOrder['kind']].safeParse(event);
  if (parsed.success) return { order: parsed.data };
  const [issue] = parsed.error.issues;
  return { fault: `in the order "${kind}", ${issue ? faultOf(issue) : 'something is wrong'}` };
}

function faultOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.length ? `"${issue.path.join('.')}"` : 'it';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${field} has ${issue.keys.length === 1 ? 'an unknown field' : 'unknown fields'}`;
    case 'invalid_type':
      return `${field} is not a ${issue.expected}`;
    case 'invalid_value':
      return `${field} is not one of ${issue.values.join(', ')}`;
    case 'too_big':
      return `${field} is more than ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `${field} is less than ${issue.minimum}${unitOf(issue.origin)}`;
    case 'custom':
      return `${field} ${issue.message}`;
    default:
      return `${field} does not have the expected form`;
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}
