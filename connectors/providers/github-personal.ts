// Personal access tokens. GitHub lets nobody make them by an API, and lets whoever holds one end it: the call takes no other
// credential, and nobody can undo it.
import * as z from 'zod/mini';
import type { RevokeOnlyConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';

const user = z.object({ login: z.string(), id: z.number() });
const badCredentials = z.object({ message: z.literal('Bad credentials') });
const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
const hosts = () => ['https://api.github.com'] as const;

export const githubPersonal: RevokeOnlyConnector<never, Record<string, never>> = {
  provider: 'github-personal',
  title: 'GitHub',
  kind: 'revoke-only',
  example: { env: 'GITHUB_PERSONAL_ACCESS_TOKEN' },
  origins: hosts,
  callOrigins: hosts,
  presents: [bearer, { in: 'header', name: 'authorization', scheme: 'token' }],
  placeholder: `github_pat_${placeholder(82)}`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^(github_pat_\w{22,255}|ghp_\w{36,255})$/,
  secretMark: /^(github_pat_|ghp_)/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'generate a fine-grained token at github.com/settings/personal-access-tokens, for the repositories and permissions that this server needs, with an expiry',
    end: 'delete the token at github.com/settings/personal-access-tokens',
  },
  couldBe: 'use a GitHub App, whose tokens Keyturn mints and which live for an hour (`github-app`)',

  revoker: {
    by: 'holder',
    async revoke(http, { secret }) {
      // With a credential, GitHub refuses the call.
      const call = { headers, json: { credentials: [secret] } };
      await http.send('POST', '/credentials/revoke', { ...call, needs: 'no credential at all' });
    },
  },

  async expiry(http, { secret }) {
    const call = { headers, bearer: secret, needs: 'nothing: every token may ask this' };
    const told = (await http.send('GET', '/user', { ...call, reply: user })).headers.get(
      'github-authentication-token-expiration',
    );
    return told ? expiryIn(told) : undefined;
  },

  verify(http, { secret }) {
    return http.probe('GET', '/user', { headers, bearer: secret }, [
      ['accepted', 200, user],
      ['rejected', 401, badCredentials],
    ]);
  },
};

/** `2026-12-31 23:59:59 UTC`, or with an offset such as `+0200`. */
function expiryIn(told: string): Date | undefined {
  const [, date, time, zone = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|[+-]\d{4})$/.exec(told) ?? [];
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/(..)$/, ':$1');
  return date && time ? new Date(`${date}T${time}${offset}`) : undefined;
}
