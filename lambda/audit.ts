// Looks over all keys of its environment and changes none: one part for each call of `keyturn audit`, and all parts once a week by itself.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { PartAnswer } from '../core/audit/finding';
import { type PartRequest, partsOf } from '../core/audit/parts';
import { minuteMs } from '../core/time';
import { auditByItself, type OwnAudit } from './aws/audit/own-audit';
import { type AuditClients, gathererOf, readRequest, unhurriedProviders } from './aws/audit/parts';
import { openNotify } from './aws/notify/notify';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { type BusEvent, onlyFor, scheduled } from './aws/runtime/event';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';
import { createTable } from './aws/table/table';

/** How long before its end the function stops to look further. */
const spareMs = minuteMs;

export function createAudit(
  environment: string,
  providers: readonly string[],
  clients: AuditClients & Pick<OwnAudit, 'table' | 'notify'>,
) {
  const look = async (request: PartRequest, invocation: Invocation): Promise<PartAnswer> => {
    const { gather, about } = gathererOf(request.part);
    return gather({
      ...clients,
      ...request,
      environment,
      providers,
      about,
      providerOf: unhurriedProviders(clients),
      isTimeUp: () => isShort(invocation),
    });
  };

  const byItself = onlyFor(scheduled, async (_event, invocation) => {
    const came = await auditByItself(
      { environment, parts: partsOf(providers), ...clients },
      request => look(request, invocation),
      () => isShort(invocation),
    );
    logger.info('audited the environment', came);
    return came;
  });
  return async (event: BusEvent | PartRequest | undefined, invocation: Invocation) =>
    event && 'part' in event ? look(readRequest(event), invocation) : byItself(event, invocation);
}

function isShort(invocation: Invocation): boolean {
  return invocation.getRemainingTimeInMillis() < spareMs;
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const providers = JSON.parse(variable('KEYTURN_PROVIDERS', process.env)) as string[];
  return createAudit(environment, providers, {
    secretsManager: new SecretsManagerClient(clientSettings),
    registry: openRegistry(process.env),
    table: createTable(new DynamoDBClient(clientSettings), environment),
    notify: openNotify(process.env),
    clock: systemClock,
    variables: process.env,
  });
});
