// Personal access tokens: no API makes, lists or ends them. "Regenerate" ends the old one at once, so a second token is made instead.
import * as z from 'zod/mini';
import type { ManualConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';

const whoami = z.object({ id: z.string().check(z.startsWith('usr')) });
const unauthenticated = z.object({
  error: z.object({
    type: z.literal('AUTHENTICATION_REQUIRED'),
    message: z.literal('Authentication required'),
  }),
});

const hosts = () => ['https://api.airtable.com'] as const;

export const airtable: ManualConnector<Record<string, never>> = {
  provider: 'airtable',
  title: 'Airtable',
  kind: 'manual',
  example: { env: 'AIRTABLE_API_KEY' },
  origins: hosts,
  callOrigins: hosts,
  presents: [bearer],
  placeholder: `pat${placeholder(18).slice(0, 14)}.${'0'.repeat(64)}`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^pat[A-Za-z0-9]{14}\.[a-f0-9]{64}$/,
  secretMark: /^pat[A-Za-z0-9]{14}\.[a-f0-9]{64}$/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'create a second token at airtable.com/create/tokens, with the scopes and bases that this server needs',
    end: 'delete the old token at airtable.com/create/tokens',
  },

  verify(http, { secret }) {
    // Needs no scope.
    return http.probe('GET', '/v0/meta/whoami', { bearer: secret }, [
      ['accepted', 200, whoami],
      ['rejected', 401, unauthenticated],
    ]);
  },
};
