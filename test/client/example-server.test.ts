// The example as its readers would run it: a process, an official client, AWS and SendGrid on loopback.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { openSecrets, type SecretsSetup } from '../support/secrets';

const root = join(__dirname, '../..');
const redirect = join(root, 'test/servers/redirect.cjs');

let secrets: SecretsSetup;
let sendgrid: Server;
let client: Client;
let printed: string;
const accepted = new Set<string>();
const mails: { to: string; key: string }[] = [];
const keyOf = (n: number) => `SG.FAKESECRETFAKESECRET0${n}.${'b'.repeat(43)}`;

const turnedAway = JSON.stringify({
  errors: [{ message: 'The provided authorization grant is invalid, expired, or revoked' }],
});

beforeAll(async () => {
  secrets = await openSecrets();
  secrets.addSecret('sendgrid');
  await secrets.put('sendgrid', keyOf(1));
  accepted.add(keyOf(1));
  sendgrid = createServer(async (request, response) => {
    const key = request.headers.authorization!.replace('Bearer ', '');
    const body = await text(request);
    if (!accepted.has(key)) return void response.writeHead(401).end(turnedAway);
    if (request.url === '/v3/mail/send')
      mails.push({ to: JSON.parse(body).personalizations[0].to[0].email, key });
    response.writeHead(request.url === '/v3/scopes' ? 200 : 202).end('{"scopes":["mail.send"]}');
  });
  await new Promise<void>(resolve => sendgrid.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(sendgrid.address() as AddressInfo).port}`;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--require', redirect, '--import', 'tsx', 'examples/mcp-server/server.ts'],
    env: {
      ...(process.env as Record<string, string>),
      KEYTURN_ENVIRONMENT: 'prod',
      KEYTURN_SERVER: 'support-bot',
      TEST_REDIRECT: `https://api.sendgrid.com ${origin}`,
      // Where usage is reported, nobody answers: the server must not mind.
      AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:9',
    },
    cwd: root,
    stderr: 'pipe',
  });
  printed = '';
  transport.stderr!.on('data', chunk => {
    printed += String(chunk);
  });
  client = new Client({ name: 'test', version: '1' });
  client.onerror = error => {
    printed += `client: ${error.message}`;
  };
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  sendgrid.closeAllConnections();
  sendgrid.close();
  await secrets.close();
});

interface Result {
  isError?: boolean;
  content: [{ text: string }];
}
const call = async (name: string, args = {}) =>
  (await client.callTool({ name, arguments: args })) as unknown as Result;
const send = (to: string) => call('send_mail', { to, subject: 'Hello', text: 'How are you?' });

it('sends mail with the key of the moment, and does not stumble over a rotation that revokes first', async () => {
  expect((await send('one@example.com')).content[0].text).toBe('The mail to one@example.com is on its way.');
  accepted.clear();
  await secrets.put('sendgrid', keyOf(2));
  accepted.add(keyOf(2));
  expect((await send('two@example.com')).isError).toBeUndefined();
  expect(mails).toEqual([
    { to: 'one@example.com', key: keyOf(1) },
    { to: 'two@example.com', key: keyOf(2) },
  ]);
});

it('says in words that its key is turned away', async () => {
  const checked = async () => (await call('check_keys')).content[0].text;
  expect(await checked()).toBe('All keys work.');
  accepted.clear();
  expect(await checked()).toMatch(
    /SendGrid refused the key prod\/sendgrid\/support-bot, but it refuses valid keys/,
  );
  const failed = await send('three@example.com');
  expect(failed.isError).toBe(true);
  expect(failed.content[0].text).toMatch(/rejected the key/);
});

it('writes nothing but the protocol to its output, and no key anywhere', async () => {
  const tools = await client.listTools();
  expect(tools.tools.map(({ name }) => name)).toEqual(['send_mail', 'check_keys']);
  expect(printed).not.toContain('client:');
  expect(printed).not.toContain('FAKESECRET');
});
