// How a service account proves itself to Google, and gets a token for its key (RFC 7523).
import * as z from 'zod/mini';
import type { Http } from '../../http/http';
import { signJwt } from '../../http/signed-jwt';

export const login = 'https://oauth2.googleapis.com';

export const email = z.string().check(z.regex(/^[\w.-]+@[\w.-]+\.gserviceaccount\.com$/));

export const granted = z.object({
  access_token: z.string().check(z.minLength(1)),
  /** Seconds. */
  expires_in: z.number(),
});

/** Of a key that is no key of this account (any more). A wrong clock and a deleted account have other words. */
export const wrongKey = z.object({
  error: z.literal('invalid_grant'),
  error_description: z.literal('Invalid JWT Signature.'),
});

export interface ServiceAccountKey {
  account: string;
  /** The id of the key. */
  kid: string;
  /** PEM. */
  privateKey: string;
}

/** The form that asks for a token of an hour. @param scope several stand with spaces between them */
export function grant(
  http: Http,
  { account, kid, privateKey, scope }: ServiceAccountKey & { scope: string },
): Record<string, string> {
  const iat = Math.floor(http.now().getTime() / 1000);
  const claims = { iss: account, scope, aud: `${login}/token`, iat, exp: iat + 3600 };
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: signJwt(claims, privateKey, kid),
  };
}
