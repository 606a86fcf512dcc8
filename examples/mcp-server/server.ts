// A whole MCP server that sends mail, and never has its SendGrid key in a file or a variable. The key rotates while it runs.
//
//   KEYTURN_ENVIRONMENT=dev KEYTURN_SERVER=support-bot npx tsx server.ts
//
// It speaks MCP over stdio, so it needs AWS credentials in its environment, and a client in front of it.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createKeys, type Key, KeyRejected, withKey } from 'keyturn/client';
import { z } from 'zod';

// The environment and the server's name, as config/keys.ts has them, come from KEYTURN_ENVIRONMENT and KEYTURN_SERVER.
const keys = createKeys({ variables: { SENDGRID_API_KEY: 'sendgrid' } });

const mail = {
  to: z.email().describe('Who gets the mail'),
  subject: z.string().min(1),
  text: z.string().min(1),
};

/** Called with a key that works; called once more with a newer one where SendGrid does not know this one any more. */
async function sendMail(
  { secret }: Key,
  { to, subject, text }: { to: string; subject: string; text: string },
) {
  const response = await fetch('https://api.sendgrid.com/v3/mail/send', {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      personalizations: [{ to: [{ email: to }] }],
      from: { email: 'support@example.com' },
      subject,
      content: [{ type: 'text/plain', value: text }],
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status === 401) throw new KeyRejected();
  if (!response.ok) throw new Error(`SendGrid answered ${response.status}; the mail to ${to} was not sent`);
  return { content: [{ type: 'text' as const, text: `The mail to ${to} is on its way.` }] };
}

/** What keeps this server's keys from working: for whoever runs it, and for the model that wonders why a call failed. */
async function checkKeys() {
  const findings = await keys.check({ verify: true });
  const text = findings.map(finding => `${finding.severity}: ${finding.text}`).join('\n') || 'All keys work.';
  return { content: [{ type: 'text' as const, text }] };
}

const server = new McpServer({ name: 'support-bot', version: '1.0.0' });
server.registerTool(
  'send_mail',
  { description: 'Sends a mail', inputSchema: mail },
  withKey(keys, 'sendgrid', sendMail),
);
server.registerTool('check_keys', { description: "Checks this server's keys" }, checkKeys);

server.connect(new StdioServerTransport());

// The client closes standard input to end the server. What has been counted is reported first.
process.stdin.on('close', async () => {
  await keys.close();
  process.exit(0);
});
