// Rules of short-lived tokens: no wider than the config, no longer than the tier allows, and minted once for all who ask.
import { KeyturnError } from '../errors';
import { fingerprint } from '../key/generated-secret';
import type { Tier } from '../key/key-spec';
import type { Clock, Verdict } from '../provider';
import { minuteMs } from '../time';

/** A token just minted. */
export interface MintedToken {
  token: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
  /** What the provider says it granted; absent where it does not say. */
  scopes?: string[];
}

/** A root, as far as the rules may ask it. It is bound in connectors/contract/bind-mint.ts. */
export interface TokenMint {
  mint(scopes: string[], lifetimeSeconds: number): Promise<MintedToken>;
  /** Asks the provider with the token itself; absent where there is no way. */
  verify?(token: string): Promise<Verdict>;
  /** Ends a token before its time; absent where there is no way. */
  revoke?(token: string): Promise<void>;
}

export interface TokenOrder {
  /** For people: `prod/github-app/support-bot`. */
  key: string;
  /** Changes with the root: tokens of the root before are not given out any more. */
  rootVersion: string;
  tier: Tier;
  /** What the config grants the server. */
  allowed: readonly string[];
  /** What the server wants of it. @default - all */
  asked?: readonly string[];
  /** Fingerprint of a token that was refused where it was used: it is not given out again. */
  refused?: string;
}

/** As the server gets it. */
export interface GivenToken {
  token: string;
  /** ISO 8601, UTC: as the tier has it, where the provider's own end is later. */
  expiresAt: string;
  scopes: string[];
}

export interface TokenBroker {
  /** @throws {KeyturnError} refused, where the order breaks a rule, or the provider's token would */
  give(order: TokenOrder, mint: TokenMint): Promise<GivenToken>;
  /**
   * Ends the tokens that outlive their tier, as far as their time is up; one that cannot be ended is kept for the next call.
   * @returns why some were not ended
   */
  endOverdue(): Promise<unknown[]>;
}

/** The longest life of a token that is given out. Seconds. */
export const tokenSecondsAtMost: Record<Tier, number> = { high: 30 * 60, normal: 60 * 60, low: 24 * 60 * 60 };

/** A token is minted afresh when this part of its life is left, and no later than this long before its end. */
const freshPart = 0.2;
const freshAtMostMs = 5 * minuteMs;
/** Clocks differ: a provider's hour may end later than ours. */
const clockSlackMs = minuteMs;

/** When a token that is got now should be renewed. All in milliseconds. */
export function renewalTime(now: number, endAt: number): number {
  return endAt - Math.min(freshAtMostMs, (endAt - now) * freshPart);
}

/** Between asking whether a fresh token is known: some providers take seconds to know their own. Nearly 16 s in all. */
const proofPausesMs = [250, 500, 1_000, 2_000, 4_000, 8_000];
/** After a token that was never accepted, none is minted for so long. */
const restMs = 60_000;
/** Where nobody can be asked, the refusal of a younger token is taken for a provider that does not know it yet. */
const youngMs = 30_000;

interface KeptToken extends GivenToken {
  mintedAt: number;
  renewAt: number;
}

interface OverlongToken {
  endAt: number;
  diesAt: number;
  end(): Promise<void>;
}

/** State lives in memory: tokens are cheap to mint. Where they are not, lambda/aws/secrets/token-root.ts keeps the last one. */
export function createTokenBroker(clock: Clock): TokenBroker {
  const kept = new Map<string, KeptToken>();
  const asking = new Map<string, Promise<KeptToken>>();
  const restsUntil = new Map<string, number>();
  let overlong: OverlongToken[] = [];

  async function mintFor(order: TokenOrder, scopes: string[], mint: TokenMint): Promise<KeptToken> {
    const minted = await mint.mint(scopes, tokenSecondsAtMost[order.tier]);
    const now = clock.now().getTime();
    const diesAt = Date.parse(minted.expiresAt);
    const limit = now + tokenSecondsAtMost[order.tier] * 1000;
    const isOverlong = diesAt > limit + clockSlackMs;
    const endAt = Math.min(diesAt, limit);
    const { revoke } = mint;
    const unfit = unfitness(order, scopes, minted, {
      lives: diesAt - now,
      mustEnd: isOverlong && !revoke,
    });
    if (unfit) {
      await revoke?.(minted.token);
      throw new KeyturnError('refused', `the token minted for ${order.key} ${unfit}`);
    }
    if (isOverlong && revoke) overlong.push({ endAt, diesAt, end: () => revoke(minted.token) });
    return {
      token: minted.token,
      expiresAt: new Date(endAt).toISOString(),
      scopes: minted.scopes ?? scopes,
      mintedAt: now,
      renewAt: renewalTime(now, endAt),
    };
  }

  /** @throws {KeyturnError} provider-down, where the provider goes on refusing what it minted: then it gets a rest */
  async function provenFor(
    place: string,
    order: TokenOrder,
    scopes: string[],
    mint: TokenMint,
  ): Promise<KeptToken> {
    const rest = (restsUntil.get(place) ?? 0) - clock.now().getTime();
    if (rest > 0) throw unproven(order, rest);
    const fresh = await mintFor(order, scopes, mint);
    for (const pause of [...proofPausesMs, undefined]) {
      // What cannot be told keeps no token back.
      if ((await mint.verify?.(fresh.token)) !== 'rejected') return fresh;
      if (pause) await clock.sleep(pause);
    }
    restsUntil.set(place, clock.now().getTime() + restMs);
    await mint.revoke?.(fresh.token);
    throw unproven(order, restMs);
  }

  /** A refusal may come from a server that did not know the token yet, or be told long after it was. */
  async function isStillGood({ token, mintedAt }: KeptToken, mint: TokenMint): Promise<boolean> {
    const verdict = (await mint.verify?.(token)) ?? 'unknown';
    if (verdict === 'accepted' || verdict === 'rejected') return verdict === 'accepted';
    return clock.now().getTime() - mintedAt < youngMs;
  }

  return {
    async give(order, mint) {
      const scopes = narrowScopes(order);
      const place = JSON.stringify([order.key, order.rootVersion, order.tier, scopes]);
      const known = kept.get(place);
      const isFresh = known && clock.now().getTime() < known.renewAt;
      if (isFresh && fingerprint(known.token) !== order.refused) return givenToken(known);
      const renewed = async () =>
        isFresh && (await isStillGood(known, mint)) ? known : provenFor(place, order, scopes, mint);
      // One for all who ask meanwhile.
      const answer = asking.get(place) ?? renewed().finally(() => asking.delete(place));
      asking.set(place, answer);
      const token = await answer;
      kept.set(place, token);
      return givenToken(token);
    },

    async endOverdue() {
      const now = clock.now().getTime();
      for (const [place, token] of kept) if (token.renewAt <= now) kept.delete(place);
      const due = overlong.filter(token => token.endAt <= now);
      overlong = overlong.filter(token => token.endAt > now);
      const failures: unknown[] = [];
      await Promise.all(
        due.map(token =>
          token.end().catch((error: unknown) => {
            failures.push(error);
            if (token.diesAt > now) overlong.push(token);
          }),
        ),
      );
      return failures;
    },
  };
}

function unproven({ key }: TokenOrder, restMs: number): KeyturnError {
  return new KeyturnError(
    'provider-down',
    `the provider does not accept the token that it minted for ${key}; see its status page, and try again in ${Math.ceil(restMs / 1000)} s`,
  );
}

/** Sorted, so that the same wish finds the same token. @throws {KeyturnError} refused, where the config does not grant one */
function narrowScopes({
  key,
  allowed,
  asked = allowed,
}: Pick<TokenOrder, 'key' | 'allowed' | 'asked'>): string[] {
  const beyond = asked.filter(scope => !allowed.includes(scope));
  if (!beyond.length && asked.length) return [...new Set(asked)].sort();
  throw new KeyturnError(
    'refused',
    beyond.length
      ? `${key} does not allow a token for [${beyond}]; ask for one or more of [${allowed}], or add the scope in config/keys.ts`
      : `${key} was asked for a token without scopes, which could mean all of them; ask for one or more of [${allowed}]`,
  );
}

/** Why a token is never handed out: it has more rights, or a longer life, than the rules allow. */
function unfitness(
  { tier }: TokenOrder,
  asked: string[],
  { expiresAt, scopes: granted = asked }: MintedToken,
  { lives, mustEnd }: { lives: number; mustEnd: boolean },
): string | undefined {
  const beyond = granted.filter(scope => !asked.includes(scope));
  if (beyond.length)
    return `also grants [${beyond}], so it was dropped; limit the root to the scopes in config/keys.ts`;
  if (!(lives > 0))
    return `ends at "${expiresAt}", which is not in the future; check the provider's clock and settings`;
  if (!mustEnd) return undefined;
  const minutes = { lives: Math.ceil(lives / minuteMs), allowed: tokenSecondsAtMost[tier] / 60 };
  return `is valid for ${minutes.lives} minutes and cannot be revoked earlier, but tier ${tier} allows ${minutes.allowed}; shorten its lifetime at the provider, give the settings a revocation endpoint, or change the tier`;
}

function givenToken({ token, expiresAt, scopes }: KeptToken): GivenToken {
  return { token, expiresAt, scopes };
}
