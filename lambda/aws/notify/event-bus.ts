import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { clientSettings } from '../runtime/client-settings';

const client = new EventBridgeClient(clientSettings);

export function putEvent(entry: PutEventsRequestEntry): Promise<PutEventsCommandOutput> {
  return client.send(new PutEventsCommand({ Entries: [entry] }));
}
