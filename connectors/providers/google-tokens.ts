// Access tokens of a Google service account. The root is a key of the account, which a person makes: only an admin of the account
// could make the next one, and servers shall get no more than an hour of some scopes.
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
import type { MintConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';
import type { Http, HttpReply } from '../http/http';
import { email, grant, granted, login, wrongKey } from './google-cloud/google-login';

const settings = z.strictObject({ serviceAccount: email });
export type Settings = z.infer<typeof settings>;

const about = z.object({ scope: z.string(), expires_in: z.union([z.string(), z.number()]) });
const notAToken = z.object({ error: z.literal('invalid_token') });
const noScope = z.object({ error: z.literal('invalid_scope') });
/** Enough to tell that a key is one: nobody gets the token. */
const leastScope = 'https://www.googleapis.com/auth/userinfo.email';

export const googleTokens: MintConnector<never, Settings> = {
  provider: 'google-tokens',
  title: 'Google Cloud',
  kind: 'mint',
  origins: () => [login],
  tokenSeconds: 3600,
  steps: {
    make: 'create a key of the service account in the Google Cloud console, under IAM & Admin, Service Accounts, Keys',
    end: 'delete it in the Google Cloud console, under IAM & Admin, Service Accounts, Keys',
  },
  settings,
  scopes: 'required',
  knownScopes: {
    form: {
      pattern: /^https:\/\/(www\.googleapis\.com\/auth\/[\w./-]+|[\w.]+\.google\.com\/[\w./-]*)$/,
      like: 'https://www.googleapis.com/auth/devstorage.read_only',
    },
    open: 'Google lists scopes for each of its APIs, and not all in one place',
  },
  adminScopes: /\/auth\/(cloud-platform|iam|compute|sqlservice\.admin|admin\.directory\.[\w.]+)$/,
  example: {
    scopes: ['https://www.googleapis.com/auth/devstorage.read_only'],
    settings: { serviceAccount: '{server}@example-project.iam.gserviceaccount.com' },
    replace: 'scopes and serviceAccount: what the server may do, and the email of the service account.',
  },
  secretPattern: /^-----BEGIN PRIVATE KEY-----\n/,
  callOrigins: () => ['https://*.googleapis.com'],
  presents: [bearer],
  placeholder: `ya29.${placeholder(64)}`,
  unauthorizedMeansNotDone: true,
  // No figures are documented; a new key has been seen to need a minute.
  propagation: { createMs: 120_000, revokeMs: 120_000 },

  async mint(http, root, { scopes, settings: { serviceAccount } }) {
    const key = { account: serviceAccount, kid: root.keyId, privateKey: root.secret };
    const form = grant(http, { ...key, scope: scopes.join(' ') });
    const call = { form, expect: [400, 401, 403], needs: 'a key of the service account' };
    const reply = await http.send('POST', '/token', call);
    if (reply.status >= 300) throw refusal(reply, serviceAccount, root.keyId, scopes);
    const read = granted.safeParse(reply.body);
    if (!read.success)
      throw new KeyturnError(
        'bad-reply',
        'Google answered with no usable token; its API may have changed, so look for a newer Keyturn',
      );
    const { access_token: token, expires_in } = read.data;
    const expiresAt = new Date(http.now().getTime() + expires_in * 1000).toISOString();
    return { token, expiresAt, scopes: await scopesOf(http, token) };
  },

  verifyToken(http, token) {
    return http.probe('GET', '/tokeninfo', { query: { access_token: token } }, [
      ['accepted', 200, about],
      ['rejected', 400, notAToken],
    ]);
  },

  // A token of a service account lives to its end, and longer than its key: https://cloud.google.com/iam/docs/service-account-creds
  tokenRevoker: () => undefined,

  async verify(http, { secret, keyId }, { serviceAccount }) {
    try {
      const form = grant(http, {
        account: serviceAccount,
        kid: keyId,
        privateKey: secret,
        scope: leastScope,
      });
      return await http.probe('POST', '/token', { form }, [
        ['accepted', 200, granted],
        ['rejected', 400, wrongKey],
      ]);
    } catch {
      // Not a key at all: Google was not asked.
      return 'unknown';
    }
  },
};

/** The answer that has a token does not tell what it may do. */
async function scopesOf(http: Http, token: string): Promise<string[]> {
  const call = { query: { access_token: token }, needs: 'a token that it just made', reply: about };
  return (await http.send('GET', '/tokeninfo', call)).body.scope.split(' ');
}

function refusal(
  { status, body }: HttpReply,
  account: string,
  keyId: string,
  scopes: string[],
): KeyturnError {
  const answered = `Google answered ${status} when asked for a token of ${account}`;
  if (wrongKey.safeParse(body).success)
    return new KeyturnError(
      'key-rejected',
      `${answered}, so it does not accept its key ${keyId}; ${googleTokens.steps.make}, and store it with \`npx keyturn adopt\``,
    );
  if (noScope.safeParse(body).success)
    return new KeyturnError(
      'refused',
      `${answered} for [${scopes}]; write scopes as https://developers.google.com/identity/protocols/oauth2/scopes has them`,
    );
  return new KeyturnError(
    'refused',
    `${answered} for [${scopes}]; check that the account exists and is not disabled, and that the clock here is right`,
  );
}
