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
