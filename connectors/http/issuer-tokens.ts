// Tokens that issuers get for their credential: each is fetched once for as long as it lives, by all who call the provider in
// this run together, and is never stored.
import type { Clock } from '../../core/provider';
import { minuteMs } from '../../core/time';
import type { Http } from './http';

/** What an issuer got for its credential. */
export interface IssuerToken {
  token: string;
  /** How long the provider takes it. */
  seconds: number;
}

export interface IssuerTokens {
  /** The one that lives, or a new one. @param fetch not called while another call of this waits for the same */
  of(credential: unknown, fetch: () => Promise<IssuerToken>): Promise<string>;
  /** The provider takes its token no more, whatever it said of its life. */
  forget(credential: unknown): void;
}

/** What is under way with a token shall end before it does. */
const spareMs = 5 * minuteMs;

export function createIssuerTokens(clock: Clock): IssuerTokens {
  const kept = new Map<string, { token: Promise<string>; freshUntilMs: number }>();
  return {
    of(credential, fetch) {
      const name = JSON.stringify(credential);
      const held = kept.get(name);
      if (held && clock.now().getTime() < held.freshUntilMs) return held.token;
      const entry = { token: Promise.resolve(''), freshUntilMs: Number.POSITIVE_INFINITY };
      const get = async () => {
        const askedMs = clock.now().getTime();
        try {
          const { token, seconds } = await fetch();
          const lifeMs = seconds * 1000;
          entry.freshUntilMs = askedMs + lifeMs - Math.min(spareMs, lifeMs / 2);
          return token;
        } catch (error) {
          kept.delete(name);
          throw error;
        }
      };
      entry.token = get();
      kept.set(name, entry);
      return entry.token;
    },
    forget: credential => void kept.delete(JSON.stringify(credential)),
  };
}

/** The same http, whose calls present the token unless they name something of their own. */
export function presenting(http: Http, token: string): Http {
  return { ...http, send: (method, path, call) => http.send(method, path, { bearer: token, ...call }) };
}
