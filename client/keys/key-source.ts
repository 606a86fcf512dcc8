// Where keys come from for whoever keeps none: secrets from Secrets Manager, short-lived tokens from the token function.

import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { type HeldToken, heldToken } from './cached-token';
import type { HeldVersion, SecretReader } from './secret-reader';
import { createSecretSource } from './secret-source';
import type { AskForToken } from './token-asker';

/**
 * How a version stands that somebody uses:
 * - `superseded`: another is to be used now, and this one still works.
 * - `ending`: it has ended, or may end within seconds.
 */
export type Standing = 'current' | 'superseded' | 'ending';

export interface KeySource {
  read(address: KeyAddress): Promise<HeldVersion>;
  /** One DescribeSecret, or no call at all for a token. */
  standingOf(address: KeyAddress, versionId: string): Promise<Standing>;
  /** The provider does not accept that version: a token is not to be handed out again, nor a key while there is another. */
  reject(address: KeyAddress, versionId: string): void;
}

export interface KeySourceParts {
  reader: SecretReader;
  ask: AskForToken;
  now(): number;
}

export function createKeySource({ reader, ask, now }: KeySourceParts): KeySource {
  const secrets = createSecretSource(reader);
  const tokens = createTokenSource(ask, now);
  const sourceOf = (address: KeyAddress) => (isMinted(address) ? tokens : secrets);
  return {
    read: address => sourceOf(address).read(address),
    standingOf: (address, versionId) => sourceOf(address).standingOf(address, versionId),
    reject: (address, versionId) => sourceOf(address).reject(address, versionId),
  };
}

function createTokenSource(ask: AskForToken, now: () => number): KeySource {
  const tokens = new Map<string, HeldToken & { isRefused?: true }>();

  return {
    async read(address) {
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
    async standingOf(address, versionId) {
      const held = tokens.get(shortName(address));
      if (held?.version.versionId !== versionId) return 'superseded';
      if (held.isRefused || now() >= held.endAt) return 'ending';
      return now() < held.renewAt ? 'current' : 'superseded';
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
