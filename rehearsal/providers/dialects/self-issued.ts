// Here the MCP server is the team's own and the key is what its clients show: the fake plays that server.

import { bearerOf, type Dialect } from '../dialect';
import { retryAfter } from '../key-routes';

const origin = 'https://mcp.example.com';

export const selfIssued: Dialect = {
  provider: 'self-issued',
  evidence: [
    'docs 2026-11-28 https://modelcontextprotocol.io/specification/draft/basic/authorization: a bearer token on every request, 401 where it is not valid',
  ],
  sample: { settings: { prefix: 'acme' }, scopes: [] },
  origins: () => [origin],
  place: settings => String(settings.prefix ?? 'keyturn'),
  issuer: () => ({}),
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 1,
  tooMany: (now, resetAt) => ({
    status: 429,
    headers: retryAfter(now, resetAt),
  }),
  routes: [
    {
      kind: 'use',
      method: 'POST',
      path: '/mcp',
      answer: (call, account) => {
        const token = bearerOf(call);
        if (!token || !account.labelled().includes(token))
          return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
        return { status: 200, body: { jsonrpc: '2.0', id: call.json.id, result: { content: [] } } };
      },
    },
  ],
  verifyAnswers: [],
  use: value => ({
    url: `${origin}/mcp`,
    method: 'POST',
    headers: { authorization: `Bearer ${value.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'find_order', arguments: { id: 17 } },
    }),
  }),
};
