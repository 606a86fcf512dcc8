// The audit function as `Invoke` reaches it.
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { emptyAnswer } from '../../../core/audit/finding';
import type { Clock } from '../../../core/provider';
import { createAudit } from '../../../lambda/audit';
import type { Registry } from '../../../lambda/aws/registry/registry';
import { clientSettings } from '../../../lambda/aws/runtime/client-settings';
import { createTable } from '../../../lambda/aws/table/table';

/** What the account around the keys looks like is not played here; test/lambda/aws/audit/ has it. */
const ofAccount = ['access', 'copies', 'watching'];

type Settings = Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'credentials'>;

export function openAudit(settings: Settings, providers: string[], registry: Registry, clock: Clock) {
  const ask = createAudit('prod', providers, {
    secretsManager: new SecretsManagerClient({ ...clientSettings, ...settings }),
    registry,
    table: createTable(new DynamoDBClient(settings), 'prod'),
    notify: async () => {},
    clock,
    variables: {},
  });
  return async (event: unknown) => {
    const { part } = event as { part?: string };
    if (part && ofAccount.includes(part)) return { ok: true as const, payload: emptyAnswer() };
    try {
      const lasts = { awsRequestId: '1', getRemainingTimeInMillis: () => 900_000 };
      return { ok: true as const, payload: await ask(event as Parameters<typeof ask>[0], lasts) };
    } catch (error) {
      return { ok: false as const, error: { errorType: 'Error', errorMessage: (error as Error).message } };
    }
  };
}
