// Restricted keys. What everybody has of the API knows no keys: a person makes and ends them in the Dashboard. Accounts that
// have the private preview of /v2/iam/api_keys name its version in the settings; then Keyturn lists and expires keys.
import * as z from 'zod/mini';
import type { RevokeOnlyConnector } from '../contract/connector';
import { timeOf } from '../contract/listed-time';
import { bearer, placeholder } from '../contract/presented';
import { everyPage } from '../http/paging';

const settings = z.strictObject({
  /** `2026-08-12.preview`, as Stripe has enabled it for the account. @default - a person ends the key */
  previewVersion: z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\d\.(preview|private)$/))),
});
export type Settings = z.infer<typeof settings>;

const listed = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.nullish(z.string()),
      status: z.string(),
      created: z.nullish(z.string()),
      expires_at: z.nullish(z.string()),
      last_used: z.nullish(z.string()),
    }),
  ),
  next_page_url: z.nullish(z.string()),
});
const balance = z.object({ object: z.literal('balance') });
const said = (message: RegExp) =>
  z.object({ error: z.object({ message: z.string().check(z.regex(message)) }) });
/** By this a restricted key is known that may not read the balance. */
const lacksPermission = said(
  /^The provided key '[rs]k_\S+' does not have (the required permissions for this endpoint|access to account)/,
);
const invalidKey = said(/^Invalid API Key provided: \S+$/);
const expiredKey = z.object({
  error: z.object({
    code: z.literal('api_key_expired'),
    message: z.string().check(z.startsWith('Expired API Key provided')),
  }),
});

const needs = 'the preview of /v2/iam/api_keys, and the right to manage API keys';
const keysPath = '/v2/iam/api_keys';
const hosts = () => ['https://api.stripe.com'] as const;
const callFor = (bearer: string, { previewVersion = '' }: Settings) => ({
  bearer,
  headers: { 'stripe-version': previewVersion },
  needs,
});

export const stripe: RevokeOnlyConnector<{ secretKey: string }, Settings> = {
  provider: 'stripe',
  title: 'Stripe',
  kind: 'revoke-only',
  example: { env: 'STRIPE_SECRET_KEY' },
  origins: hosts,
  // Stripe's own MCP server passes on to the second.
  callOrigins: () => ['https://api.stripe.com', 'https://mcp.stripe.com'],
  presents: [bearer],
  placeholder: `rk_live_${placeholder(99)}`,
  unauthorizedMeansNotDone: true,
  settings,
  scopes: 'none',
  secretPattern: /^[rs]k_(live|test)_\w{20,247}$/,
  secretMark: /^[rs]k_(live|test)_/,
  // "For a short time": no figure is documented.
  propagation: { createMs: 0, revokeMs: 60_000 },
  steps: {
    make: 'create a restricted key in the Stripe Dashboard, under Developers, API keys, with the permissions that this server needs',
    end: 'expire the key in the Stripe Dashboard, under Developers, API keys, at once',
  },

  revoker: {
    by: 'issuer',
    tells: ['createdAt', 'lastUsedAt', 'expiresAt'],
    works: ({ previewVersion }) => previewVersion !== undefined,
    issuer: z.object({ secretKey: z.string().check(z.regex(/^[rs]k_(live|test)_/)) }),
    issuerHelp: `{"secretKey"}: a key of the account that has ${needs}`,

    list(http, { secretKey }, settings) {
      return everyPage('Stripe', async (next: string | undefined) => {
        const query = next
          ? Object.fromEntries(new URL(next, 'https://api.stripe.com').searchParams)
          : { limit: 100 };
        const call = { ...callFor(secretKey, settings), query, reply: listed };
        const { data, next_page_url } = (await http.send('GET', keysPath, call)).body;
        const items = data
          .filter(({ status }) => status === 'active')
          .map(({ id, name, created, expires_at, last_used }) => ({
            id,
            ...(name && { name }),
            ...(created && { createdAt: new Date(created) }),
            expiresAt: timeOf(expires_at),
            lastUsedAt: timeOf(last_used),
          }));
        return { items, next: next_page_url ?? undefined };
      });
    },

    async revoke(http, { secretKey }, keyId, settings) {
      const path = `${keysPath}/${encodeURIComponent(keyId)}/expire`;
      await http.send('POST', path, { ...callFor(secretKey, settings), json: {}, expect: [404] });
    },
  },

  verify(http, { secret }) {
    return http.probe('GET', '/v1/balance', { bearer: secret }, [
      ['accepted', 200, balance],
      ['accepted', 403, lacksPermission],
      ['rejected', 401, invalidKey],
      ['rejected', 401, expiredKey],
    ]);
  },
};
