// What one exploration does: which piece of work, where in it, and what goes wrong there.
import type { CallKind } from '../../rehearsal/providers/dialect';

/** The pieces of work whose calls are explored; the longest first, so that no core waits for another in the end. */
export const phases = [
  'emergency',
  'rotation',
  'retire',
  'emergency in an overlap',
  'emergency during createSecret',
  'emergency during testSecret',
  'emergency during finishSecret',
  'emergency while rotations fail',
  'emergency without a rotation function',
  'emergency without a schedule',
  'rotation in an overlap',
  'first issue',
] as const;
export type Phase = (typeof phases)[number];

/** What can happen to one call. */
export const callFaults = [
  'stopped before',
  'stopped after',
  'answer lost',
  '429',
  '5xx',
  'refused',
  'time-out',
  'carried out late',
  'outage of 3 hours',
  'overtaken',
  'contained meanwhile',
  'rotated meanwhile',
] as const;
export type CallFault = (typeof callFaults)[number];

/** What can happen to one invocation of a function. */
export const invocationFaults = ['invoked twice', 'invoked side by side', 'invoked again later'] as const;
export type InvocationFault = (typeof invocationFaults)[number];

export type Plan = PlanOfCall | { fault: InvocationFault; invocation: number };

/** Goes wrong at the nth call of its kind, from 0: what else is called before it can differ from one run to the next. */
interface PlanOfCall {
  fault: CallFault;
  /** As it was first seen: its place among all. */
  call: number;
  kind: string;
  nth: number;
}

/** One call of the function under test, as it was first seen. */
export type SeenCall =
  /** `secretsmanager PutSecretValue`, `dynamodb UpdateItem of marks` */
  | { side: 'aws'; name: string }
  /** `POST /v3/api_keys` */
  | { side: 'provider'; name: string; what: CallKind };

/** Paths of providers hold ids, which differ from run to run. */
export function kindOf({ side, name }: SeenCall): string {
  return side === 'aws' ? name : `${name.split(' ', 1)[0]} of the provider`;
}

/** Enough for work that is known, too, but of a key that is not there yet, or with something else beside it. */
const breakingOff: readonly CallFault[] = ['stopped after'];

const besides = (...others: CallFault[]) => callFaults.filter(fault => !others.includes(fault));

const faultsOf: Record<Phase, readonly CallFault[]> = {
  rotation: besides('rotated meanwhile'),
  'rotation in an overlap': breakingOff,
  retire: besides('rotated meanwhile'),
  'first issue': breakingOff,
  emergency: callFaults,
  'emergency in an overlap': [...breakingOff, 'rotated meanwhile'],
  'emergency during createSecret': breakingOff,
  'emergency during testSecret': breakingOff,
  'emergency during finishSecret': breakingOff,
  'emergency while rotations fail': breakingOff,
  'emergency without a rotation function': breakingOff,
  'emergency without a schedule': breakingOff,
};

/** All that can go wrong in work that makes these calls. */
export function plansFor(phase: Phase, calls: readonly SeenCall[], invocations: number): Plan[] {
  const inCalls = calls.flatMap((seen, call) => {
    const kind = kindOf(seen);
    const nth = calls.slice(0, call).filter(before => kindOf(before) === kind).length;
    return faultsOf[phase]
      .filter(fault => !(isBesideRotation(phase) && fault === 'stopped after') || isChange(seen))
      .filter(fault => isOfItsOwn(fault, seen, call))
      .map(fault => ({ fault, call, kind, nth }));
  });
  const inInvocations = Array.from({ length: invocations }, (_, invocation) =>
    // Secrets Manager waits for the end of what it invokes; an order can come late.
    invocationFaults
      .filter(fault => isEmergency(phase) || fault !== 'invoked again later')
      .map(fault => ({ fault, invocation })),
  );
  return [...inCalls, ...inInvocations.flat()];
}

/**
 * True of the places in which one provider can differ from another of its kind: its own calls, and the stops between these and the
 * changes beside them in AWS. All else that is called in AWS is called for each provider of a kind alike.
 */
export function isAtProvider(plan: Plan, calls: readonly SeenCall[]): boolean {
  if (!('call' in plan)) return false;
  const seen = calls[plan.call]!;
  if (seen.side === 'provider') return !isInRun(calls, plan.call);
  return plan.fault === 'stopped after' && !isRead(seen) && isBesideProvider(calls, plan.call);
}

/** Asked over and over, such as until a key is rejected: what goes wrong at the first and at the last goes wrong in between. */
function isInRun(calls: readonly SeenCall[], call: number): boolean {
  const same = (seen: SeenCall | undefined) => seen?.side === 'provider' && `${seen.what} ${seen.name}`;
  return same(calls[call - 1]) === same(calls[call]) && same(calls[call]) === same(calls[call + 1]);
}

/** The last change before a call to the provider, or the first after one. */
function isBesideProvider(calls: readonly SeenCall[], call: number): boolean {
  const isOther = (seen: SeenCall) => seen.side === 'provider' || !isRead(seen);
  const before = calls.slice(0, call).findLast(isOther);
  const after = calls.slice(call + 1).find(isOther);
  return before?.side === 'provider' || after?.side === 'provider';
}

export function isEmergency(phase: Phase): boolean {
  return phase.startsWith('emergency');
}

/** There, to stop after any other call is to stop after the change before it: a rotation sees no difference. */
function isBesideRotation(phase: Phase): boolean {
  return isEmergency(phase) && phase !== 'emergency';
}

/** False where another exploration sees the same from outside. */
function isOfItsOwn(fault: CallFault, seen: SeenCall, call: number): boolean {
  switch (fault) {
    case 'stopped before':
      // Elsewhere that is to stop after the call before.
      return call === 0;
    case 'stopped after':
    case 'answer lost':
    case 'carried out late':
      return !isRead(seen);
    case 'refused':
      // Marks alone have something that stands in for them; whatever else is refused is an error like any other.
      return isMark(seen);
    default:
      return true;
  }
}

/** What it asks for stays as it is; some providers are asked with POST. */
function isRead(seen: SeenCall): boolean {
  if (seen.side === 'aws') return /^\S+ (Get|Describe|List|Lookup|Query)/.test(seen.name);
  return seen.name.startsWith('GET') || seen.what === 'list' || seen.what === 'verify';
}

/** Of the key or its secret. */
function isChange(seen: SeenCall): boolean {
  if (seen.side === 'provider') return !isRead(seen);
  return /^secretsmanager (Put|Update)/.test(seen.name) || isMark(seen);
}

function isMark({ name }: SeenCall): boolean {
  return name === 'dynamodb UpdateItem of marks';
}
