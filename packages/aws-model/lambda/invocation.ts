// What the model asks of whoever runs the code of functions.

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
