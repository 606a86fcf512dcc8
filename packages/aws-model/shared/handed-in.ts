// What the AWS model needs from outside: time, chance, identities, the policy engine, and whatever runs functions.

import type { Caller } from '@keyturn/iam/request';

/** Virtual time: the model never reads the real clock. */
export interface Virtual {
  now(): Date;
  /** Runs at that instant, not before the caller has returned. @returns cancel */
  schedule(at: Date, what: string, run: () => Promise<void> | void): () => void;
  /** Keeps a caller of the wire waiting; time may pass meanwhile. */
  holdUntil(moment: Promise<unknown>): Promise<void>;
}

/** Seeded, in [0, 1). */
export type Random = () => number;

/** One API call, as the fault hook sees it before it is carried out. */
export interface InterceptedCall {
  service: string;
  operation: string;
  caller: Caller;
  params: Record<string, unknown>;
}

export type Fault =
  /** The connection drops; nothing was carried out. */
  | { kind: 'refuse-before' }
  /** Carried out, then the connection drops. */
  | { kind: 'lose-answer' }
  | { kind: 'throttle' }
  | { kind: 'server-error' }
  /** Nothing happens until the promise resolves; then it is carried out and answered. */
  | { kind: 'hang-before'; until: Promise<void> }
  /** Carried out at once, answered when the promise resolves. */
  | { kind: 'hang-after'; until: Promise<void> };

export type Intercept = (call: InterceptedCall) => Fault | undefined;

/** One API call, as it ended. */
export interface CallRecord {
  n: number;
  at: Date;
  service: string;
  operation: string;
  caller: Caller;
  /** The first resource that was authorised; absent where none was reached. */
  resource?: string;
  /** 0 where the connection was dropped. */
  status: number;
  errorCode?: string;
}

/** Who a function is invoked for. */
export interface Invocation {
  principal: string;
  sourceAccount?: string;
  sourceArn?: string;
  /** The same on every retry of an asynchronous invocation. */
  requestId: string;
}

export type InvocationResult =
  | { ok: true; payload?: unknown }
  | { ok: false; error: { errorType: string; errorMessage: string; trace?: string[] } };

/** Runs the function's code. Permissions were checked before. */
export type InvokeLambda = (functionArn: string, event: unknown, by: Invocation) => Promise<InvocationResult>;

/** An unknown service, operation or parameter: the rehearsal must not go on as if it were modelled. */
export interface Violation {
  at: Date;
  service: string;
  operation: string;
  text: string;
}
