// How one service hands something to another: as itself or as a role, under the receiver's resource policy.
import { servicePrincipal } from './access';
import type { Caller } from './handed-in';

export interface Sender {
  caller: Caller;
  /** The rule, topic or alarm on whose behalf a service acts: aws:SourceArn. */
  sourceArn?: string;
}

export interface Parcel {
  /** JSON text, or plain text. */
  body: string;
  subject?: string;
  /** Text for each protocol, where the sender has different ones. */
  bodyByProtocol?: Record<string, string>;
  attributes?: Record<string, MessageAttribute>;
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

/** `retryable` is false for a missing target or permission: trying again cannot help. */
export type DeliveryOutcome = 'delivered' | { code: string; message: string; retryable: boolean };

/** Delivers to a function, queue or topic. */
export type Deliver = (targetArn: string, parcel: Parcel, by: Sender) => DeliveryOutcome;

export function sourceContext(by: Sender, account: string): Record<string, string | undefined> {
  return {
    'aws:SourceArn': by.sourceArn,
    'aws:SourceAccount': by.caller.kind === 'service' ? account : undefined,
  };
}

/** A service that acts as itself, for one of the account's resources. */
export function asService(service: string, sourceArn: string): Sender {
  return { caller: servicePrincipal(service), sourceArn };
}
