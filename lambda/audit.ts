// Looks over all keys of its environment and changes nothing: one part for each call of `keyturn audit`, every part once a week.
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { FindingSeverity, PartAnswer } from '../core/audit/finding';
import { reportsOf } from '../core/audit/report';
import { KeyturnError } from '../core/errors';
import { minuteMs } from '../core/time';
import { type AuditClients, type PartRequest, partNamed, partsOf } from './aws/audit/parts';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { type BusEvent, onlyFor, scheduled } from './aws/runtime/event';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';
import { createTable } from './aws/table/table';

/** How long before its end the function stops to look further. */
const spareMs = minuteMs;

export function createAudit(environment: string, providers: readonly string[], clients: AuditClients) {
  const look = async (request: PartRequest, invocation: Invocation): Promise<PartAnswer> => {
    const { gather, about } = partNamed(request.part);
    const isTimeUp = () => invocation.getRemainingTimeInMillis() < spareMs;
    return gather({ ...clients, ...request, environment, providers, about, isTimeUp });
  };

  /** All parts, with all their pages. */
  async function lookAtAll(
    _event: BusEvent,
    invocation: Invocation,
  ): Promise<Record<FindingSeverity, number>> {
    const salt = randomBytes(32).toString('hex');
    const answers: PartAnswer[] = [];
    for (const part of partsOf(providers)) {
      let from: string | undefined;
      do {
        const answer = await look({ part, salt, ...(from !== undefined && { from }) }, invocation);
        answers.push(answer);
        from = answer.next;
      } while (from !== undefined);
    }
    const [report] = reportsOf([{ environment, answers }], clients.clock.now());
    const counts: Record<FindingSeverity, number> = { high: 0, medium: 0, low: 0 };
    for (const { severity } of report?.findings ?? []) counts[severity]++;
    logger.info('audited the environment', { ...counts, looked: report?.looked });
    return counts;
  }

  const weekly = onlyFor(scheduled, lookAtAll);
  return async (event: BusEvent | PartRequest | undefined, invocation: Invocation) =>
    event && 'part' in event ? look(needRequest(event), invocation) : weekly(event, invocation);
}

/** @throws {KeyturnError} bad-event */
function needRequest({ part, salt, from }: Partial<PartRequest>): PartRequest {
  const isRequest =
    typeof part === 'string' &&
    typeof salt === 'string' &&
    /^[0-9a-f]{32,128}$/.test(salt) &&
    (from === undefined || typeof from === 'string');
  if (isRequest) return { part, salt, ...(from !== undefined && { from }) };
  throw new KeyturnError(
    'bad-event',
    'this event asks for no part of an audit; call it with { part, salt, from? }, where salt has 32 to 128 hexadecimal digits',
  );
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const providers = JSON.parse(variable('KEYTURN_PROVIDERS', process.env)) as string[];
  return createAudit(environment, providers, {
    secretsManager: new SecretsManagerClient(clientSettings),
    registry: openRegistry(process.env),
    table: createTable(new DynamoDBClient(clientSettings), environment),
    clock: systemClock,
  });
});
