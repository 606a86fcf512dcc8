// Whom the emergency function talks to.
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSharedListing, type SharedListing } from '../../../core/incident/replacement/shared-listing';
import type { Clock } from '../../../core/provider';
import type { Attempts } from '../../../core/rotation/attempts';
import type { SecretStore } from '../../../core/rotation/secret-store';
import { createEvents, type Events } from '../notify/events';
import { type Notify, openNotify } from '../notify/notify';
import { openRegistry } from '../registry/registry';
import { clientSettings } from '../runtime/client-settings';
import { systemClock } from '../runtime/clock';
import { createProviders, type Providers } from '../secrets/providers';
import { createSecretStore } from '../secrets/secret-store';
import { createPacedWrites } from '../secrets/write-rate';
import { createAttempts } from '../table/attempts';
import { type CertificateRecords, createCertificates } from '../table/certificates';
import { withMarks } from '../table/marks';
import { createTable, type Table } from '../table/table';
import { type AskAws, askSts } from './caller-proof';

export interface EmergencyClients {
  store: SecretStore;
  provider: Providers;
  table: Table;
  attempts: Attempts;
  listed: SharedListing;
  certificates: CertificateRecords;
  cloudWatch: CloudWatchClient;
  cloudTrail: CloudTrailClient;
  askAws: AskAws;
  publish: Events['publish'];
  notify: Notify;
  clock: Clock;
}

/** @param variables those of the function */
export function openEmergencyClients(environment: string, variables: NodeJS.ProcessEnv): EmergencyClients {
  const reads = new SecretsManagerClient(clientSettings);
  const writes = createPacedWrites(clientSettings, systemClock);
  const table = createTable(new DynamoDBClient(clientSettings), environment);
  const { publish, publishUnproven } = createEvents();
  return {
    store: withMarks(createSecretStore(reads, openRegistry(variables), writes), table),
    provider: createProviders(reads, systemClock, 'resend'),
    table,
    attempts: createAttempts(table, systemClock, publishUnproven),
    listed: createSharedListing(systemClock),
    certificates: createCertificates(table, systemClock),
    cloudWatch: new CloudWatchClient(clientSettings),
    cloudTrail: new CloudTrailClient(clientSettings),
    askAws: askSts,
    publish,
    notify: openNotify(variables),
    clock: systemClock,
  };
}
