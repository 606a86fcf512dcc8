// How fast one peer is called by all who share this: at its quota where that is known, else as fast as it answers; slower once
// it refuses a call for its rate, and little by little faster again. Without it, a thousand keys at once would spend their
// tries on being refused.
import type { Clock } from '../../core/provider';
import { createIssuerTokens, type IssuerTokens } from './issuer-tokens';
import { createSlots, type Slots } from './slots';

/** What all who call one provider share. How often a call is sent, and how long it waits, is in http.ts alone. */
export interface CallLimits {
  rate: CallRate;
  slots: Slots;
  /** Of issuers that sign in. */
  tokens: IssuerTokens;
  /** What becomes of a create that was refused for its rate, and so not carried out. */
  refusedCreates: RefusedCreates;
}

/** Sent again in an emergency, which has nobody to try it later; else passed on. */
export type RefusedCreates = 'resend' | 'pass-on';

/** A thousand keys at once must not look like an attack to a provider. */
const callsAtOnce = 10;

/** @param quota calls a second; the provider is never called faster. @default - as fast as it answers */
export function createCallLimits(clock: Clock, refusedCreates: RefusedCreates, quota?: number): CallLimits {
  return {
    rate: createCallRate(clock, quota),
    slots: createSlots(callsAtOnce),
    tokens: createIssuerTokens(clock),
    refusedCreates,
  };
}

export interface CallRate {
  /** Resolves when it is the caller's turn: one after the other; at once where nobody waits. */
  turn(): Promise<void>;
  /** A call was answered. */
  answered(): void;
  /** A call was refused for its rate: nobody has a turn for so long, but for those who wait already. */
  refused(restMs: number): void;
}

/** Calls a second. */
const slowest = 0.5;
/** Calls a second; half of it after the first refusal of a peer whose quota is not known. */
const assumedQuota = 20;
/** Calls under way together are refused together: that counts once. */
const sameRefusalMs = 1_000;

/** @param quota calls a second that the peer allows; it is never called faster. @default - not known */
export function createCallRate(clock: Clock, quota?: number): CallRate {
  const fastest = quota ?? Number.POSITIVE_INFINITY;
  let perSecond = fastest;
  let next = 0;
  let refusedAt = Number.NEGATIVE_INFINITY;
  const nowMs = () => clock.now().getTime();
  return {
    async turn() {
      const now = nowMs();
      const mine = Math.max(now, next);
      next = mine + 1000 / perSecond;
      if (mine > now) await clock.sleep(mine - now);
    },

    answered() {
      perSecond = Math.min(fastest, perSecond + 1 / (4 * perSecond));
    },

    refused(restMs) {
      const now = nowMs();
      next = Math.max(next, now + restMs);
      if (now - refusedAt < sameRefusalMs) return;
      refusedAt = now;
      perSecond = Math.max(slowest, Math.min(perSecond, quota ?? assumedQuota) / 2);
    },
  };
}
