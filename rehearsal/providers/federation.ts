// How fake providers know servers by their AWS role: the JWT is checked as a provider checks it, by the issuer's own key set, and
// then by what an admin of the provider has set up.
import type { JSONWebKeySet } from 'jose';
import type { Route, WireCall, WireReply } from './dialect';
import type { FakeAccount, Settings } from './fake-account';

/** An AWS account that signs JWTs. */
export interface IdentityIssuer {
  readonly issuer: string;
  keySet(): Promise<JSONWebKeySet>;
}

/** What a JWT says that is signed and has not ended. */
export interface ProvenIdentity {
  issuer: string;
  subject: string;
  audience: readonly string[];
  /** No two have the same. */
  id: string;
  endsAt: Date;
  algorithm: string;
}

/** What an admin has set up at the provider: who is trusted, and how a server names that. */
export interface Trust {
  settings: Settings;
  issuer: string;
  subject: string;
  enabled: boolean;
}

/** @returns `undefined` where the call has no JWT, or none of these issuers that holds now */
export async function provenIdentity(
  call: WireCall,
  issuers: readonly IdentityIssuer[],
  now: Date,
): Promise<ProvenIdentity | undefined> {
  const jwt = jwtIn(call);
  if (!jwt) return undefined;
  const { createLocalJWKSet, decodeJwt, jwtVerify } = await import('jose');
  try {
    const { iss } = decodeJwt(jwt);
    const known = issuers.find(({ issuer }) => issuer === iss);
    if (!known) return undefined;
    const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(await known.keySet()), {
      issuer: known.issuer,
      currentDate: now,
      requiredClaims: ['sub', 'aud', 'exp', 'iat', 'jti'],
    });
    return {
      issuer: known.issuer,
      subject: String(payload.sub),
      audience: [payload.aud ?? []].flat(),
      id: String(payload.jti),
      endsAt: new Date(Number(payload.exp) * 1000),
      algorithm: protectedHeader.alg,
    };
  } catch {
    // Forged, ended, or none at all: the provider says the same to each.
    return undefined;
  }
}

const jwtFields = ['subject_token', 'assertion', 'client_assertion'];

export function jwtIn({ form, json }: Pick<WireCall, 'form' | 'json'>): string | undefined {
  const found = jwtFields.map(name => form.get(name) ?? json[name]).find(text => text !== undefined);
  return typeof found === 'string' ? found : undefined;
}

export interface ExchangeOnTheWire {
  origin: string;
  path: string;
  /** What is sent besides the JWT, exactly; by these the trust is found. */
  fields(settings: Settings): Record<string, string>;
  /** What may be sent besides, or left out. */
  optional?: readonly string[];
  encoding: 'form' | 'json';
  jwtField: string;
  audience(settings: Settings): string;
  algorithms: readonly string[];
  /** What is told whose request is not as documented, and whose JWT is not trusted. */
  malformed: WireReply;
  refused: WireReply;
  token(account: FakeAccount): string;
  /** Seconds. @param identityLeft how long the JWT still holds */
  lives(identityLeft: number): number;
  granted(token: string, seconds: number): WireReply;
  /** It takes a JWT as often as it comes, until its end. @default - once */
  takesAgain?: true;
}

export function exchangeRoute(wire: ExchangeOnTheWire): Route {
  const spent = new WeakMap<FakeAccount, Set<string>>();
  const sent = ({ form, json }: WireCall): Record<string, unknown> =>
    wire.encoding === 'form' ? Object.fromEntries(form) : json;

  function trusts(call: WireCall, { settings, enabled, issuer, subject }: Trust): boolean {
    const { identity } = call;
    const given = sent(call);
    const wanted = wire.fields(settings);
    return (
      enabled &&
      identity !== undefined &&
      Object.entries(wanted).every(([name, value]) => given[name] === value) &&
      identity.issuer === issuer &&
      identity.subject === subject &&
      identity.audience.includes(wire.audience(settings)) &&
      wire.algorithms.includes(identity.algorithm)
    );
  }

  return {
    kind: 'exchange',
    method: 'POST',
    path: wire.path,
    when: call => call.origin === wire.origin,
    answer(call, account) {
      const given = Object.keys(sent(call));
      const names = [wire.jwtField, ...Object.keys(wire.fields(account.trusts[0]?.settings ?? {}))];
      const isStrange = given.some(name => !names.includes(name) && !wire.optional?.includes(name));
      const isShort = names.some(name => !given.includes(name) && !wire.optional?.includes(name));
      if (isStrange || isShort || call.headers.authorization) return wire.malformed;
      const trust = account.trusts.find(each => trusts(call, each));
      const used = spent.get(account) ?? new Set();
      spent.set(account, used);
      if (!trust || !call.identity || used.has(call.identity.id)) return wire.refused;
      if (!wire.takesAgain) used.add(call.identity.id);
      const left = Math.floor((call.identity.endsAt.getTime() - account.now().getTime()) / 1000);
      const seconds = wire.lives(left);
      const secret = wire.token(account);
      const key = account.add({
        id: account.fresh(20),
        place: `federation of ${trust.subject}`,
        secret,
        details: { trust },
      });
      // That a new key takes a while says nothing of a token.
      key.liveFrom = account.now();
      key.expiresAt = new Date(account.now().getTime() + seconds * 1000);
      return { ...wire.granted(secret, seconds), key };
    },
  };
}

/** As RFC 6749 has it, section 5.2. */
export const oauthError = (status: number, error: string, words?: string): WireReply => ({
  status,
  body: { error, ...(words && { error_description: words }) },
});

/** As RFC 6749 has it, section 5.1. */
export const oauthToken =
  (more: Record<string, unknown> = {}) =>
  (token: string, seconds: number): WireReply => ({
    status: 200,
    body: { access_token: token, token_type: 'Bearer', expires_in: seconds, ...more },
  });
