// Binds a federation to one server's settings: what the client may ask of it. The server's own process does this, since the JWT
// names the role that asks for it.
import { hasCode, KeyturnError } from '../../core/errors';
import type { Clock } from '../../core/provider';
import { secondMs } from '../../core/time';
import { createCallLimits } from '../http/call-rate';
import { issuerCalls } from './as-issuer';
import { asker } from './bind';
import type { FederateConnector, MintedToken } from './connector';
import { safeRepliesOf } from './safe-replies';
import { validSettings } from './validated';

/** What the JWT is to be that STS signs. */
export interface IdentityWish {
  audience: string;
  algorithm: 'RS256' | 'ES384';
  seconds: number;
}

export interface FederationBinding {
  settings: unknown;
  /** A new JWT each time: most providers take one for one exchange only. */
  identity(wish: IdentityWish): Promise<string>;
  clock: Clock;
}

/** Before an exchange is tried again, with another JWT: the answer to the first may be lost, and its JWT spent. */
const againMs = [500, 2 * secondMs];
/** A provider that is told to be asked later is, where that is soon. */
const toldWaitAtMostMs = 10 * secondMs;
/** Clocks differ. */
const slackMs = 60 * secondMs;

/** @returns how to get one token. It throws a KeyturnError: `refused`, where the provider does not trust the server's role */
export function bindFederation(
  connector: FederateConnector<unknown, unknown>,
  { settings: written, identity, clock }: FederationBinding,
): () => Promise<MintedToken> {
  const settings = validSettings(connector, written);
  const limits = createCallLimits(clock, 'pass-on');
  /** It works for a while longer when the next is asked for, and an answer may quote it. */
  let newest: string | undefined;
  const wish = {
    audience: connector.audience(settings),
    algorithm: connector.algorithm,
    seconds: connector.identitySeconds,
  };

  async function exchange(): Promise<MintedToken> {
    // It knows the secrets of this exchange alone: a server makes one every few minutes, for as long as it runs.
    const safe = safeRepliesOf(connector.title);
    const ask = asker(connector, settings, safe, clock, limits);
    const jwt = await identity(wish);
    const minted = safe.mintedToken(await ask(http => connector.exchange(http, jwt, settings), jwt, newest));
    newest = minted.token;
    const lives = Date.parse(minted.expiresAt) - clock.now().getTime();
    if (lives <= connector.tokenSecondsAtMost * secondMs + slackMs) return minted;
    throw new KeyturnError(
      'refused',
      `${connector.title} gave a token that lives for ${Math.round(lives / secondMs)} s, and a leaked one could be used for that long; set the lifetime of tokens to at most ${connector.tokenSecondsAtMost} s where ${connector.title} keeps its trust in this server`,
    );
  }

  return async () => {
    for (const wait of againMs) {
      try {
        return await exchange();
      } catch (error) {
        await clock.sleep(Math.max(toldWaitMs(error, clock) ?? wait, wait));
      }
    }
    return exchange();
  };
}

/** @throws what a later try would not change, or not within the time that somebody waits */
function toldWaitMs(error: unknown, clock: Clock): number | undefined {
  if (!hasCode(error, 'no-answer', 'provider-down', 'rate-limited')) throw error;
  const told = error.retryAt && error.retryAt.getTime() - clock.now().getTime();
  if (told !== undefined && told > toldWaitAtMostMs) throw error;
  return told;
}

export interface EnderBinding {
  settings: unknown;
  readIssuer(): Promise<unknown>;
  environment: string;
  clock: Clock;
}

/** How a provider's trust in a server ends without a person. */
export interface BoundEnder {
  ends: 'tokens' | 'exchanges';
  /** Safe to repeat. */
  disable(): Promise<void>;
  isDisabled(): Promise<boolean>;
}

/** @returns `undefined` where only a person can */
export function bindEnder(
  connector: FederateConnector<unknown, unknown>,
  { settings: written, clock, ...binding }: EnderBinding,
): BoundEnder | undefined {
  const { ender } = connector;
  const settings = validSettings(connector, written);
  if (!ender || ender.works?.(settings) === false) return undefined;
  const safe = safeRepliesOf(connector.title);
  const limits = createCallLimits(clock, 'pass-on');
  const ask = asker(connector, settings, safe, clock, limits);
  const { askWithIssuer } = issuerCalls(connector, binding, settings, { safe, ask, tokens: limits.tokens });
  return {
    ends: ender.ends,
    disable: () => askWithIssuer((http, issuer) => ender.disable(http, issuer, settings)),
    isDisabled: () => askWithIssuer((http, issuer) => ender.isDisabled(http, issuer, settings)),
  };
}
