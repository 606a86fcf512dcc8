// Where an authorization server is asked, as which client, and what its refusals mean (RFC 6749, section 5.2).
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';
import type { HttpReply } from '../../http/http';
import { encodeForm, type HttpRequest } from '../../http/http-exchange';
import { signJwt } from '../../http/signed-jwt';

/** Servers may refuse one that holds for long. */
const assertionSeconds = 60;

const endpoint = z.string().check(
  z.refine(url => URL.canParse(url) && new URL(url).protocol === 'https:' && !/[@#]/.test(url), {
    error: 'is not an https address without user and fragment; write https://<host>/<path>',
    // What follows takes them for addresses.
    abort: true,
  }),
);

export const settings = z
  .strictObject({
    tokenUrl: endpoint,
    /** RFC 7009: lets a token end before its time. */
    revocationUrl: z.optional(endpoint),
    /** RFC 7662: lets a client secret be tried without making a token. */
    introspectionUrl: z.optional(endpoint),
    /** RFC 7591: lets Keyturn rotate the client. */
    registrationUrl: z.optional(endpoint),
    /** How the client proves itself. Of `private_key_jwt` (RFC 7523), the key's secret is an RSA private key in PEM. */
    authentication: z._default(
      z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt']),
      'client_secret_basic',
    ),
    /** Whom the JWT of `private_key_jwt` is for. @default - tokenUrl */
    assertionAudience: z.optional(z.string()),
    /** `refresh_token` where a person has consented: the secret's value then has a `refreshToken`. */
    grant: z._default(z.enum(['client_credentials', 'refresh_token']), 'client_credentials'),
    /** Whom tokens are for, where the server wants to know: Auth0 and others. */
    audience: z.optional(z.string()),
    /** The same by RFC 8707. */
    resource: z.optional(z.string()),
  })
  .check(
    z.refine(urls => originsOf(urls).length === 1, {
      error: 'name more than one host, and the client secret goes to all; use endpoints of one server',
    }),
    z.refine(({ grant, registrationUrl }) => grant !== 'refresh_token' || !registrationUrl, {
      error: 'name a registrationUrl, but a consent belongs to one client; leave it out',
    }),
    z.refine(
      ({ authentication, registrationUrl }) => authentication !== 'private_key_jwt' || !registrationUrl,
      {
        error: 'name a registrationUrl, which makes clients with secrets, and no private keys; leave it out',
      },
    ),
  );
export type Settings = z.infer<typeof settings>;

type Urls = Pick<Settings, 'tokenUrl' | 'revocationUrl' | 'introspectionUrl' | 'registrationUrl'>;

export function originsOf({ tokenUrl, revocationUrl, introspectionUrl, registrationUrl }: Urls): string[] {
  const urls = [tokenUrl, revocationUrl, introspectionUrl, registrationUrl].filter(url => url !== undefined);
  return [...new Set(urls.map(url => new URL(url).origin))];
}

/** Where tokens are used: at the API that they are for, where its name is an address (RFC 8707), and where they are made. */
export function apiOrigins({
  audience,
  resource,
  ...urls
}: Urls & Pick<Settings, 'audience' | 'resource'>): [string, ...string[]] {
  const named = [audience, resource].filter(name => name?.startsWith('https://') && URL.canParse(name));
  const [, ...others] = new Set(
    [urls.tokenUrl, ...named, ...originsOf(urls)].map(url => new URL(String(url)).origin),
  );
  return [new URL(urls.tokenUrl).origin, ...others];
}

export function pathOf(url: string): string {
  return new URL(url).pathname;
}

/** The parts of a request that say where, besides the path. */
export function placeOf(url: string): Pick<HttpRequest, 'origin' | 'query'> {
  const { origin, searchParams } = new URL(url);
  return { origin, query: Object.fromEntries(searchParams) };
}

/** The parts of a request by which the client proves itself, with its form. */
export function asClient(
  { keyId, secret }: SecretValue,
  { authentication, assertionAudience, tokenUrl }: Settings,
  now: Date,
  form: Record<string, string>,
): Pick<HttpRequest, 'basic' | 'form'> {
  switch (authentication) {
    case 'client_secret_basic': {
      // Both parts are form-encoded before they are joined (RFC 6749, section 2.3.1).
      const encode = (text: string) => encodeForm({ '': text }).slice(1);
      return { basic: { user: encode(keyId), password: encode(secret) }, form };
    }
    case 'client_secret_post':
      return { form: { ...form, client_id: keyId, client_secret: secret } };
    case 'private_key_jwt': {
      const seconds = Math.floor(now.getTime() / 1000);
      const times = { iat: seconds, exp: seconds + assertionSeconds };
      const claims = {
        iss: keyId,
        sub: keyId,
        aud: assertionAudience ?? tokenUrl,
        jti: randomUUID(),
        ...times,
      };
      return {
        form: {
          ...form,
          client_id: keyId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: signJwt(claims, secret),
        },
      };
    }
  }
}

/** The server's error code; its description may quote what was sent. */
function errorCodeOf({ body }: HttpReply): string | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined;
}

/** The standard's words for a client that failed to prove itself; a bare 401 may come from anybody on the way. */
export const invalidClient = z.object({ error: z.literal('invalid_client') });

export function refusalOf(
  reply: HttpReply,
  url: string,
  { keyId }: SecretValue,
  scopes: string[],
): KeyturnError {
  const code = errorCodeOf(reply);
  const answered = `${url} answered ${reply.status}${code ? ` (${code})` : ''} to the client ${keyId}`;
  if ([400, 401].includes(reply.status) && code === 'invalid_client') {
    return new KeyturnError(
      'key-rejected',
      `${answered}; see that the client exists and its secret was not changed there, and store the present one with \`npx keyturn adopt\``,
    );
  }
  if (code === 'invalid_grant') {
    return new KeyturnError(
      'key-rejected',
      `${answered}: its refresh token was used up, withdrawn or has expired; a person has to consent again and store the new one with \`npx keyturn adopt\``,
    );
  }
  if (code === 'invalid_scope') {
    return new KeyturnError(
      'refused',
      `${answered} for [${scopes}]; allow them for the client there, or take them out of config/keys.ts`,
    );
  }
  return new KeyturnError(
    'refused',
    `${answered}; see that the client may ask for this, and that the settings name the right address, audience and resource`,
  );
}
