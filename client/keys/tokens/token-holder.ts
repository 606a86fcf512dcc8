// One short-lived token, requested once for all waiting calls.
import { fingerprint } from '../../../core/key/generated-secret';
import type { KeyAddress } from '../../../core/key/key-address';
import { type GivenToken, renewalTime } from '../../../core/tokens/tokens';
import type { KeyVersion } from '../secrets/secret-reader';
import type { AskForToken } from './token-asker';

export interface HeldToken {
  version: KeyVersion;
  renewAt: number;
  endAt: number;
  /** It is not to be given out again. */
  isRefused: boolean;
}

export interface TokenHolder {
  held(): HeldToken | undefined;
  /** Asks for a token, once for all waiting calls; one that was refused is not given again. */
  renew(): Promise<HeldToken>;
  /** The next one is to be another than this. */
  refuse(versionId: string): void;
}

export interface HolderParts {
  ask: AskForToken;
  address: KeyAddress;
  scopes: readonly string[];
  now(): number;
}

export function createTokenHolder({ ask, address, scopes, now }: HolderParts): TokenHolder {
  let held: HeldToken | undefined;
  let asking: Promise<HeldToken> | undefined;

  async function askAnew(): Promise<HeldToken> {
    const refused = held?.isRefused && held.version.versionId;
    const given = await ask(address, { scopes, ...(refused && { refused }) });
    const fresh = heldToken(given, address.provider, now());
    // The function gives the same token again while it is good.
    if (held?.version.versionId !== fresh.version.versionId) held = fresh;
    return held ?? fresh;
  }

  return {
    held: () => held,
    renew() {
      asking ??= askAnew().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    refuse(versionId) {
      if (held?.version.versionId === versionId) held = { ...held, isRefused: true };
    },
  };
}

function heldToken({ token, expiresAt, scopes }: GivenToken, provider: string, now: number): HeldToken {
  const keyId = fingerprint(token);
  const endAt = Date.parse(expiresAt);
  const issuedAt = new Date(now).toISOString();
  const value = { secret: token, keyId, provider, issuedAt, expiresAt, scopes };
  return { version: { versionId: keyId, value }, renewAt: renewalTime(now, endAt), endAt, isRefused: false };
}
