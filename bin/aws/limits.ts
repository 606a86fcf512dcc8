// What the calls of a run of code are limited to, whichever command it is and however deep the call is made: every client of
// aws.ts asks here before each call. So whoever runs commands for an assistant need not trust that each of them only reads.
import { AsyncLocalStorage } from 'node:async_hooks';
import { KeyturnError } from '../../core/errors';

export interface CallLimit {
  /** @param action as IAM calls it: `secretsmanager:ListSecrets` */
  allows(action: string, input: object): boolean;
  /** No call is made once it is aborted. */
  signal: AbortSignal;
}

const limits = new AsyncLocalStorage<CallLimit>();

/** Holds in everything that `act` calls, and waits for. */
export function withinLimits<Result>(own: CallLimit, act: () => Promise<Result>): Promise<Result> {
  return limits.run(own, act);
}

/** @throws {KeyturnError} refused, where the call is beyond the limits; and what the signal was aborted with */
export function keepWithinLimits(action: string, input: object): void {
  const own = limits.getStore();
  own?.signal.throwIfAborted();
  if (!own || own.allows(action, input)) return;
  throw new KeyturnError(
    'refused',
    `${action} is not among the calls that are allowed here, which only read; run the command yourself where you mean to make it`,
  );
}

/** How IAM names a call of the SDK, where it does not name it the same: `InvokeCommand`. */
const otherNames: Record<string, string> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

export function actionOf(service: string, commandName: string): string {
  const action = `${service}:${commandName.replace(/Command$/, '')}`;
  return otherNames[action] ?? action;
}
