// The official SDK's second generation on both sides: the client asks for no handshake, and listens on a stream of its own.
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { commandScript } from '../../support/command-script';
import { openSecrets, type SecretsSetup } from '../../support/secrets';
import { until } from './processes';

const root = join(__dirname, '../../..');
let secrets: SecretsSetup;
let client: Client;
let transport: StdioClientTransport;
let said: string;

/** @param onChanged hears how many tools there are, each time that they change */
async function connect(onChanged: (tools: number) => void = () => {}) {
  secrets = await openSecrets();
  secrets.addSecret('gitlab');
  await secrets.put('gitlab', 'FAKESECRET-key-one');
  const flags = ['--env', 'prod', '--server', 'support-bot', '--key', 'KEY=gitlab', '--metrics', 'none'];
  const command = [process.execPath, join(__dirname, 'fixtures/modern-server.mjs')];
  transport = new StdioClientTransport({
    command: process.execPath,
    args: [commandScript(), 'run', ...flags, '--', ...command],
    env: process.env as Record<string, string>,
    cwd: root,
    stderr: 'pipe',
  });
  said = '';
  (transport.stderr as Readable).on('data', chunk => {
    said += String(chunk);
  });
  client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: 'auto' },
      listChanged: { tools: { onChanged: (_error, tools) => onChanged(tools?.length ?? -1) } },
    },
  );
  await client.connect(transport);
}

const call = async (name: string) => JSON.stringify((await client.callTool({ name, arguments: {} })).content);

async function rotate(secret: string) {
  await secrets.put('gitlab', secret);
  process.kill(transport.pid!, 'SIGHUP');
  await until(async () => (await call('key')).includes(secret));
}

afterEach(async () => {
  await client.close();
  await secrets.close();
});

it('keeps a session that is in no process: streams go on, and other tools are announced on them', async () => {
  const told: number[] = [];
  await connect(tools => told.push(tools));
  expect(client.getProtocolEra()).toBe('modern');

  expect(await call('key')).toContain('FAKESECRET-key-one');
  await rotate('FAKESECRET-key-two');
  expect(told).toEqual([]);
  await rotate('FAKESECRET-key-three');
  await until(() => told.length > 0);
  expect(told).toEqual([3]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['key', 'ask', 'more']);
  expect(said).not.toMatch(/keyturn run: (?!the server's process)/);
});

it('goes on with a request that asks back in the process that began it, whatever rotates meanwhile', async () => {
  await connect();
  const keys = ['FAKESECRET-key-two', 'FAKESECRET-key-2b'];
  client.setRequestHandler('elicitation/create', async () => {
    await rotate(keys.shift()!);
    return { action: 'accept', content: { name: 'somebody' } };
  });
  expect(await call('ask')).toContain('FAKESECRET-key-one after 2 rounds');
  expect(keys).toEqual([]);
  expect(await call('key')).toContain('FAKESECRET-key-2b');
});
