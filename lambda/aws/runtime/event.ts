// What EventBridge sends, told from what else could reach a function: nobody but deployers can send it an event of this shape.
// A function's policy cannot keep others from mapping a queue of theirs to it, but then it gets records of that queue.
import { KeyturnError } from '../../../core/errors';

export interface BusEvent {
  source?: unknown;
  'detail-type'?: unknown;
  detail?: unknown;
}

/** AWS lets nobody put events whose source begins with `aws.`. */
export const scheduled = { source: 'aws.events', detailType: 'Scheduled Event' };
export const trailed = { source: 'aws.secretsmanager', detailType: 'AWS API Call via CloudTrail' };

/** @throws {KeyturnError} bad-event, where it is another event than that */
export function requireEvent(
  event: BusEvent | undefined,
  { source, detailType }: { source: string; detailType: string },
): void {
  if (event?.source === source && event['detail-type'] === detailType) return;
  throw new KeyturnError(
    'bad-event',
    `this event is no "${detailType}" of ${source}, which alone this function is for; nothing was done`,
  );
}
