// The root that tokens are minted from, in its secret. A refresh token is spent by minting, so the newest stands in a version
// with a label of its own: rotation, retirement and people go on moving AWSCURRENT and AWSPREVIOUS without it.
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { bindMint } from '../../../connectors/contract/bind-mint';
import { connectorFor } from '../../../connectors/index';
import { hasCode, KeyturnError } from '../../../core/errors';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import type { Clock } from '../../../core/provider';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import type { TokenMint } from '../../../core/tokens/tokens';
import type { Registry } from '../registry/registry';
import { createSecretStore } from './secret-store';

const grantLabel = 'KEYTURN-GRANT';

export interface TokenRoots {
  /** @throws {KeyturnError} not-found, where the server has no such key: AWS then denies even the description */
  describe(address: KeyAddress): Promise<SecretState>;
  /** @throws {KeyturnError} refused, where the provider mints no tokens */
  mintOf(state: SecretState): TokenMint;
}

export function createTokenRoots(
  secretsManager: SecretsManagerClient,
  registry: Registry,
  clock: Clock,
): TokenRoots {
  const store = createSecretStore(secretsManager, registry);
  /** Spent roots' successors, by secret: Secrets Manager may show what it was just given only after a while. */
  const keptHere = new Map<string, SecretValue>();

  async function rootOf(state: SecretState): Promise<SecretValue> {
    const current = await store.read(state, 'AWSCURRENT');
    if (!current?.value) {
      throw new KeyturnError(
        'unissued',
        `${shortName(state.address)} has no root to mint tokens from yet; store one with \`keyturn adopt\`, or create one with \`keyturn issue\``,
      );
    }
    // A person who consents again stores a new AWSCURRENT, and the grants before count no more.
    const [newest] = [await storedGrant(state), keptHere.get(state.arn)]
      .flatMap(grant => (grant?.grantOf === current.versionId ? [grant] : []))
      .sort((one, other) => (String(one.grantedAt) < String(other.grantedAt) ? 1 : -1));
    return newest ?? { ...current.value, grantOf: current.versionId };
  }

  async function storedGrant(state: SecretState): Promise<SecretValue | undefined> {
    const versionId = holderOf(state, grantLabel);
    if (!versionId) return undefined;
    const { SecretString } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: state.arn, VersionId: versionId }),
    );
    return parseSecretValue(SecretString ?? '', `${shortName(state.address)} (${grantLabel})`);
  }

  async function keepRoot(state: SecretState, next: SecretValue): Promise<void> {
    const grant: SecretValue = { ...next, grantedAt: clock.now().toISOString() };
    // First here: where it cannot be stored now, the next call in this sandbox still has it.
    keptHere.set(state.arn, grant);
    await secretsManager.send(
      new PutSecretValueCommand({
        SecretId: state.arn,
        SecretString: JSON.stringify(grant),
        VersionStages: [grantLabel],
      }),
    );
  }

  return {
    async describe(address) {
      try {
        return await store.describe(secretName(address));
      } catch (error) {
        const { name } = error as Error;
        if (!hasCode(error, 'not-found', 'not-deployed') && name !== 'AccessDeniedException') throw error;
        throw new KeyturnError(
          'not-found',
          `${shortName(address)} does not exist, so no token can be minted from it; use a key that config/keys.ts gives to ${address.server}, and deploy`,
        );
      }
    },

    mintOf(state) {
      const connector = connectorFor(state.address.provider);
      if (connector.kind === 'mint') {
        const readRoot = () => rootOf(state);
        return bindMint(connector, {
          readRoot,
          keepRoot: next => keepRoot(state, next),
          spec: state.spec,
          clock,
        });
      }
      throw new KeyturnError(
        'refused',
        `${shortName(state.address)} is a key of ${connector.title}, from which no tokens are minted; read the key itself`,
      );
    },
  };
}
