// API calls as whoever runs the model sees them: what can go wrong with one, how it ended, what was not modelled.

import type { Caller } from '@keyturn/iam/request';

/** One API call, as the fault hook sees it before it is carried out. */
export interface InterceptedCall {
  service: string;
  operation: string;
  caller: Caller;
  params: Record<string, unknown>;
}

export type AwsFault =
  /** The connection drops; nothing was carried out. */
  | { kind: 'refuse-before' }
  /** Carried out, then the connection drops. */
  | { kind: 'lose-answer' }
  | { kind: 'throttle' }
  | { kind: 'server-error' }
  /** Nothing happens until the promise resolves; then it is carried out and answered. */
  | { kind: 'hang-before'; until: Promise<void> }
  /** Carried out at once, answered when the promise resolves. */
  | { kind: 'hang-after'; until: Promise<void> }
  /** Answered with what this gives; `carryOut` does what was asked, and gives what the service would answer. */
  | { kind: 'instead'; answer(carryOut: () => Promise<unknown>): Promise<unknown> };

export type Intercept = (call: InterceptedCall) => AwsFault | undefined;

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

/** An unknown service, operation or parameter: the model must not go on as if it were modelled. */
export interface Violation {
  at: Date;
  service: string;
  operation: string;
  text: string;
}
