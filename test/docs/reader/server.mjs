#!/usr/bin/env node
// An MCP server that nobody changed. Tells as its name which of its variables hold a key.
import { createInterface } from 'node:readline';

const names = ['SENDGRID_API_KEY', 'OPENAI_API_KEY', 'GITLAB_TOKEN', 'API_TOKEN', 'APP_TOKEN'];
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (method !== 'initialize') continue;
  const serverInfo = { name: `has ${names.filter(name => process.env[name]).join(' ')}`, version: '1' };
  const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}
