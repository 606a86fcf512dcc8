// A short-lived token in the place of a key: held until shortly before its end, and asked for once for all who wait.
import { fingerprint } from '../../core/key/generated-secret';
import type { KeyAddress } from '../../core/key/key-address';
import { type GivenToken, renewalTime } from '../../core/tokens/tokens';
import type { CachedKey } from './cached-key';
import type { HeldVersion } from './secret-reader';
import type { AskForToken, TokenWish } from './token-asker';

export interface TokenParts {
  ask: AskForToken;
  address: KeyAddress;
  scopes: readonly string[];
  /** A token is handed out though a newer one was wanted, and could not be had. */
  onStale(): void;
  now(): number;
}

export interface HeldToken {
  version: HeldVersion;
  renewAt: number;
  endAt: number;
}

/** Between attempts while no token can be had, and between fresh ones while an API keeps refusing. */
const patienceMs = 5_000;

export function createCachedToken({ ask, address, scopes, onStale, now }: TokenParts): CachedKey {
  let held: HeldToken | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let refusedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  function renew(wish: Partial<TokenWish> = {}): Promise<void> {
    asking ??= ask(address, { scopes, ...wish })
      .then(
        given => {
          held = heldToken(given, address.provider, now());
        },
        error => {
          failedAt = now();
          throw error;
        },
      )
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  return {
    async get() {
      if (!held || now() >= held.endAt) {
        await renew();
      } else if (now() >= held.renewAt) {
        const isAway = now() - failedAt < patienceMs;
        // In the background: this request has a token that still works.
        if (!isAway) renew().catch(() => {});
        else onStale();
      }
      return held!.version;
    },
    async afterRejection({ versionId }) {
      if (held?.version.versionId === versionId && now() - refusedAt >= patienceMs) {
        refusedAt = now();
        // Without another token there is nothing better to offer than the refusal itself.
        await renew({ refused: versionId }).catch(() => {});
      }
      await asking?.catch(() => {});
      return held && held.version.versionId !== versionId ? held.version : undefined;
    },
    accepted() {},
    // Tokens overlap by nature: using one to its end is no fault.
    isSuperseded: () => false,
  };
}

export function heldToken(
  { token, expiresAt, scopes }: GivenToken,
  provider: string,
  now: number,
): HeldToken {
  const keyId = fingerprint(token);
  const endAt = Date.parse(expiresAt);
  const issuedAt = new Date(now).toISOString();
  const value = { secret: token, keyId, provider, issuedAt, expiresAt, scopes };
  return { version: { versionId: keyId, value }, renewAt: renewalTime(now, endAt), endAt };
}
