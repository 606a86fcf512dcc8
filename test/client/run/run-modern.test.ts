// The official SDK's second generation on both sides: the client asks for no handshake, and listens on a stream of its own.
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { openSecrets, type SecretsRig } from '../../support/secrets';
import { until } from './processes';

const root = join(__dirname, '../../..');
let secrets: SecretsRig;
let client: Client;
afterEach(async () => {
  await client.close();
  await secrets.close();
});

it('keeps a session that is in no process: streams go on, and other tools are announced on them', async () => {
  secrets = await openSecrets();
  secrets.addSecret('gitlab');
  await secrets.put('gitlab', 'FAKESECRET-key-one');
  const flags = ['--env', 'prod', '--server', 'support-bot', '--key', 'KEY=gitlab', '--metrics', 'none'];
  const command = [process.execPath, join(__dirname, 'fixtures/modern-server.mjs')];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--import', 'tsx', 'bin/keyturn.ts', 'run', ...flags, '--', ...command],
    env: process.env as Record<string, string>,
    cwd: root,
    stderr: 'pipe',
  });
  let said = '';
  (transport.stderr as Readable).on('data', chunk => {
    said += String(chunk);
  });
  const told: number[] = [];
  client = new Client(
    { name: 'test', version: '1' },
    {
      versionNegotiation: { mode: 'auto' },
      listChanged: { tools: { onChanged: (_error, tools) => told.push(tools?.length ?? -1) } },
    },
  );
  await client.connect(transport);
  expect(client.getProtocolEra()).toBe('modern');
  const key = async () => JSON.stringify((await client.callTool({ name: 'key', arguments: {} })).content);
  const rotate = async (secret: string) => {
    await secrets.put('gitlab', secret);
    process.kill(transport.pid!, 'SIGHUP');
    await until(async () => (await key()).includes(secret));
  };

  expect(await key()).toContain('FAKESECRET-key-one');
  await rotate('FAKESECRET-key-two');
  expect(told).toEqual([]);
  await rotate('FAKESECRET-key-three');
  await until(() => told.length > 0);
  expect(told).toEqual([2]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['key', 'more']);
  expect(said).not.toMatch(/keyturn run: (?!the server's process)/);
});
