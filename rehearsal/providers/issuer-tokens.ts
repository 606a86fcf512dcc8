// Tokens that a fake provider hands to issuers that sign in, and takes from them until they end.
import { bearerOf, type WireCall, type WireReply } from './dialect';
import type { FakeAccount } from './fake-account';

const ends = new WeakMap<FakeAccount, Map<string, number>>();

/** The answer of a token endpoint (RFC 6749, section 5.1). */
export function issuerToken(account: FakeAccount, seconds: number): WireReply {
  const access_token = account.freshSecret(60);
  account.remember(access_token);
  const tokens = ends.get(account) ?? new Map<string, number>();
  ends.set(account, tokens.set(access_token, account.now().getTime() + seconds * 1000));
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: seconds } };
}

export function hasIssuerToken(call: WireCall, account: FakeAccount): boolean {
  const end = ends.get(account)?.get(bearerOf(call) ?? '');
  return end !== undefined && account.now().getTime() < end;
}

/** The standard's answer to a client that failed to prove itself (RFC 6749, section 5.2). */
export function invalidClient(error_description = 'Client authentication failed'): WireReply {
  return { status: 401, body: { error: 'invalid_client', error_description } };
}
