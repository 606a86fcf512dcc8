// The same tools in a server that nobody changed for Keyturn: it speaks MCP over stdio, takes its keys from variables, and
// holds on to them for as long as its process lives. `keyturn run` starts it; see mcp-host.ts.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import type { Dialect } from '../providers/dialect';
import { routedFetch } from '../providers/routed-fetch';
import { needed } from '../world/needed';

export const callShape = {
  provider: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** Variable -> field of the key that it holds. */
  env: z.record(z.string(), z.string()),
  /** Virtual time, which this process does not have. */
  now: z.string(),
};

export async function serveOnEnv(dialects: Dialect[]): Promise<void> {
  const reach = routedFetch(Number(process.env.REHEARSAL_PROVIDER_PORT), fetch);
  const server = new McpServer({ name: 'on-env', version: '1' });
  server.registerTool('call', { inputSchema: callShape }, async ({ provider, settings, env, now }) => {
    const { use } = needed(
      dialects.find(dialect => dialect.provider === provider),
      `a dialect of ${provider}`,
    );
    const fields = Object.entries(env).map(([variable, field]) => [field, process.env[variable]]);
    const value = { secret: '', keyId: '', provider, issuedAt: now, ...Object.fromEntries(fields) };
    const { url, ...request } = use(value, settings, new Date(now));
    const reply = await reach(url, request);
    await reply.body?.cancel();
    return { isError: !reply.ok, content: [{ type: 'text', text: `answered ${reply.status}` }] };
  });
  await server.connect(new StdioServerTransport());
}
