// What a call with a key came to, as far as the key is concerned.
import { hasCode, KeyturnError } from '../../core/errors';
import type { Key } from './key';

/**
 * Thrown by the function given to `keys.use` where the provider rejected the key in another way than by a 401: with a 200 and an
 * error in its body, say, or with another 4xx whose body the function has read. The key is then read afresh, and the function
 * called once more. Of a Response with a 4xx that is returned unread, the library knows the provider's words by itself.
 */
export class KeyRejected extends KeyturnError {
  constructor(message = 'the provider rejected the key; a newer one is tried if there is one') {
    super('key-rejected', message);
  }
}

export type CallOutcome<T> = { value: T } | { error: unknown };

export async function callOutcome<T>(fn: (key: Key) => T | Promise<T>, key: Key): Promise<CallOutcome<T>> {
  try {
    return { value: await fn(key) };
  } catch (error) {
    return { error };
  }
}

export function resultOf<T>(outcome: CallOutcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/**
 * - `rejected`: the provider does not know the key (any more).
 * - `refused`: it knows the key, and the key may not do this; another key could not either.
 */
export type CallFailure = 'rejected' | 'refused';

/** By its status alone. */
export function failureIn(outcome: CallOutcome<unknown>): CallFailure | undefined {
  const isError = 'error' in outcome;
  if (isError && hasCode(outcome.error, 'key-rejected')) return 'rejected';
  const status = isError ? statusOfError(outcome.error) : statusOfResponse(outcome.value);
  return status === 401 ? 'rejected' : status === 403 ? 'refused' : undefined;
}

/** Frees the connection of a response that will not be read. */
export function discard(outcome: CallOutcome<unknown>): void {
  if ('value' in outcome && outcome.value instanceof Response) outcome.value.body?.cancel().catch(() => {});
}

function statusOfResponse(value: unknown): unknown {
  const { status, headers } = (value ?? {}) as { status?: unknown; headers?: unknown };
  return headers === undefined ? undefined : status;
}

/** Providers' own clients throw what they call status, statusCode or response.status. */
function statusOfError(error: unknown): unknown {
  const { status, statusCode, response } = (error ?? {}) as Record<string, unknown>;
  return status ?? statusCode ?? (response ? statusOfError(response) : undefined);
}
