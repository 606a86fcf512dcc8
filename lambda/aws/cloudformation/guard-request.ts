// What CloudFormation asks of the removal guard, and where the answer goes.
import { KeyturnError } from '../../../core/errors';

/** What CloudFormation sends: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html */
export interface GuardRequest {
  RequestType: 'Create' | 'Update' | 'Delete';
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  ResourceProperties: {
    /** Short names of keys that may be left alive, as the configuration says. */
    Abandoned?: readonly string[];
  };
}

/** @throws {KeyturnError} bad-event, for all that CloudFormation does not ask for this environment's platform stack */
export function readRequest(event: Partial<GuardRequest> | undefined, environment: string): GuardRequest {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties } = event ?? {};
  const ofOwnStack = typeof StackId === 'string' && StackId.includes(`:stack/keyturn-${environment}/`);
  const isKnown = RequestType === 'Create' || RequestType === 'Update' || RequestType === 'Delete';
  if (ofOwnStack && isKnown && ResponseURL && RequestId && LogicalResourceId && ResourceProperties)
    return { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties };
  throw new KeyturnError(
    'bad-event',
    `this event is no request of CloudFormation for keyturn-${environment}, which alone this function is for; nothing was done`,
  );
}

/** @throws where it did not arrive: Lambda then calls the function again, before CloudFormation has given up */
export async function putAnswer(url: string, body: string): Promise<void> {
  // As bytes: the URL is signed for a body without a type, and text would be sent with one.
  const response = await fetch(url, {
    method: 'PUT',
    body: new TextEncoder().encode(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.ok) return;
  throw new KeyturnError(
    'no-answer',
    `CloudFormation's URL answered ${response.status} to this function's answer; it is sent again`,
  );
}
