// Keys that clients of your own MCP server show to it. The server accepts what carries AWSCURRENT or AWSPREVIOUS, so there
// is nobody to call: all that can be told of such a key here is whether it is whole.
import * as z from 'zod/mini';
import { checksumHolds, fingerprint, generateSecret } from '../../core/key/generated-secret';
import type { SelfIssuedConnector } from '../contract/connector';

export const selfIssued: SelfIssuedConnector<{ prefix?: string }> = {
  provider: 'self-issued',
  title: 'Self-issued',
  kind: 'self-issued',
  settings: z.strictObject({
    prefix: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9_]{0,18}[a-z0-9]$/))),
  }),
  scopes: 'none',
  example: { purpose: 'clients', env: 'CLIENT_KEY' },
  secretPattern: /^[a-z][a-z0-9_]*_[0-9A-Za-z]{49}$/,
  propagation: { createMs: 0, revokeMs: 0 },

  generate({ settings }) {
    const secret = generateSecret(settings.prefix);
    return { keyId: fingerprint(secret), secret };
  },

  verify: async (_http, { secret }) => (checksumHolds(secret) ? 'accepted' : 'rejected'),
};
