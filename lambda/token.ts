// Gives one MCP server its short-lived tokens. Lambda tells a function nothing of who invokes it: so each server has a
// function of its own, which only that server's role is let in to, and whose environment names the server.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../core/errors';
import { fingerprint } from '../core/key/generated-secret';
import { shortName } from '../core/key/key-address';
import type { Clock } from '../core/provider';
import { holderOf } from '../core/rotation/secret-store';
import { createTokenBroker, type GivenToken } from '../core/tokens/tokens';
import { openRegistry, type Registry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { atMost, systemClock } from './aws/runtime/clock';
import { type Invocation, lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';
import { createTokenRoots } from './aws/secrets/token-root';
import { createRootLease, type RootLease } from './aws/table/root-lease';
import { createTable } from './aws/table/table';

export interface TokenEvent {
  /** `github-app`, `oauth-client` */
  provider: string;
  /** @default - main */
  purpose?: string;
  /** @default - all that the config grants */
  scopes?: string[];
  /** Fingerprint (SHA-256, first 16 hex digits) of a token that was refused where it was used: brings a fresh one, unless the provider accepts it. */
  refused?: string;
}

type TokenConfig = Record<'environment' | 'server', string>;

export interface TokenClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  clock: Clock;
  lease: RootLease;
}

const waitsForEndsMs = 2_000;

export function createToken({ environment, server }: TokenConfig, clients: TokenClients) {
  const { secretsManager, registry, clock, lease } = clients;
  const broker = createTokenBroker(clock);
  const roots = createTokenRoots(secretsManager, registry, clock, lease);

  async function endOverdue(): Promise<void> {
    for (const reason of await broker.endOverdue()) {
      logger.warn('a token that outlives its tier could not be ended yet', { error: describeError(reason) });
    }
  }

  return async (event: TokenEvent, invocation: Invocation): Promise<GivenToken> => {
    // A provider that does not answer keeps nobody from tokens of another: then the ending goes on with the next call.
    await atMost(waitsForEndsMs, endOverdue());
    const { provider, purpose = 'main', scopes, refused } = readEvent(event);
    const state = await roots.describe({ environment, provider, server, purpose });
    const { tier, scopes: allowed } = state.spec;
    const key = shortName(state.address);
    const rootVersion = holderOf(state, 'AWSCURRENT') ?? 'none';
    const given = await broker.give(
      { key, rootVersion, tier, allowed, asked: scopes, refused },
      await roots.mintOf(state, () => invocation.getRemainingTimeInMillis()),
    );
    const { token, scopes: granted, expiresAt } = given;
    logger.info('gave a token', { key, server, scopes: granted, expiresAt, token: fingerprint(token) });
    return given;
  };
}

function readEvent(event: Partial<TokenEvent> | undefined): TokenEvent {
  const { provider, purpose, scopes, refused } = event ?? {};
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  const areScopes = scopes === undefined || (Array.isArray(scopes) && scopes.every(isText));
  if (typeof provider === 'string' && isText(purpose) && isText(refused) && areScopes) {
    return { provider, purpose, scopes, refused };
  }
  throw new KeyturnError(
    'bad-event',
    'the token function does not know this request; send {"provider", "purpose"?, "scopes"?: [], "refused"?}, as keyturn/client does',
  );
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const server = variable('KEYTURN_SERVER', process.env);
  const secretsManager = new SecretsManagerClient(clientSettings);
  const registry = openRegistry(process.env);
  const table = createTable(new DynamoDBClient(clientSettings), environment);
  const lease = createRootLease(table, systemClock);
  return createToken({ environment, server }, { secretsManager, registry, clock: systemClock, lease });
});
