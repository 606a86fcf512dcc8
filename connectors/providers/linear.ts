// Personal API keys: the public schema has no call that makes, lists or ends them.
import * as z from 'zod/mini';
import type { ManualConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';

const viewer = z.object({ data: z.object({ viewer: z.object({ id: z.string() }) }) });
const notAuthenticated = z.object({
  errors: z.tuple([
    z.object({
      message: z.literal('Authentication required, not authenticated'),
      extensions: z.object({ code: z.literal('AUTHENTICATION_ERROR') }),
    }),
  ]),
});

const hosts = () => ['https://api.linear.app'] as const;

export const linear: ManualConnector<Record<string, never>> = {
  provider: 'linear',
  title: 'Linear',
  kind: 'manual',
  example: { env: 'LINEAR_API_KEY' },
  origins: hosts,
  callOrigins: hosts,
  presents: [{ in: 'header', name: 'authorization' }],
  placeholder: `lin_api_${placeholder(40)}`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^lin_api_[0-9A-Za-z]{40}$/,
  secretMark: /^lin_api_/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'create a second key at linear.app/settings/account/security, with the permissions and teams that this server needs',
    end: 'delete the old key at linear.app/settings/account/security',
  },
  couldBe: 'use an OAuth application of Linear, whose tokens Keyturn mints (`oauth-client`)',

  verify(http, { secret }) {
    // Without "Bearer", which is for OAuth tokens.
    const request = { headers: { authorization: secret }, json: { query: '{ viewer { id } }' } };
    return http.probe('POST', '/graphql', request, [
      ['accepted', 200, viewer],
      // Seen with both.
      ['rejected', 401, notAuthenticated],
      ['rejected', 400, notAuthenticated],
    ]);
  },
};
