import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';

const client = new EventBridgeClient({});

export function putEvent(entry: PutEventsRequestEntry): Promise<PutEventsCommandOutput> {
  return client.send(new PutEventsCommand({ Entries: [entry] }));
}
