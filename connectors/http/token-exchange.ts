// A JWT that proves who a server is, exchanged for a token of the provider (RFC 7523, RFC 8693).
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import type { MintedToken } from '../../core/tokens/tokens';
import type { Http, HttpRequest } from './http';

export const grants = {
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
} as const;
export const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
export const jwtAssertion = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const granted = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: z.number().check(z.positive()),
  scope: z.optional(z.string()),
});
/** The standard's words for what went wrong (RFC 6749, section 5.2), or those of the provider's other errors. */
const word = z.string().check(z.regex(/^[a-z_]{1,40}$/));
const refusal = z.union([z.object({ error: word }), z.object({ error: z.object({ type: word }) })]);
const refusals = [400, 401, 403, 404, 422];

/**
 * Sends the JWT once: most providers take each for one exchange only.
 * @param trust what the provider calls that which has to name this identity: `the federation rule`
 * @throws {KeyturnError} refused, where the provider does not trust it, with what the trust has to name
 */
export async function exchangeIdentity(
  http: Http,
  path: string,
  request: Omit<HttpRequest, 'bearer' | 'basic'>,
  { title, trust, identity }: { title: string; trust: string; identity: string },
): Promise<MintedToken> {
  const askedMs = http.now().getTime();
  const call = { ...request, expect: refusals, once: true, needs: trust };
  const { status, body } = await http.send('POST', path, call);
  if (refusals.includes(status)) {
    throw new KeyturnError(
      'refused',
      `${title} does not accept the AWS identity of this server (it answered ${status}${wordOf(body)}); check that ${trust} exists, is enabled, and names ${claimsOf(identity)}`,
    );
  }
  const read = granted.safeParse(body);
  if (!read.success)
    throw new KeyturnError(
      'bad-reply',
      `${title} answered ${status} to POST ${path} without a usable token; its API may have changed, so look for a newer Keyturn`,
    );
  const { access_token, expires_in, scope } = read.data;
  return {
    token: access_token,
    // From when it was asked for: never later than the provider has it.
    expiresAt: new Date(askedMs + expires_in * 1000).toISOString(),
    ...(scope && { scopes: scope.split(' ') }),
  };
}

function wordOf(body: unknown): string {
  const read = refusal.safeParse(body);
  if (!read.success) return '';
  const { error } = read.data;
  return ` ${typeof error === 'string' ? error : error.type}`;
}

const claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
});

/** What stands in the JWT is no secret without its signature. */
function claimsOf(identity: string): string {
  const { iss, sub, aud } = claims.parse(
    JSON.parse(Buffer.from(identity.split('.')[1] ?? '', 'base64url').toString()),
  );
  return `the issuer ${iss}, the subject ${sub} and the audience ${[aud].flat().join(', ')}`;
}
