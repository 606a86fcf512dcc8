// Keys of a subscription: no API makes, lists or ends them. To verify one is to search, which costs a query.
import * as z from 'zod/mini';
import type { ManualConnector } from '../contract/connector';
import { placeholder } from '../contract/presented';

const found = z.object({ type: z.literal('search') });
const invalidToken = z.object({
  type: z.literal('ErrorResponse'),
  error: z.object({
    code: z.literal('SUBSCRIPTION_TOKEN_INVALID'),
    detail: z.literal('The provided subscription token is invalid.'),
  }),
});

const hosts = () => ['https://api.search.brave.com'] as const;

export const braveSearch: ManualConnector<Record<string, never>> = {
  provider: 'brave-search',
  title: 'Brave Search',
  kind: 'manual',
  example: { env: 'BRAVE_API_KEY' },
  origins: hosts,
  callOrigins: hosts,
  presents: [{ in: 'header', name: 'x-subscription-token' }],
  placeholder: `BSA${placeholder(28)}`,
  // It turns keys away with 422, and nothing but searches is called.
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^BSA[\w-]{24,}$/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'add a key in api-dashboard.search.brave.com, under API keys, beside the old one',
    end: 'delete the old key in api-dashboard.search.brave.com, under API keys',
  },

  verify(http, { secret }) {
    const headers = { accept: 'application/json', 'x-subscription-token': secret };
    return http.probe('GET', '/res/v1/web/search', { headers, query: { q: 'ping', count: 1 } }, [
      ['accepted', 200, found],
      ['rejected', 422, invalidToken],
    ]);
  },
};
