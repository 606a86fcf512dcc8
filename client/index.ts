/**
 * `keyturn/client`: how an MCP server gets its keys.
 *
 * ```ts
 * const keys = createKeys({ environment: 'prod', server: 'support-bot' });
 * await keys.use('sendgrid', key => fetch(url, { headers: { authorization: `Bearer ${key.secret}` } }));
 * ```
 *
 * It needs AWS credentials that may read the server's secrets, and nothing else. It reports to CloudWatch how its keys are
 * used; @see UsageTarget.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connector } from '../connectors/contract/connector';
import { bringConnector } from '../connectors/own';
import { shortName } from '../core/key/key-address';
import { hourMs } from '../core/time';
import { parseKeyName, parseServerIdentity } from './doctor/variables';
import { createKeysFrom, type Keys } from './keys/keys';
import { createSecretReader } from './keys/secrets/secret-reader';
import type { FederationSettingsByKey } from './keys/tokens/federation-asker';
import type { AskForToken } from './keys/tokens/token-asker';
import { createUsage } from './usage/usage';
import { defaultUsageTarget, type UsageTarget, usageSink } from './usage/usage-sinks';

export { KeyturnError } from '../core/errors';
export type { Finding, Problem } from './doctor/doctor';
export type { InboundKey } from './inbound';
export { KeyRejected } from './keys/call-outcome';
export type { Key } from './keys/key';
export type { CheckOptions, Keys } from './keys/keys';
export { requireInboundKey, withKey } from './mcp';
export type { UsageTarget } from './usage/usage-sinks';

/** An object of `keyturn/connectors`, which types of this package name none of. */
export interface OwnConnector {
  readonly provider: string;
  readonly kind: string;
}

export interface KeysOptions {
  /** As in config/keys.ts. @default - the variable KEYTURN_ENVIRONMENT */
  environment?: string;
  /** As in config/keys.ts. @default - the variable KEYTURN_SERVER */
  server?: string;
  /**
   * For `keys.env()`: which variable gets which key, as `provider`, `provider/purpose` or `provider:field`.
   * @default - none
   */
  variables?: Record<string, string>;
  /**
   * Keys from which tokens are minted (`github-app`, `oauth-client`), with the scopes that this server's tokens shall have;
   * an empty list asks for all that the config grants. `keys.use` and `keys.get` then give a short-lived token.
   * @default - none
   */
  tokens?: Record<string, readonly string[]>;
  /**
   * Keys that do not exist, since the provider accepts this server's AWS role: by name, with what `federate` says of them in
   * config/keys.ts. `keys.use` and `keys.get` then give a token of minutes.
   * @default - none
   */
  federate?: Record<string, object>;
  /**
   * Connectors of your own for what `federate` names, as config/keys.ts has them: each known to this process by its `provider`.
   * @default - none: Keyturn's own providers alone
   */
  connectors?: readonly OwnConnector[];
  /**
   * How old a copy of a key may be before AWS is asked whether there is a new one, at the next use. A question is one
   * DescribeSecret: every five minutes all month costs 4 cents for each key and process.
   * @default 300
   */
  refreshSeconds?: number;
  /**
   * How long the last known key serves while Secrets Manager cannot be read; StaleServes says how often it did. Longer than
   * the key's overlap is of no use.
   * @default 24
   */
  staleHours?: number;
  /** Where usage is reported. @default - in Lambda the logs, elsewhere CloudWatch by PutMetricData */
  usage?: UsageTarget;
}

/** @throws {KeyturnError} bad-config, where environment or server are not named */
export function createKeys(options: KeysOptions = {}): Keys {
  const { environment = process.env.KEYTURN_ENVIRONMENT, server = process.env.KEYTURN_SERVER } = options;
  const { variables = {}, tokens = {}, federate = {}, refreshSeconds = 300, staleHours = 24 } = options;
  for (const connector of options.connectors ?? []) bringConnector(connector as Connector);
  const { usage = defaultUsageTarget(process.env, process.argv[1]) } = options;
  const place = parseServerIdentity(environment, server);
  const federated = new Map(
    Object.entries(federate).map(([name, settings]) => [shortName(parseKeyName(name, place)), settings]),
  );
  return createKeysFrom({
    place,
    variables,
    reader: createSecretReader(),
    tokens: { scopes: tokens, ask: askForToken },
    federated: { settings: federated, ask: askFederation(federated) },
    usage: createUsage(usageSink(usage)),
    refreshMs: refreshSeconds * 1_000,
    staleMs: staleHours * hourMs,
    now: () => Date.now(),
    sleep: ms => sleep(ms),
  });
}

let asker: Promise<AskForToken> | undefined;

/** Loads what it needs of AWS with the first token. */
const askForToken: AskForToken = async (...asked) => {
  asker ??= import('./keys/tokens/token-asker').then(({ createTokenAsker }) => createTokenAsker());
  return (await asker)(...asked);
};

/** Loads what it needs of AWS, and the provider's own code, with the first token. */
function askFederation(settings: FederationSettingsByKey): AskForToken {
  let federation: Promise<AskForToken> | undefined;
  return async (...asked) => {
    federation ??= import('./keys/tokens/federation-asker').then(({ createFederationAsker }) =>
      createFederationAsker({ settings, clock: { now: () => new Date(), sleep: ms => sleep(ms) } }),
    );
    return (await federation)(...asked);
  };
}
