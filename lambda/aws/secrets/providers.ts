// The provider of one key: its connector, bound to what the secret says of the key and to the issuer credential.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { createCallLimits, type RefusedCreates } from '../../../connectors/http/call-rate';
import { forEachName } from '../../../connectors/http/slots';
import { loadConnector } from '../../../connectors/load';
import { KeyturnError } from '../../../core/errors';
import { issuerSecretName } from '../../../core/key/key-address';
import type { Clock, Provider } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';

export type Providers = (state: SecretState) => Promise<Provider>;

/** @param quota calls a second that each of them gets at most. @default - as many as it answers */
export function createProviders(
  secretsManager: SecretsManagerClient,
  clock: Clock,
  refusedCreates: RefusedCreates = 'pass-on',
  quota?: number,
): Providers {
  const limitsOf = forEachName(() => createCallLimits(clock, refusedCreates, quota));
  return async ({ address, spec }) => {
    const { environment, provider } = address;
    const connector = await loadConnector(provider);
    return bindConnector(connector, {
      readIssuer: () => readIssuer(secretsManager, environment, provider),
      environment,
      spec,
      clock,
      limits: limitsOf(queueIn(connector, spec)),
    });
  };
}

/**
 * Names those who are asked about a key: the provider, and the hosts where its settings choose them. Keys of one queue wait for
 * each other, and for nobody else.
 */
export async function queueOf({
  address: { provider },
  spec,
}: Pick<SecretState, 'address' | 'spec'>): Promise<string> {
  // One that does not load holds up no other.
  const connector = await loadConnector(provider).catch(() => undefined);
  return connector ? queueIn(connector, spec) : provider;
}

function queueIn(connector: Connector, spec: SecretState['spec']): string {
  const { provider } = connector;
  const settings = connector.settings.safeParse(spec.settings);
  if (connector.kind === 'self-issued' || !settings.success) return provider;
  return [provider, ...connector.origins(settings.data)].join(' ');
}

/** The issuer credential as parsed JSON; its shape is the connector's to check. @throws {KeyturnError} bad-issuer */
async function readIssuer(
  secretsManager: SecretsManagerClient,
  environment: string,
  provider: string,
): Promise<unknown> {
  const name = issuerSecretName(environment, provider);
  const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: name }));
  try {
    return JSON.parse(SecretString ?? '');
  } catch {
    // The cause is dropped: JSON.parse quotes its input.
    throw new KeyturnError(
      'bad-issuer',
      `${name} is not JSON; set it again with \`npx keyturn issuer set ${provider} --env ${environment}\``,
    );
  }
}
