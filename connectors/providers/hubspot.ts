// Tokens of private apps, and service keys: no API makes, lists or ends them. HubSpot rotates them in its own settings, and leaves the old one
// alive for seven days unless told otherwise.
import * as z from 'zod/mini';
import type { ManualConnector } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';

const details = z.object({ portalId: z.number() });
const failure = (...categories: string[]) =>
  z.object({
    status: z.literal('error'),
    category: z.enum(categories),
    correlationId: z.string(),
    message: z.string(),
  });

const hosts = () => ['https://api.hubapi.com'] as const;

export const hubspot: ManualConnector<Record<string, never>> = {
  provider: 'hubspot',
  title: 'HubSpot',
  kind: 'manual',
  example: { env: 'PRIVATE_APP_ACCESS_TOKEN' },
  origins: hosts,
  // HubSpot's own MCP server asks the second.
  callOrigins: () => ['https://api.hubapi.com', 'https://api.hubspot.com'],
  presents: [bearer],
  placeholder: `pat-na1-${placeholder(36)}`,
  unauthorizedMeansNotDone: true,
  settings: z.strictObject({}),
  scopes: 'none',
  secretPattern: /^pat-(na|eu|ap)\d-[\w-]{30,}$/,
  secretMark: /^pat-(na|eu|ap)\d-/,
  // None is documented.
  propagation: { createMs: 0, revokeMs: 0 },
  steps: {
    make: 'open the private app or service key in the settings of HubSpot, under Integrations, and choose "Rotate and expire later"',
    end: 'open the private app or service key in the settings of HubSpot, under Integrations, and choose "Expire now" for the old token',
  },
  couldBe: 'use an OAuth app of HubSpot, whose tokens Keyturn mints (`oauth-client`)',

  verify(http, { secret }) {
    return http.probe('GET', '/account-info/v3/details', { bearer: secret }, [
      ['accepted', 200, details],
      ['accepted', 403, failure('MISSING_SCOPES')],
      ['rejected', 401, failure('INVALID_AUTHENTICATION', 'EXPIRED_AUTHENTICATION')],
    ]);
  },
};
