// What EventBridge sends, told from what else could reach a function: nobody but deployers can send it an event of this shape.
// A function's policy cannot keep others from mapping a queue of theirs to it, but then it gets records of that queue.
import { KeyturnError } from '../../../core/errors';
import type { Invocation } from './handler';

export interface BusEvent {
  source?: unknown;
  'detail-type'?: unknown;
  detail?: unknown;
}

/** AWS lets nobody put events whose source begins with `aws.`. */
export const scheduled = { source: 'aws.events', detailType: 'Scheduled Event' };
export const trailed = { source: 'aws.secretsmanager', detailType: 'AWS API Call via CloudTrail' };

/** @returns what runs for such events, and throws {KeyturnError} bad-event for all others */
export function onlyFor<Result>(
  { source, detailType }: { source: string; detailType: string },
  run: (event: BusEvent, invocation: Invocation) => Promise<Result>,
): (event: BusEvent | undefined, invocation: Invocation) => Promise<Result> {
  return async (event, invocation) => {
    if (event?.source === source && event['detail-type'] === detailType) return run(event, invocation);
    throw new KeyturnError(
      'bad-event',
      `this event is not a "${detailType}" from ${source}, the only kind that this function handles; nothing was done`,
    );
  };
}
