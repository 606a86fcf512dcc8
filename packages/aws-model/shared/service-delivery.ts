// How one service hands something to another: as itself or as a role, under the receiver's resource policy.

import type { Caller } from '@keyturn/iam/request';
import { servicePrincipal } from '@keyturn/iam/request';
import type { Virtual } from '../clock/virtual';
import { NotModelled } from '../wire/aws-error';

export interface Sender {
  caller: Caller;
  /** The rule, topic or alarm on whose behalf a service acts: aws:SourceArn. */
  sourceArn?: string;
}

export interface ServiceMessage {
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
export type Deliver = (targetArn: string, parcel: ServiceMessage, by: Sender) => DeliveryOutcome;

export function sourceContext(by: Sender, account: string): Record<string, string | undefined> {
  return {
    'aws:SourceArn': by.sourceArn,
    'aws:SourceAccount': by.caller.kind === 'service' ? account : undefined,
  };
}

/** What can happen to something on its way between two services. */
export type DeliveryFault =
  /** The receiver cannot be reached now; the sender tries again as it does. */
  { kind: 'unavailable' } | { kind: 'late'; ms: number } | { kind: 'twice' };

export type InterceptDelivery = (delivery: {
  targetArn: string;
  parcel: ServiceMessage;
  by: Sender;
}) => DeliveryFault | undefined;

/** @param receivers by service: `lambda`, `sns`, `sqs` */
export function createDeliver(parts: {
  virtual: Virtual;
  receivers: Record<string, Deliver>;
  interceptDelivery?: InterceptDelivery | undefined;
}): Deliver {
  const { virtual, receivers } = parts;
  return (targetArn, parcel, by) => {
    const receive = receivers[targetArn.split(':')[2] ?? ''];
    if (!receive) {
      throw new NotModelled(
        `something was sent to ${targetArn}; the model delivers to functions, queues and topics`,
      );
    }
    const fault = parts.interceptDelivery?.({ targetArn, parcel, by });
    if (fault?.kind === 'unavailable')
      return { code: 'ServiceUnavailable', message: 'Service unavailable', retryable: true };
    if (fault?.kind === 'late') {
      const at = new Date(virtual.now().getTime() + fault.ms);
      virtual.schedule(at, `late delivery to ${targetArn}`, () => void receive(targetArn, parcel, by));
      return 'delivered';
    }
    if (fault?.kind === 'twice') receive(targetArn, parcel, by);
    return receive(targetArn, parcel, by);
  };
}

/** A service that acts as itself, for one of the account's resources. */
export function asService(service: string, sourceArn: string): Sender {
  return { caller: servicePrincipal(service), sourceArn };
}

/** A service that acts with the permissions of a role that it was given. */
export function asRole(roleArn: string, sourceArn: string): Sender {
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const session = roleArn.replace(/:iam::(\d+):role\/.*$/, `:sts::$1:assumed-role/${role}/events`);
  return { caller: { arn: session, kind: 'role', roleArn, sessionName: 'events' }, sourceArn };
}
