// What one exploration does: which piece of work, where in it, and what goes wrong there.

/** The pieces of work whose calls are explored. */
export const phases = ['rotation', 'rotation in an overlap', 'retire', 'first issue'] as const;
export type Phase = (typeof phases)[number];

/** What can happen to one call. */
export const callFaults = [
  'stopped before',
  'stopped after',
  'answer lost',
  '429',
  '5xx',
  'time-out',
  'carried out late',
  'outage of 3 hours',
  'overtaken',
] as const;
export type CallFault = (typeof callFaults)[number];

/** What can happen to one invocation of a function. */
export const invocationFaults = ['invoked twice', 'invoked side by side'] as const;
export type InvocationFault = (typeof invocationFaults)[number];

export type Plan = { fault: CallFault; call: number } | { fault: InvocationFault; invocation: number };

/** One call of the function under test, as it was first seen. */
export interface SeenCall {
  side: 'aws' | 'provider';
  /** `secretsmanager PutSecretValue`, `POST /v3/api_keys` */
  name: string;
}

/** Enough for work that is a rotation, too, but of a key that is not there yet, or with an old one still beside it. */
const breakingOff: readonly CallFault[] = ['stopped after'];

const faultsOf: Record<Phase, readonly CallFault[]> = {
  rotation: callFaults,
  'rotation in an overlap': breakingOff,
  retire: callFaults,
  'first issue': breakingOff,
};

/** All that can go wrong in work that makes these calls. */
export function plansFor(phase: Phase, calls: readonly SeenCall[], invocations: number): Plan[] {
  const inCalls = calls.flatMap((_, call) => faultsOf[phase].map(fault => ({ fault, call })));
  const inInvocations = Array.from({ length: invocations }, (_, invocation) =>
    invocationFaults.map(fault => ({ fault, invocation })),
  );
  return [...inCalls, ...inInvocations.flat()];
}
