// Keys as a server gets them with its AWS role: secrets from Secrets Manager, short-lived tokens from the token function, and those
// that a provider gives to the role itself.
import { kindOf } from '../../../connectors/load';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { SecretReader } from '../secrets/secret-reader';
import { createSecretSource } from '../secrets/secret-source';
import type { FederationSettingsByKey } from '../tokens/federation-asker';
import type { AskForToken } from '../tokens/token-asker';
import { createTokenHolder, type TokenHolder } from '../tokens/token-holder';
import type { KeySource } from './key-source';

export interface AwsSourceParts {
  reader: SecretReader;
  ask: AskForToken;
  /** Keys in whose place the role is accepted, by short name. @default - none */
  federated?: { settings: FederationSettingsByKey; ask: AskForToken };
  now(): number;
}

export function createAwsSource({ reader, ask, federated, now }: AwsSourceParts): KeySource {
  const secrets = createSecretSource(reader);
  const tokens = createTokenSource(ask, now);
  const exchanged = createTokenSource(federated?.ask ?? ask, now);
  async function sourceOf(address: KeyAddress): Promise<KeySource> {
    if (federated?.settings.has(shortName(address))) return exchanged;
    return (await kindOf(address.provider)) === 'mint' ? tokens : secrets;
  }
  return {
    givesTokens: async address => (await sourceOf(address)).givesTokens(address),
    read: async address => (await sourceOf(address)).read(address),
    statusOf: async (address, versionId) => (await sourceOf(address)).statusOf(address, versionId),
    reject(address, versionId) {
      // Each knows the versions that it gave.
      for (const source of [secrets, tokens, exchanged]) source.reject(address, versionId);
    },
  };
}

function createTokenSource(ask: AskForToken, now: () => number): KeySource {
  const holders = new Map<string, TokenHolder>();

  function holderOf(address: KeyAddress): TokenHolder {
    const key = shortName(address);
    const holder = holders.get(key) ?? createTokenHolder({ ask, address, scopes: [], now });
    holders.set(key, holder);
    return holder;
  }

  return {
    givesTokens: async () => true,
    read: async address => (await holderOf(address).renew()).version,
    async statusOf(address, versionId) {
      const held = holderOf(address).held();
      if (held?.version.versionId !== versionId) return 'superseded';
      if (held.isRefused || now() >= held.endAt) return 'expiring';
      return now() < held.renewAt ? 'current' : 'superseded';
    },
    reject: (address, versionId) => holderOf(address).refuse(versionId),
  };
}
