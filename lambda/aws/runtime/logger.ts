// One logger for all functions. Redaction needs no list of fields: nothing that holds a value is ever handed to it, and
// errors are reduced to code and message first, since an SDK's error object carries its response.
import { Logger } from '@aws-lambda-powertools/logger';
import { KeyturnError } from '../../../core/errors';

export const logger = new Logger();

/** What may be said of an error: never its properties, request, response or cause. */
export function describeError(error: unknown): { name: string; code?: string; message: string } {
  if (error instanceof KeyturnError) return { name: error.name, code: error.code, message: error.message };
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'unknown', message: `something of type ${typeof error} was thrown` };
}

/** What a handler may know of its invocation: this id is the same on every retry. */
export interface Invocation {
  awsRequestId: string;
}

/** Logs what may be said, and throws only that: the Lambda runtime prints every property of what a handler throws. */
export function withSafeErrors<Event, Result>(
  run: (event: Event, invocation: Invocation) => Promise<Result>,
): (event: Event, invocation?: Invocation) => Promise<Result> {
  return async (event, invocation = { awsRequestId: 'unknown' }) => {
    try {
      return await run(event, invocation);
    } catch (error) {
      const said = describeError(error);
      logger.error(said.message, { error: said });
      throw Object.assign(new Error(said.message), { name: said.name });
    }
  };
}
