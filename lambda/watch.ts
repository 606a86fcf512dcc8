// Called by EventBridge for every read of a secret of this environment that CloudTrail tells of, some minutes after it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { failedReadsAtMost, judgeRead, knownFor, placeOf } from '../core/incident/readers';
import { issuersWord, type KeyAddress, parseSecretName, shortName } from '../core/key/key-address';
import { createEvents } from './aws/notify/events';
import { type Notify, openNotify } from './aws/notify/notify';
import { watchIssuer } from './aws/reads/issuer-reads';
import { createReads, hourOf, type ReadsTools } from './aws/reads/known-places';
import { type NamedRead, readSecretRead } from './aws/reads/secret-read';
import { openRegistry, type Registry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { type BusEvent, onlyFor, trailed } from './aws/runtime/event';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';
import { noteServerRead } from './aws/table/server-reads';
import { createTable } from './aws/table/table';

export interface WatchConfig {
  environment: string;
  /** ARNs or patterns of roles. */
  admins: string[];
}

export interface WatchClients extends ReadsTools {
  registry: Registry;
  notify: Notify;
}

export function createWatch({ environment, admins }: WatchConfig, clients: WatchClients) {
  const start = `keyturn/${environment}/`;
  const { registry, table, clock } = clients;
  const reads = createReads(clients);

  return async (event: BusEvent): Promise<void> => {
    const read = readSecretRead(event.detail, environment);
    if (!read?.secretName.startsWith(start)) return;
    if (read.secretName.startsWith(`${start}${issuersWord}/`))
      await watchIssuer({ environment, ...clients }, read);
    // The caller chose the name that was asked for: it may be no key's at all.
    else if (registry.isRegistered(read.secretName)) await watchKey(read, parseSecretName(read.secretName));
  };

  async function watchKey(read: NamedRead, address: KeyAddress): Promise<void> {
    if (read.errorCode) return watchRefusedRead(read, address);
    const place = placeOf(read.source, read.userAgent, read.vpcEndpoint);
    if (await reads.isKnownPlace(address, read.principal, place))
      return reads.seenAgain(address, read, place, admins);
    const reader = await reads.readerOf(read, address, admins);
    const serverSeenAt = reader === 'server' ? await reads.serverSeenAt(address) : undefined;
    const seen = { reader, place, isKnown: false, ...(serverSeenAt && { serverSeenAt }) };
    const signal = judgeRead(seen, clock.now());
    if (signal) {
      const incidentId = await reads.raise(signal, address, read);
      const { principal, source } = read;
      logger.warn(`${shortName(address)}: ${signal}`, { principal, source, incidentId });
    }
    if (reader === 'server') await noteServerRead(table, address, read.at);
    // Last: a read that could not be told of is looked at again.
    await reads.rememberPlace(address, read, place, knownFor(seen));
  }

  async function watchRefusedRead(read: NamedRead, address: KeyAddress): Promise<void> {
    // A secret or version that is not there is a mistake of somebody who may read.
    if (read.errorCode !== 'AccessDenied') return;
    if ((await reads.countRefusedRead(address, read)) < failedReadsAtMost) return;
    const hour = hourOf(read);
    await reads.raise('failed-reads', address, read, { id: hour, at: new Date(`${hour}:00Z`) });
  }
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const admins = JSON.parse(variable('KEYTURN_ADMINS', process.env)) as string[];
  const watch = createWatch(
    { environment, admins },
    {
      secretsManager: new SecretsManagerClient(clientSettings),
      registry: openRegistry(process.env),
      table: createTable(new DynamoDBClient(clientSettings), environment),
      notify: openNotify(process.env),
      publishSignal: createEvents().publishSignal,
      clock: systemClock,
    },
  );
  return onlyFor(trailed, watch);
});
