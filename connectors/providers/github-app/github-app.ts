// Installation tokens of a GitHub App. The root is the app's private key, which GitHub lets only a person make and delete;
// its id is the fingerprint that GitHub shows beside it.
import { createHash, createPublicKey } from 'node:crypto';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';
import { minuteMs } from '../../../core/time';
import type { MintConnector } from '../../contract/connector';
import { bearer, placeholder } from '../../contract/presented';
import type { HttpReply } from '../../http/http';
import { readRsaKey } from '../../http/signed-jwt';
import { appToken, headers, said } from './github-api';
import { permissionNames, permissionsOf, scopesOf } from './github-permissions';

const settings = z.strictObject({
  /** The app's client id, or its number. */
  appId: z.string().check(z.regex(/^[\w.-]+$/)),
  installationId: z.string().check(z.regex(/^\d+$/)),
  /** Names without the owner; `all` is whatever the installation was given. */
  repositories: z.union([
    z.literal('all'),
    z.array(z.string().check(z.regex(/^[\w.-]+$/))).check(z.minLength(1), z.maxLength(500)),
  ]),
});
type Settings = z.infer<typeof settings>;

const minted = z.object({
  token: z.string(),
  expires_at: z.string(),
  permissions: z.optional(z.record(z.string(), z.string())),
});

/** A token that it does not know; a key that is none of the app's: clocks and suspensions have other words. */
const badCredentials = said(/^Bad credentials$/);
const notDecoded = said(/^A JSON web token could not be decoded$/);
const wrongClock = said(/^'(Issued at|Expiration time)' claim \('(iat|exp)'\)/);

export const githubApp: MintConnector<never, Settings> = {
  provider: 'github-app',
  title: 'GitHub',
  kind: 'mint',
  origins: () => ['https://api.github.com'],
  // https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
  tokenSeconds: 3600,
  steps: {
    make: "generate a private key in the app's settings on GitHub, under General, Private keys",
    end: "delete it in the app's settings on GitHub, under General, Private keys",
  },
  settings,
  scopes: 'required',
  knownScopes: {
    names: permissionNames,
    source: 'https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app',
  },
  adminScopes:
    /^(administration|members|workflows|environments|\w*secrets|\w*hooks|organization_(administration|custom\w*roles|personal\w*|self_hosted_runners)):(write|admin)$/,
  example: {
    scopes: ['contents:read'],
    settings: { appId: 'Iv23liExample', installationId: '12345678', repositories: ['docs'] },
    replace: 'scopes, appId, installationId and repositories: those of your GitHub App.',
  },
  secretPattern: /^-----BEGIN (RSA )?PRIVATE KEY-----\n/,
  callOrigins: () => ['https://api.github.com', 'https://uploads.github.com', 'https://github.com'],
  // The last one is for Git.
  presents: [
    bearer,
    { in: 'header', name: 'authorization', scheme: 'token' },
    { in: 'basic', user: { text: 'x-access-token' } },
  ],
  placeholder: `ghs_${placeholder(36)}`,
  unauthorizedMeansNotDone: true,
  propagation: { createMs: 0, revokeMs: minuteMs },

  async mint(http, root, { scopes, settings: { appId, installationId, repositories } }) {
    const reply = await http.send('POST', `/app/installations/${installationId}/access_tokens`, {
      headers,
      bearer: appToken(root.secret, appId, http.now()),
      json: { permissions: permissionsOf(scopes), ...(repositories !== 'all' && { repositories }) },
      expect: [401, 403, 404, 422],
      needs: 'the private key of an installed app',
    });
    if (reply.status >= 300) throw refusal(reply, root, installationId, scopes);
    const read = minted.safeParse(reply.body);
    if (!read.success) {
      throw new KeyturnError(
        'bad-reply',
        'GitHub answered with no usable token; its API may have changed, so look for a newer Keyturn',
      );
    }
    const { token, expires_at, permissions } = read.data;
    return { token, expiresAt: expires_at, scopes: permissions && scopesOf(permissions, scopes) };
  },

  // A fresh token can be refused for some seconds, until all of GitHub knows it.
  verifyToken(http, token) {
    const request = { headers, bearer: token, query: { per_page: 1 } };
    return http.probe('GET', '/installation/repositories', request, [
      ['accepted', 200, z.object({ repositories: z.array(z.unknown()) })],
      ['rejected', 401, badCredentials],
    ]);
  },

  tokenRevoker: () => async (http, _root, token) => {
    await http.send('DELETE', '/installation/token', {
      headers,
      bearer: token,
      expect: [401],
      needs: 'no right for this, so run it again later',
    });
  },

  async verify(http, root, { appId }) {
    try {
      const bearer = appToken(root.secret, appId, http.now());
      return await http.probe('GET', '/app', { headers, bearer }, [
        ['accepted', 200, z.object({ id: z.number() })],
        ['rejected', 401, notDecoded],
      ]);
    } catch {
      // Not a key at all: GitHub was not asked, so nothing is known of the one it holds.
      return 'unknown';
    }
  },

  keyIdOf(privateKey) {
    const der = createPublicKey(readRsaKey(privateKey)).export({ type: 'spki', format: 'der' });
    return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
  },
};

function refusal(
  { status, headers, body }: HttpReply,
  { keyId }: SecretValue,
  installationId: string,
  scopes: string[],
): KeyturnError {
  const answered = `GitHub answered ${status} when asked for a token of installation ${installationId}`;
  if (status === 401 && wrongClock.safeParse(body).success) {
    return new KeyturnError(
      'refused',
      `${answered}, because the clock here differs from GitHub's; set it right, and run this again`,
    );
  }
  if (status === 401 && notDecoded.safeParse(body).success) {
    return new KeyturnError(
      'key-rejected',
      `${answered}, so it does not accept the app's private key ${keyId}; ${githubApp.steps.make}, and store it with \`npx keyturn adopt\``,
    );
  }
  if (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0')) {
    return new KeyturnError('rate-limited', `${answered}; it limits calls for now, so run this again later`);
  }
  if (status === 422) {
    return new KeyturnError(
      'refused',
      `${answered} for [${scopes}]; grant them to the app, and check that the settings name repositories it is installed on`,
    );
  }
  return new KeyturnError(
    'refused',
    `${answered}; check that the app is still installed there, not suspended, and that the settings name the right installation`,
  );
}
