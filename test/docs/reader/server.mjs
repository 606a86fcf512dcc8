#!/usr/bin/env node
// An MCP server that nobody changed. Tells as its name which of its variables hold a key.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const names = ['SENDGRID_API_KEY', 'OPENAI_API_KEY', 'GITLAB_TOKEN', 'API_TOKEN', 'APP_TOKEN'];
// Reached over HTTP: ends once it has answered, as it had to when it was asked whether it is ready.
if (process.env.PORT) {
  const server = createServer((_request, response) =>
    response.end(() => setTimeout(() => process.exit(0), 500)),
  );
  server.listen(Number(process.env.PORT), '127.0.0.1');
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (method !== 'initialize') continue;
  const serverInfo = { name: `has ${names.filter(name => process.env[name]).join(' ')}`, version: '1' };
  const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}
