// Secrets of internal integrations: only the dashboard makes one, and to refresh a secret there ends the old one at once. So the next
// key is the secret of a second integration.
import * as z from 'zod/mini';
import type { ManualConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';

const headers = { 'notion-version': '2022-06-28' };
const bot = z.object({ object: z.literal('user') });
const failure = (code: string, message: z.ZodMiniType) =>
  z.object({ object: z.literal('error'), code: z.literal(code), message });
const invalidToken = failure('unauthorized', z.literal('API token is invalid.'));
/** By this a token is known that may not read users. */
const restricted = failure('restricted_resource', z.string().check(z.minLength(1)));

const hosts = () => ['https://api.notion.com'] as const;

export const notion: ManualConnector<Record<string, never>> = {
  provider: 'notion',
  title: 'Notion',
  kind: 'manual',
  example: { env: 'NOTION_TOKEN' },
  origins: hosts,
  callOrigins: hosts,
  presents: [bearer],
  placeholder: `ntn_${placeholder(46)}`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^(ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43})$/,
  secretMark: /^ntn_/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'create a second internal integration at notion.so/profile/integrations, with the capabilities that this server needs, and share the same pages with it',
    end: 'delete the old integration at notion.so/profile/integrations',
  },
  couldBe: 'use a public integration of Notion, whose tokens Keyturn mints (`oauth-client`)',

  verify(http, { secret }) {
    return http.probe('GET', '/v1/users/me', { headers, bearer: secret }, [
      ['accepted', 200, bot],
      ['accepted', 403, restricted],
      ['rejected', 401, invalidToken],
    ]);
  },
};
