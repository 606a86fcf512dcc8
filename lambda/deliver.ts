// Brings each new key to where its server runs: when a key rotates, every hour what is not there yet, and when a person asks.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDeliverKeys, type DeliverClients, type DeliverSummary } from './aws/delivery/deliver-keys';
import { readDeliveryCall } from './aws/delivery/delivery-event';
import { openNotify } from './aws/notify/notify';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { createTable } from './aws/table/table';

export function createDeliver(environment: string, clients: DeliverClients) {
  const deliverKeys = createDeliverKeys(environment, clients);
  return async (event: unknown, invocation: Invocation): Promise<DeliverSummary> =>
    deliverKeys(readDeliveryCall(event), () => invocation.getRemainingTimeInMillis());
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  return createDeliver(environment, {
    secretsManager: new SecretsManagerClient(clientSettings),
    registry: openRegistry(process.env),
    table: createTable(new DynamoDBClient(clientSettings), environment),
    notify: openNotify(process.env),
    settings: clientSettings,
    clock: systemClock,
  });
});
