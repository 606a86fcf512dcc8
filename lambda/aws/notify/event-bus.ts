// A file of its own, since it is loaded only when there is something to tell: most invocations tell nothing.
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { clientSettings } from '../runtime/client-settings';

export type PutEvent = (entry: PutEventsRequestEntry) => Promise<PutEventsCommandOutput>;

export function openEventBus(): PutEvent {
  const client = new EventBridgeClient(clientSettings);
  return entry => client.send(new PutEventsCommand({ Entries: [entry] }));
}
