// From a function of ours to what the Lambda runtime calls.
import { KeyturnError } from '../../../core/errors';
import { minuteMs } from '../../../core/time';
import { describeError, logger } from './logger';

/** What a handler may know of its invocation: this id is the same on every retry. */
export interface Invocation {
  awsRequestId: string;
  /** Milliseconds until Lambda ends it. */
  getRemainingTimeInMillis(): number;
}

/** Of a call that did not come through Lambda. */
const unknownInvocation: Invocation = {
  awsRequestId: 'unknown',
  getRemainingTimeInMillis: () => 15 * minuteMs,
};

type Run<Event, Result> = (event: Event, invocation: Invocation) => Promise<Result>;

/**
 * Logs what may be said, and throws only that: the Lambda runtime prints every property of what a handler throws.
 * @param wire makes the function when it is first called; it is kept for as long as the sandbox is warm
 */
export function lambdaHandler<Event, Result>(
  wire: () => Run<Event, Result>,
): (event: Event, invocation?: Invocation) => Promise<Result> {
  let run: Run<Event, Result> | undefined;
  return async (event, invocation = unknownInvocation) => {
    try {
      run ??= wire();
      return await run(event, invocation);
    } catch (error) {
      const said = describeError(error);
      logger.error(said.message, { error: said });
      throw Object.assign(new Error(said.message), { name: said.name });
    }
  };
}

/** @throws {KeyturnError} bad-config, where the function lacks the variable */
export function variable(name: `KEYTURN_${string}`, variables: NodeJS.ProcessEnv): string {
  const value = variables[name];
  if (value) return value;
  throw new KeyturnError(
    'bad-config',
    `the variable ${name} is not set on this function; deploy its stack again`,
  );
}
