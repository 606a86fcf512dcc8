// Keys as Keyturn holds them in AWS: secrets from Secrets Manager, short-lived tokens from the token function.
import { kindOf } from '../../connectors/load';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { KeySource } from './key-source';
import type { SecretReader } from './secret-reader';
import { createSecretSource } from './secret-source';
import type { AskForToken } from './token-asker';
import { createTokenHolder, type TokenHolder } from './token-holder';

export interface AwsSourceParts {
  reader: SecretReader;
  ask: AskForToken;
  now(): number;
}

export function createAwsSource({ reader, ask, now }: AwsSourceParts): KeySource {
  const secrets = createSecretSource(reader);
  const tokens = createTokenSource(ask, now);
  const sourceOf = async (address: KeyAddress) => ((await isMinted(address)) ? tokens : secrets);
  return {
    read: async address => (await sourceOf(address)).read(address),
    statusOf: async (address, versionId) => (await sourceOf(address)).statusOf(address, versionId),
    reject(address, versionId) {
      // Each knows the versions that it gave.
      for (const source of [secrets, tokens]) source.reject(address, versionId);
    },
  };
}

/** True where servers get tokens, and never the key itself. */
export async function isMinted({ provider }: KeyAddress): Promise<boolean> {
  return (await kindOf(provider)) === 'mint';
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
