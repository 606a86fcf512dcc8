// Where keys come from for whoever keeps none: secrets from Secrets Manager, short-lived tokens from the token function.

import type { Connector } from '../connectors/connector';
import { connectors } from '../connectors/index';
import { type KeyAddress, shortName } from '../core/key-address';
import { holderOf } from '../core/secret-store';
import { type HeldToken, heldToken } from './cached-token';
import type { HeldVersion, SecretReader } from './secret-reader';
import type { AskForToken } from './token-asker';

export interface KeySource {
  read(address: KeyAddress): Promise<HeldVersion>;
  /** Whether that version is still the one to use: one DescribeSecret, or no call at all for a token. */
  isCurrent(address: KeyAddress, versionId: string): Promise<boolean>;
  /** The provider does not accept that version: a token is not to be handed out again. */
  reject(address: KeyAddress, versionId: string): void;
}

export interface KeySourceParts {
  reader: SecretReader;
  ask: AskForToken;
  now(): number;
}

export function createKeySource({ reader, ask, now }: KeySourceParts): KeySource {
  const tokens = new Map<string, HeldToken & { isRefused?: true }>();

  return {
    async read(address) {
      if (!isMinted(address)) return (await reader.read(address, 'AWSCURRENT'))!;
      const known = tokens.get(shortName(address));
      const refused = known?.isRefused && known.version.versionId;
      const held = heldToken(
        await ask(address, { scopes: [], ...(refused && { refused }) }),
        address.provider,
        now(),
      );
      tokens.set(shortName(address), held);
      return held.version;
    },
    async isCurrent(address, versionId) {
      if (!isMinted(address)) return holderOf(await reader.describe(address), 'AWSCURRENT') === versionId;
      const held = tokens.get(shortName(address));
      return (
        held !== undefined && held.version.versionId === versionId && !held.isRefused && now() < held.renewAt
      );
    },
    reject(address, versionId) {
      const held = tokens.get(shortName(address));
      if (held?.version.versionId === versionId) held.isRefused = true;
    },
  };
}

/** True where servers get tokens, and never the key itself. */
export function isMinted({ provider }: KeyAddress): boolean {
  return (connectors as Record<string, Connector>)[provider]?.kind === 'mint';
}
