// Whom the emergency function talks to.
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Clock } from '../../../core/provider';
import type { SecretStore } from '../../../core/rotation/secret-store';
import { createEvents, type Events } from '../notify/events';
import { createNotify, type Notify } from '../notify/notify';
import { clientSettings } from '../runtime/client-settings';
import { systemClock } from '../runtime/clock';
import { createProviders, type Providers } from '../secrets/providers';
import { createSecretStore } from '../secrets/secret-store';
import { createWriteRetries } from '../secrets/write-rate';
import { createTable, type Table } from '../table/table';
import { type AskAws, askSts } from './caller-proof';

export interface EmergencyClients {
  store: SecretStore;
  provider: Providers;
  table: Table;
  cloudWatch: CloudWatchClient;
  cloudTrail: CloudTrailClient;
  askAws: AskAws;
  publish: Events['publish'];
  notify: Notify;
  clock: Clock;
}

export function openEmergencyClients(environment: string, oncallTopic: string): EmergencyClients {
  const reads = new SecretsManagerClient(clientSettings);
  const writes = new SecretsManagerClient({
    ...clientSettings,
    retryStrategy: createWriteRetries(systemClock),
  });
  return {
    store: createSecretStore(reads, writes),
    provider: createProviders(reads, systemClock, 'resend'),
    table: createTable(new DynamoDBClient(clientSettings), environment),
    cloudWatch: new CloudWatchClient(clientSettings),
    cloudTrail: new CloudTrailClient(clientSettings),
    askAws: askSts,
    publish: createEvents().publish,
    notify: createNotify(new SNSClient(clientSettings), oncallTopic),
    clock: systemClock,
  };
}
